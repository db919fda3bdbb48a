// A provider in memory whose machines run, are suspended, or are stopped. It outlives the "processes" of a test.
import type { OperationContext } from '../../src/plugins/contract/context.ts'
import { operation, type PluginOperation, type PowerState } from '../../src/plugins/contract/operation.ts'
import { freezeResume, freezeSuspend } from '../../src/lifecycle/operations.ts'
import type { Store, Write } from '../../src/store/store.ts'
import type { NodeSketch, SiteOptions } from './site.ts'

export interface PowerProvider {
  readonly states: Record<string, PowerState>
  readonly log: string[]
  readonly operations: Readonly<Record<string, PluginOperation>>
  /** Calls that have no effect, though they succeed: `suspend a`. */
  readonly deaf: Set<string>
}

export function powerProvider(states: Record<string, PowerState>): PowerProvider {
  const log: string[] = []
  const deaf = new Set<string>()
  const power = async (ctx: OperationContext): Promise<PowerState> => states[ctx.instance.id] ?? 'running'
  const turn = (verb: string, to: PowerState): PluginOperation =>
    operation({
      power,
      async run(ctx) {
        const { id } = ctx.instance
        log.push(`${verb} ${id}`)
        if (!deaf.has(`${verb} ${id}`)) states[id] = to
      },
    })
  return { states, log, deaf, operations: { suspend: turn('suspend', 'suspended'), resume: turn('resume', 'running') } }
}

const calls = { [freezeSuspend]: 'suspend', [freezeResume]: 'resume' }

/** One machine for each state, none depending on another. */
export function machines(states: Readonly<Record<string, PowerState>>): readonly NodeSketch[] {
  return Object.keys(states).map((id) => ({ id, isCompute: true, operations: calls }))
}

/** The rows that records of power states refer to. */
export const powerPast: NonNullable<SiteOptions['past']> = [
  [insert('blueprints', ['b', 'b.yaml', null, 'digest', '{}', 0]), insert('deployments', ['d', 'b', '{}', '{}', 0])],
]

function insert(table: string, row: readonly (string | number | null)[]): Write {
  return { sql: `insert into ${table} values (${row.map(() => '?').join(', ')})`, rows: [row] }
}

export async function recordsOf(store: Store): Promise<Record<string, string>> {
  const rows = await store.read<{ instance_id: string; state: string }>('select * from power_states')
  return Object.fromEntries(rows.map((row) => [row.instance_id, row.state]))
}
