// statistics: asks every node that measures itself, and keeps the figures as series.
import { Type } from '../kernel/schema.ts'
import { isJsonObject, type Json } from '../kernel/json.ts'
import { statisticsPerformance } from '../lifecycle/operations.ts'
import { defineWorkflow, type Statistic } from '../plugins/contract/workflow.ts'
import { warnWhenIdle } from './nothing-to-do.ts'
import { forwarded, selection } from './parameters.ts'

export const statistics = defineWorkflow({
  name: 'statistics',
  description: 'Collects performance figures',
  parameters: Type.Object(selection),
  async run(run, parameters) {
    const members = run.select(parameters)
    warnWhenIdle(run, members, [statisticsPerformance])
    await run.walk(statisticsPerformance, {
      instances: members,
      order: 'none',
      inputs: forwarded(parameters),
      onResult: (member, result) => run.record(member, figuresIn(result)),
    })
  },
})

/** Every number in a result, under its dotted name; `{ value, unit }` is one figure with its unit. */
export function figuresIn(result: Json, name = ''): readonly Statistic[] {
  if (typeof result === 'number')
    return Number.isFinite(result) ? [{ name: name || 'value', unit: null, value: result }] : []
  if (Array.isArray(result)) return result.flatMap((item: Json, index) => figuresIn(item, join(name, String(index))))
  if (!isJsonObject(result)) return []
  const { value, unit } = result
  if (typeof value === 'number' && !Number.isFinite(value)) return []
  if (typeof value === 'number') return [{ name: name || 'value', unit: typeof unit === 'string' ? unit : null, value }]
  return Object.entries(result).flatMap(([key, item]) => figuresIn(item, join(name, key)))
}

const join = (left: string, right: string): string => (left === '' ? right : `${left}.${right}`)
