// ssh.thaw: file systems of a host go on. What is not frozen is left as it is.
import { fault } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import { thawOperation } from '../../contract/operation.ts'
import { nameOf } from '../client/errors.ts'
import { unlessDown } from '../deadman/down.ts'
import { runScript } from '../deadman/guest-deadman.ts'
import { hostOf } from '../host/host-of.ts'
import { withHost } from '../host/shared-connections.ts'
import { thawScript } from '../../guest/mounts.ts'
import { MountInputs, mountsOf } from './mounts.ts'

export const thaw = thawOperation({
  inputs: MountInputs,
  async thaw(ctx, inputs) {
    const { paths } = await mountsOf(ctx, inputs)
    const settings = await hostOf(ctx, inputs.host as JsonObject | undefined)
    const script = `{\n${thawScript(paths)}} </dev/null\n`
    const result = await unlessDown(ctx, settings, () =>
      withHost(settings, ctx, (connection) => runScript(ctx, connection, settings, script)),
    )
    if (result === undefined || result.code === 0) return
    const reason = result.stderr.toString('utf8').trim().slice(-1000) || `exit code ${result.code ?? result.signal}`
    throw fault('ssh.command_failed', { details: { host: nameOf(settings.target), reason }, effect: 'unknown' })
  },
})
