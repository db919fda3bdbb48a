// The deadman on a hypervisor that is reached over SSH: a script in its memory that thaws the guest with virsh, where
// virsh is.
import type { OperationContext } from '../../contract/context.ts'
import { quoteWord } from '../../ssh/client/quote.ts'
import { guestDeadman, type Thaw } from '../../ssh/deadman/guest-deadman.ts'
import { accessOf } from '../access.ts'
import { sshTargetOf } from '../client/transports/ssh.ts'
import { parseUri } from '../client/uri.ts'
import { domainOf, hypervisorOfNode } from '../domain/domain-of.ts'
import type { LibvirtSettings } from '../settings.ts'

/** The same contract as that of hosts: only what it runs, and where, is ours. */
export const onHypervisor = guestDeadman({
  async thawOf(ctx) {
    const { dom, settings } = await domainOf(ctx)
    return { settings: await hostOf(ctx, settings), script: thawScript(parseUri(settings.uri).name, dom.uuid) }
  },
  settingsOf: async (ctx) => hostOf(ctx, (await hypervisorOfNode(ctx)).settings),
})

export const isOverSsh = (uri: string): boolean => parseUri(uri).way === 'ssh'

async function hostOf(ctx: OperationContext, settings: LibvirtSettings): Promise<Thaw['settings']> {
  return { target: await sshTargetOf(parseUri(settings.uri), await accessOf(ctx, settings)) }
}

/** An agent that hangs must not hold it up for ever: it is tried again then. */
function thawScript(uri: string, uuid: string): string {
  const virsh = `LC_ALL=C virsh -q -c ${quoteWord(uri)}`
  return `${virsh} guest-agent-timeout ${uuid} --timeout 5 >/dev/null 2>&1
${virsh} domfsthaw ${uuid}
`
}
