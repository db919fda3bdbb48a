// What a node says of itself: how long its operations take and what it can carry. Seconds in the blueprint, milliseconds here.
import type { Duration } from '../../kernel/duration.ts'
import type { OperationContext } from '../contract/context.ts'

export interface SimSettings {
  readonly freezeTime: Duration
  readonly cutTime: Duration
  readonly settleTime: Duration
  readonly workTime: Duration
  readonly hasDeadman: boolean
}

export function settingsOf(ctx: Pick<OperationContext, 'node'>): SimSettings {
  const { properties } = ctx.node
  const length = (name: string, otherwise: Duration): Duration => {
    const value = properties[name]
    return typeof value === 'number' && value >= 0 ? Math.round(value * 1000) : otherwise
  }
  return {
    freezeTime: length('freeze_time', 10),
    cutTime: length('cut_time', 200),
    settleTime: length('settle_time', 1000),
    workTime: length('work_time', 50),
    hasDeadman: properties['deadman'] !== 'none',
  }
}
