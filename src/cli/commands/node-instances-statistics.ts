// `node-instances statistics`: each statistic with its last value, its range and its course.
import type { StatisticsSeries } from '../../engine/api.ts'
import type { CommandDefinition } from '../definition.ts'
import { shortTime } from '../instant-text.ts'
import { sparkline } from '../sparkline.ts'
import type { Cell } from '../table.ts'

const sparklineWidth = 24

export const nodeInstancesStatistics: CommandDefinition = {
  words: 'node-instances statistics',
  summary: 'show what the statistics workflow measured',
  arguments: [{ name: 'NODE_INSTANCE_ID', description: 'the node instance' }],
  async run(call) {
    const id = call.argument(0)
    await call.printList({
      items: await (await call.fermata()).nodeInstances.statistics(id),
      head: ['STATISTIC', 'UNIT', 'LAST', 'MIN', 'MAX', 'POINTS', 'COURSE', 'MEASURED (UTC)'],
      row: seriesRow,
      none: `There are no statistics of '${id}'; run the workflow 'statistics' first.`,
    })
  },
}

function seriesRow({ name, unit, points }: StatisticsSeries): readonly Cell[] {
  const values = points.map((point) => point.value)
  const last = points.at(-1)
  const [least, most] = values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  )
  if (last === undefined) return [name, unit, null, null, null, 0, null, null]
  const course = sparkline(values.slice(-sparklineWidth))
  return [name, unit, short(last.value), short(least), short(most), values.length, course, shortTime(last.time)]
}

/** At most six digits: a table is for looking, --json for reckoning. */
function short(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(6))
}
