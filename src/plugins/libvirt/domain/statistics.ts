// statistics.perfomance of a domain: two looks at its counters, and the share of the time between them that it computed.
import { seconds } from '../../../kernel/duration.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { stats, statsGroups } from '../client/flags.ts'
import { valuesOf } from '../client/structs.ts'
import { missing } from '../errors.ts'
import { domainOf, type NodeDomain } from './domain-of.ts'
import { isOff, stateOf } from './state.ts'
import { usageBetween, type Figure, type Figures, type Sample } from './usage.ts'

const usualLength = seconds(1)
const groups =
  statsGroups.state |
  statsGroups.cpu |
  statsGroups.balloon |
  statsGroups.vcpu |
  statsGroups.interface |
  statsGroups.block

export const performance = operation({
  async run(ctx, inputs) {
    const place = await domainOf(ctx, inputs)
    const before = await sampleOf(ctx, place)
    // What is off computes nothing; there is nothing to wait for.
    const length = isOff(await stateOf(ctx, place)) ? 0 : (place.settings.options.seconds('sample', 60) ?? usualLength)
    await ctx.world.clock.sleep(length, ctx.signal)
    const figures = usageBetween(before, length === 0 ? before : await sampleOf(ctx, place))
    // In the original's form: what it knew were these two.
    ctx.instance.runtimeProperties['stat'] = valuesIn(figures)
    return figures
  },
})

async function sampleOf(ctx: OperationContext, { hypervisor, dom }: NodeDomain): Promise<Sample> {
  const { clock } = ctx.world
  const asked = clock.monotonic()
  const args = { doms: [dom], stats: groups, flags: stats.nowait }
  const { retStats } = await hypervisor.call('CONNECT_GET_ALL_DOMAIN_STATS', args, { signal: ctx.signal })
  const [found] = retStats
  if (found === undefined) throw missing(hypervisor, 'domain', dom.name)
  return { at: (asked + clock.monotonic()) / 2, counters: valuesOf(found.params) }
}

function valuesIn(figures: Figures): JsonObject {
  return Object.fromEntries(
    Object.entries(figures).map(([name, one]) => [name, isFigure(one) ? one.value : valuesIn(one)]),
  )
}

const isFigure = (one: Figure | Figures): one is Figure => typeof one['value'] === 'number'
