// Hosts that are down while state is put back: nothing of them moves, so they need no freeze, no thaw and no deadman. A
// backup needs its hosts up, and so does a host that we froze ourselves: its thaw is owed.
import { asFault } from '../../../kernel/fault.ts'
import { seconds } from '../../../kernel/duration.ts'
import type { OperationContext } from '../../contract/context.ts'
import { nameOf } from '../client/errors.ts'
import type { HostSettings } from '../host/settings.ts'
import { withHost } from '../host/shared-connections.ts'

/** Holds the execution that took the host for down. */
const property = 'taken_for_down'
const gatewayPatience = seconds(10)
const pair = ['cloudify.interfaces.freeze.fs_prepare', 'cloudify.interfaces.freeze.fs_finalize']

/** The prepare or finalize of a bracket, or nothing where the host is down and may be. */
export async function unlessDown<Value>(
  ctx: OperationContext,
  settings: HostSettings,
  work: () => Promise<Value>,
): Promise<Value | undefined> {
  const { runtimeProperties } = ctx.instance
  const isFinalize = ctx.operation.name === pair[1]
  if (!pair.includes(ctx.operation.name)) return work()
  try {
    const value = await work()
    delete runtimeProperties[property]
    return value
  } catch (thrown) {
    if (isFinalize && runtimeProperties[property] !== ctx.execution.id) throw thrown
    const reason = await whyDown(ctx, settings, thrown)
    if (reason === undefined) throw thrown
    if (isFinalize) delete runtimeProperties[property]
    else runtimeProperties[property] = ctx.execution.id
    await ctx.save()
    ctx.log.warning(`${reason}: it is taken to be down, and so stands still already`)
    return undefined
  }
}

/** The words of what was thrown, where it tells of a host that is down and may be. */
export async function whyDown(
  ctx: OperationContext,
  { target }: HostSettings,
  thrown: unknown,
): Promise<string | undefined> {
  if (ctx.bracket?.purpose !== 'replace' || ctx.signal.aborted) return undefined
  const { code, details, message } = asFault(thrown)
  const isSilent = code === 'ssh.unreachable' && details['host'] === nameOf(target) && details['is_silent'] === true
  return isSilent && (await gatewayAnswers(ctx, { target })) ? message : undefined
}

/** Behind a gateway that has gone silent itself everybody seems to be down. */
async function gatewayAnswers(ctx: OperationContext, { target }: HostSettings): Promise<boolean> {
  const gateway = target.jumps.at(-1)
  if (!gateway) return true
  const settings = { target: { ...gateway, jumps: target.jumps.slice(0, -1) } }
  try {
    const options = { signal: ctx.signal, timeout: gatewayPatience }
    await withHost(settings, ctx, (connection) => connection.exec(['true'], options))
    return true
  } catch (thrown) {
    // One that only hands on runs no commands, and says so.
    return asFault(thrown).code === 'ssh.channel_refused'
  }
}
