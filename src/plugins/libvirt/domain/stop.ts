// lifecycle.stop and lifecycle.delete of a domain. Only what this node defined is turned off or deleted, found by its uuid;
// one that is external keeps running.
import { formatDuration, seconds, type Duration } from '../../../kernel/duration.ts'
import { Fault } from '../../../kernel/fault.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { hasCode } from '../client/errors.ts'
import { undefine } from '../client/flags.ts'
import { askGuest } from './ask-guest.ts'
import { findDomain, hypervisorOfNode, knownUuid, type NodeDomain } from './domain-of.ts'
import { destroy } from './destroy.ts'
import { goOn } from './go-on.ts'
import { isOff, isRunning, reach, stateOf, type StateOfDomain } from './state.ts'

const usualPatience = seconds(300)
/** One that is still booting hears nothing of its power button. */
const askAgain = seconds(10)

export const stop = operation({
  async run(ctx, inputs) {
    const place = await ownDomain(ctx, inputs)
    if (place === undefined) return
    await turnOff(ctx, place)
    delete ctx.instance.runtimeProperties['ip']
    ctx.log.info(`Stopped domain ${place.dom.name}`)
  },
})

export const remove = operation({
  async run(ctx, inputs) {
    const place = await ownDomain(ctx, inputs)
    if (place !== undefined) {
      await destroy(ctx, place)
      await forget(ctx, place)
      ctx.log.info(`Deleted domain ${place.dom.name}`)
    }
    for (const name of ['resource_id', 'domain_uuid', 'ip', 'stat']) delete ctx.instance.runtimeProperties[name]
  },
})

/** undefined: there is nothing of ours. */
async function ownDomain(ctx: OperationContext, inputs: JsonObject): Promise<NodeDomain | undefined> {
  const place = await hypervisorOfNode(ctx, inputs)
  const { hypervisor, settings } = place
  const uuid = knownUuid(ctx)
  if (settings.isExternal) ctx.log.info(`Domain ${settings.resourceId} is external and left as it is`)
  if (settings.isExternal || uuid === undefined) return undefined
  const dom = await findDomain(ctx, hypervisor, { uuid })
  return dom && { ...place, dom }
}

async function turnOff(ctx: OperationContext, place: NodeDomain): Promise<void> {
  const found = await stateOf(ctx, place)
  if (found.state === 'shut off') return
  const limit = found.state === 'crashed' ? 0 : (place.settings.options.seconds('stop_timeout') ?? usualPatience)
  const end = ctx.world.clock.monotonic() + limit
  if (limit > 0 && (await shutDown(ctx, place, found, end))) return
  if (limit > 0)
    ctx.log.warning(`Domain ${place.dom.name} did not shut down within ${formatDuration(limit)} and is turned off`)
  await destroy(ctx, place)
}

/** False: it does not, in the time that it has. */
async function shutDown(
  ctx: OperationContext,
  place: NodeDomain,
  found: StateOfDomain,
  end: Duration,
): Promise<boolean> {
  // What stands still hears nothing.
  if (!isRunning(found)) await goOn(ctx, place, found)
  const { clock } = ctx.world
  for (;;) {
    await askGuest(ctx, place, 'DOMAIN_SHUTDOWN_FLAGS')
    if (await isOffWithin(ctx, place, Math.min(askAgain, end - clock.monotonic()))) return true
    if (clock.monotonic() >= end) return false
  }
}

async function isOffWithin(ctx: OperationContext, place: NodeDomain, limit: Duration): Promise<boolean> {
  const reached = reach(ctx, place, { word: 'shut down', limit, isReached: isOff })
  return reached.then(
    () => true,
    (thrown: unknown) => {
      if (thrown instanceof Fault && thrown.code === 'libvirt.not_reached') return false
      throw thrown
    },
  )
}

/** With all that libvirt keeps beside it; its disks are not the domain's. */
async function forget(ctx: OperationContext, { hypervisor, dom }: NodeDomain): Promise<void> {
  const flags = undefine.managedSave | undefine.snapshotsMetadata | undefine.checkpointsMetadata | undefine.nvram
  await hypervisor.call('DOMAIN_UNDEFINE_FLAGS', { dom, flags }, { signal: ctx.signal }).catch((thrown: unknown) => {
    if (!hasCode(thrown, 'NO_DOMAIN')) throw thrown
  })
}
