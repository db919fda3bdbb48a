// lifecycle.start and lifecycle.reboot of a domain. A start is over when it runs, and has an address if it is to have one.
import { formatDuration, seconds, type Duration } from '../../../kernel/duration.ts'
import { fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { Reader } from '../reader.ts'
import { addressOf, hasInterfaces } from './address.ts'
import { askGuest } from './ask-guest.ts'
import { destroy } from './destroy.ts'
import { domainOf, type NodeDomain } from './domain-of.ts'
import { goOn, unlessDone } from './go-on.ts'
import { isOff, isRunning, reach, stateOf, type StateOfDomain } from './state.ts'

const usualPatience = seconds(600)

export const start = operation({
  async run(ctx, inputs) {
    const place = await domainOf(ctx, inputs)
    await run(ctx, place)
    ctx.log.info(`Started domain ${place.dom.name}`)
    const isAwaited = new Reader(place.settings.params, 'params').boolean('wait_for_ip') ?? true
    if (isAwaited && (await hasInterfaces(ctx, place))) await awaitAddress(ctx, place)
  },
})

/** A guest that powers off instead of booting anew is started again. */
export const reboot = operation({
  async run(ctx, inputs) {
    const place = await domainOf(ctx, inputs)
    if (isRunning(await stateOf(ctx, place))) await bootAnew(ctx, place)
    await run(ctx, place)
    ctx.log.info(`Rebooted domain ${place.dom.name}`)
  },
})

/** Resolves when the guest has been reset, or is off. */
async function bootAnew(ctx: OperationContext, place: NodeDomain): Promise<void> {
  const { hypervisor, dom } = place
  const { signal } = ctx
  let isReset = false
  const end = await hypervisor.events.listen('reboot', { uuid: dom.uuid, onEvent: () => (isReset = true), signal })
  try {
    await askGuest(ctx, place, 'DOMAIN_REBOOT')
    const isReached = (found: StateOfDomain): boolean => isReset || isOff(found)
    await reach(ctx, place, { word: 'rebooted', limit: patienceOf(place), isReached })
  } finally {
    await end()
  }
}

async function run(ctx: OperationContext, place: NodeDomain): Promise<void> {
  const { hypervisor, dom } = place
  const found = await stateOf(ctx, place)
  if (found.state === 'crashed') await destroy(ctx, place)
  if (isOff(found)) await unlessDone(hypervisor.call('DOMAIN_CREATE', { dom }, { signal: ctx.signal }))
  else if (!isRunning(found)) await goOn(ctx, place, found)
  await reach(ctx, place, { word: 'started', limit: patienceOf(place), isReached: isRunning, isHopeless: isOff })
}

const patienceOf = ({ settings }: NodeDomain): Duration => settings.options.seconds('start_timeout') ?? usualPatience

async function awaitAddress(ctx: OperationContext, place: NodeDomain): Promise<void> {
  const { clock } = ctx.world
  const limit = patienceOf(place)
  const end = clock.monotonic() + limit
  for (;;) {
    const ip = await addressOf(ctx, place)
    if (ip !== undefined) {
      ctx.instance.runtimeProperties['ip'] = ip
      return ctx.log.info(`Domain ${place.dom.name} has the address ${ip}`)
    }
    if (clock.monotonic() >= end)
      throw fault('libvirt.no_address', { details: { name: place.dom.name, limit: formatDuration(limit) } })
    await clock.sleep(seconds(1), ctx.signal)
  }
}
