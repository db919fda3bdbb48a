// The deadman on a hypervisor that is reached over SSH: a script in its memory that thaws the guest with virsh, where
// virsh is.
import { seconds } from '../../../kernel/duration.ts'
import type { OperationContext } from '../../contract/context.ts'
import { quoteWord } from '../../ssh/client/quote.ts'
import { guestDeadman, runScript, type Thaw } from '../../ssh/deadman/guest-deadman.ts'
import { withHost } from '../../ssh/host/shared-connections.ts'
import { accessOf } from '../access.ts'
import { sshTargetOf } from '../client/transports/ssh.ts'
import { parseUri } from '../client/uri.ts'
import { domainOf, hypervisorOfNode } from '../domain/domain-of.ts'
import type { LibvirtSettings } from '../settings.ts'

const patience = seconds(20)

/** The same contract as that of hosts: only what it runs, and where, is ours. */
export const onHypervisor = guestDeadman({
  async thawOf(ctx) {
    const { dom, settings } = await domainOf(ctx)
    const host = await hostOf(ctx, settings)
    const virsh = `LC_ALL=C virsh -q -c ${quoteWord(uriThere(settings.uri))}`
    const result = await withHost(host, ctx, (connection) =>
      runScript(ctx, connection, host, `${virsh} domstate ${dom.uuid}\n`, { timeout: patience }),
    )
    if (result.code === 0) return { settings: host, script: thawScript(virsh, dom.uuid) }
    return `virsh on the hypervisor does not know the domain: ${result.stderr.toString('utf8').trim().slice(-300)}`
  },
  settingsOf: async (ctx) => hostOf(ctx, (await hypervisorOfNode(ctx)).settings),
})

export const isOverSsh = (uri: string): boolean => parseUri(uri).way === 'ssh'

async function hostOf(ctx: OperationContext, settings: LibvirtSettings): Promise<Thaw['settings']> {
  return { target: await sshTargetOf(parseUri(settings.uri), await accessOf(ctx, settings)) }
}

/** As it is called on the machine itself. */
function uriThere(uri: string): string {
  const { name, parameters } = parseUri(uri)
  if (parameters.socket === undefined) return name
  return `${name.replace('://', '+unix://')}?socket=${encodeURIComponent(parameters.socket)}`
}

/** An agent that hangs must not hold it up for ever: it is tried again then. */
const thawScript = (virsh: string, uuid: string): string =>
  `${virsh} guest-agent-timeout ${uuid} --timeout 5 >/dev/null 2>&1
${virsh} domfsthaw ${uuid}
`
