// freeze.suspend and freeze.resume of a domain: paused, or off with its memory saved; both end with the state read back.
import { seconds } from '../../../kernel/duration.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation, type AnyInputs } from '../../contract/operation.ts'
import { domainOf, type NodeDomain } from './domain-of.ts'
import { cannot, goOn, unlessDone } from './go-on.ts'
import { hasSavedMemory, inWords, isOff, isPaused, isRunning, powerOf, reach, stateOf } from './state.ts'

const suspendModes = ['pause', 'managedsave'] as const
const patience = seconds(30)

const power = async (ctx: OperationContext, inputs: AnyInputs) => powerOf(ctx, await domainOf(ctx, inputs))

export const suspend = operation({
  power,
  async run(ctx, inputs) {
    const place = await domainOf(ctx, inputs)
    const mode = place.settings.options.oneOf('suspend_mode', suspendModes) ?? 'pause'
    const found = await stateOf(ctx, place)
    if (isPaused(found) || found.state === 'pm-suspended')
      return ctx.log.info(`Domain ${place.dom.name} is ${inWords(found)}`)
    if (isOff(found)) {
      if (await hasSavedMemory(ctx, place)) return ctx.log.info(`Domain ${place.dom.name} is off with its memory saved`)
      throw cannot(place, found, 'suspended')
    }
    await (mode === 'pause' ? pause(ctx, place) : saveMemory(ctx, place))
    ctx.log.info(`Suspended domain ${place.dom.name}`)
  },
})

export const resume = operation({
  power,
  async run(ctx, inputs) {
    const place = await domainOf(ctx, inputs)
    const found = await stateOf(ctx, place)
    if (isRunning(found)) return ctx.log.info(`Domain ${place.dom.name} runs`)
    await goOn(ctx, place, found)
    await reach(ctx, place, { word: 'resumed', limit: patience, isReached: isRunning, isHopeless: isOff })
    ctx.log.info(`Resumed domain ${place.dom.name}`)
  },
})

async function pause(ctx: OperationContext, place: NodeDomain): Promise<void> {
  const { hypervisor, dom } = place
  await hypervisor.urgent.call('DOMAIN_SUSPEND', { dom }, { signal: ctx.signal })
  await reach(ctx, place, { word: 'suspended', limit: patience, isReached: isPaused, isHopeless: isOff })
}

async function saveMemory(ctx: OperationContext, place: NodeDomain): Promise<void> {
  const { hypervisor, dom } = place
  // A save that was begun by an attempt whose connection broke goes on without it.
  await unlessDone(hypervisor.call('DOMAIN_MANAGED_SAVE', { dom }, { signal: ctx.signal }))
  const found = await reach(ctx, place, { word: 'suspended', limit: patience, isReached: isOff })
  // It may have ended while it was being saved; then there is nothing to go on from.
  if (!(await hasSavedMemory(ctx, place))) throw cannot(place, found, 'resumed, since its memory was not saved')
}
