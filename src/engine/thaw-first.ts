// Thaws what the ledger holds as frozen while no living engine runs the execution that froze it. This comes before
// anything else is begun or carried on: who stands still waits for nothing but that.
import type { Duration } from '../kernel/duration.ts'
import { asFault, fault, type Fault, type FaultRecord } from '../kernel/fault.ts'
import { logEvent } from '../lifecycle/events.ts'
import type { Journal } from '../lifecycle/journal.ts'
import { thawLeftovers } from '../lifecycle/thaw-leftovers.ts'
import type { ExecutionRow, FreezeRow } from '../store/tables.ts'
import type { Engine } from './engine.ts'
import { openJournal, pastOf, PluginSet, siteOf, type ExecutionControl } from './execution-site.ts'
import { frozenNow, type FrozenRecord, type ThawOptions, type ThawReport } from './frozen.ts'
import { loadPlan } from './plans.ts'

export interface ThawFirstOptions extends ThawOptions {
  /** How long to wait for nodes that do not answer; default: as long as their thaws take. */
  readonly patience?: Duration
  /** Executions that were tried before are left out; this one's are added. */
  readonly tried?: Set<string>
}

/** Of each instance that was frozen when its execution had become ours: what went wrong; null: it is thawed. */
type Outcomes = ReadonlyMap<string, Fault | null>

/** One at a time in an engine: who comes second must not begin before the first one's thaws are done. */
const underWay = new WeakMap<Engine, Promise<unknown>>()

/** This engine must be registered. */
export async function thawFirst(engine: Engine, options: ThawFirstOptions = {}): Promise<ThawReport> {
  const before = underWay.get(engine)
  const mine = (before ?? Promise.resolve()).then(() => thawAll(engine, options))
  // The next one waits for the end, however this one ends.
  const ended = mine.catch(() => {})
  underWay.set(engine, ended)
  return mine
}

async function thawAll(engine: Engine, options: ThawFirstOptions): Promise<ThawReport> {
  const found = await frozenNow(engine, options.deploymentId)
  if (found.length === 0) return { thawed: [], failed: [], held: [] }
  const over = new AbortController()
  const given = patienceOf(engine, options.patience, over.signal)
  const ids = new Set(found.filter(({ holder }) => holder === null).map(({ executionId }) => executionId))
  const outcomes = new Map<string, Outcomes | 'held'>()
  const thaws = [...ids]
    .filter((id) => !options.tried?.has(id))
    .map(async (id) => {
      options.tried?.add(id)
      const control = { signal: given, onEvent: options.onEvent, isResumed: true }
      outcomes.set(id, await thawExecution(engine, id, control))
    })
  // All of them, also when the store is lost under one: nobody may go on behind our back.
  const ends = await Promise.allSettled(thaws)
  over.abort()
  const lost = ends.find((end) => end.status === 'rejected')
  if (lost) throw lost.reason
  return reportOf(found, outcomes)
}

function reportOf(found: readonly FrozenRecord[], outcomes: ReadonlyMap<string, Outcomes | 'held'>): ThawReport {
  const thawed: FrozenRecord[] = []
  const failed: (FrozenRecord & { readonly error: FaultRecord })[] = []
  const held: FrozenRecord[] = []
  for (const record of found) {
    const outcome = outcomes.get(record.executionId)
    if (outcome === undefined || outcome === 'held') held.push(record)
    else {
      // Undefined: somebody else has thawed it just before.
      const problem = outcome.get(record.instanceId)
      if (problem) failed.push({ ...record, error: problem.toJSON() })
      else if (problem === null) thawed.push(record)
    }
  }
  return { thawed, failed, held }
}

/** Aborts when patience is at its end; with what is still under way it is then like with any thaw that failed. */
function patienceOf(engine: Engine, patience: Duration | undefined, over: AbortSignal): AbortSignal {
  const impatience = new AbortController()
  if (patience === undefined) return impatience.signal
  const reason = `it did not answer within ${patience / 1000} s`
  engine.world.clock.sleep(patience, over).then(
    () => impatience.abort(fault('freeze.still_frozen', { details: { reason } })),
    () => {},
  )
  return impatience.signal
}

/** `held`: somebody else was faster. */
async function thawExecution(engine: Engine, id: string, control: ExecutionControl): Promise<Outcomes | 'held'> {
  const [row] = await engine.store.read<ExecutionRow>('select * from executions where id = ?', [id])
  if (!row || !(await engine.ownership.holdToThaw(row))) return 'held'
  try {
    return await thawHeld(engine, row, control)
  } finally {
    await engine.ownership.giveUp(id)
  }
}

async function thawHeld(engine: Engine, row: ExecutionRow, control: ExecutionControl): Promise<Outcomes> {
  const { freezes } = await pastOf(engine, row)
  const open = freezes.filter((freeze) => freeze.thawed_at === null).map((freeze) => freeze.instance_id)
  if (open.length === 0) return new Map()
  const journal = await openJournal(engine, row, control)
  const { workflow } = row
  journal.trace({ type: 'execution.started', workflow, isResumed: true, engine: engine.ownership.engineId })
  journal.event(logEvent('WARNING', 'Nobody runs this execution any more: thawing what it left frozen'))
  const failures = await thawRows(engine, row, freezes, { journal, control }).catch(
    (thrown: unknown) => new Map(open.map((instance) => [instance, asFault(thrown)])),
  )
  for (const [instance, problem] of failures) {
    const text = `'${instance}' is still frozen: ${problem.message}. 'fermata thaw' tries it again`
    journal.event(logEvent('ERROR', text))
  }
  if (row.ended_at !== null) journal.trace({ type: 'execution.ended', status: row.status })
  // The thaw itself does not depend on its record: a store that is full must not stop it, nor what comes after.
  await journal.flush().catch(() => {})
  return new Map(open.map((instance) => [instance, failures.get(instance) ?? null]))
}

async function thawRows(
  engine: Engine,
  row: ExecutionRow,
  freezes: readonly FreezeRow[],
  run: { readonly journal: Journal; readonly control: ExecutionControl },
): Promise<ReadonlyMap<string, Fault>> {
  const plan = await loadPlan(engine, row.blueprint_id)
  const plugins = new PluginSet(engine, plan, row.blueprint_id)
  const site = await siteOf(engine, row, { ...run, plan, plugins })
  return thawLeftovers(site, freezes, run.control.signal)
}
