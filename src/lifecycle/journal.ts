// The journal of one execution: its steps, its events, and the rows that must become durable together with them.
// Everything added is on disk when `flush` resolves; events are shown to listeners only then.
import { asFault, type Fault } from '../kernel/fault.ts'
import type { Json } from '../kernel/json.ts'
import type { TraceInput, TraceRecord } from '../kernel/trace.ts'
import type { Redactor } from '../kernel/secret.ts'
import { wordsOf } from '../kernel/words.ts'
import {
  eventWrite,
  freezeWrite,
  isFreezeWrite,
  instanceWrite,
  statisticWrite,
  stepWrite,
  traceWrite,
} from '../store/statements/journal.ts'
import type { SqlValue, Write } from '../store/store.ts'
import type { EventRow, FreezeRow, StepRow, TraceRow } from '../store/tables.ts'
import type { World } from '../world/world.ts'

export interface JournalOptions {
  readonly executionId: string
  readonly world: World
  readonly redactor: Redactor
  readonly commit: (writes: readonly Write[]) => Promise<void>
  /** What an earlier process left. */
  readonly steps: readonly StepRow[]
  readonly lastSequence: number
  /** Batches of moments that are there already. */
  readonly lastBatch: number
  readonly onEvents?: ((events: readonly EventRow[]) => void) | undefined
}

const mostRefusals = 5

export type EventInput = Omit<EventRow, 'execution_id' | 'sequence' | 'time'>

export class Journal {
  readonly executionId: string
  readonly redactor: Redactor
  readonly #options: JournalOptions
  readonly #steps: Map<string, StepRow>
  #sequence: number
  #batch: number
  #traces: TraceRecord[] = []
  #events: EventRow[] = []
  #stepRows: StepRow[] = []
  #freezes: FreezeRow[] = []
  #instances: (readonly [string, string, string, string])[] = []
  #statistics: (readonly SqlValue[])[] = []
  #others: Write[] = []
  /** Events of commits that failed. */
  #unshown: EventRow[] = []
  /** Commits in a row that the store refused for what they hold. */
  #refusals = 0
  #next: Promise<void> | undefined
  /** The last commit, until it has ended. */
  #underWay: Promise<void> | undefined

  constructor(options: JournalOptions) {
    this.#options = options
    this.executionId = options.executionId
    this.redactor = options.redactor
    this.#sequence = options.lastSequence
    this.#batch = options.lastBatch
    this.#steps = new Map(options.steps.map((step) => [step.key, step]))
  }

  step(key: string): StepRow | undefined {
    return this.#steps.get(key)
  }

  /** Keys of steps that begin with `prefix`. */
  stepsUnder(prefix: string): readonly StepRow[] {
    return [...this.#steps.values()].filter((step) => step.key.startsWith(prefix))
  }

  intent(key: string, attempt: number): void {
    this.#put({ key, state: 'intent', attempt, result: null, fault: null, started_at: this.#now(), ended_at: null })
  }

  done(key: string, attempt: number, result: Json): void {
    const started_at = this.#steps.get(key)?.started_at ?? this.#now()
    const text = result === null ? null : JSON.stringify(this.redactor.json(result))
    this.#put({ key, state: 'done', attempt, result: text, fault: null, started_at, ended_at: this.#now() })
  }

  failed(key: string, attempt: number, problem: Fault): void {
    const started_at = this.#steps.get(key)?.started_at ?? this.#now()
    const text = JSON.stringify(this.redactor.json(problem.toJSON()))
    this.#put({ key, state: 'failed', attempt, result: null, fault: text, started_at, ended_at: this.#now() })
  }

  event(event: EventInput): void {
    this.#events.push({
      execution_id: this.executionId,
      sequence: ++this.#sequence,
      time: this.#now(),
      kind: event.kind,
      level: event.level,
      instance_id: event.instance_id,
      operation: event.operation,
      source_id: event.source_id,
      target_id: event.target_id,
      message: this.redactor.text(wordsOf(event.message)),
    })
    // Texts of long operations should be seen while they run, not when they end.
    if (!this.#next) this.flush().catch(() => {})
  }

  /** A moment for whoever checks the run afterwards; on disk with everything else added before the next flush. */
  trace(record: TraceInput): void {
    this.#traces.push({ ...record, at: this.#now(), after: this.#sequence } as TraceRecord)
  }

  freeze(row: FreezeRow): void {
    this.#freezes.push(row)
  }

  instance(deploymentId: string, id: string, state: string, runtimeProperties: string): void {
    this.#instances.push([state, this.redactor.jsonText(runtimeProperties), deploymentId, id])
  }

  statistic(row: readonly SqlValue[]): void {
    this.#statistics.push(row)
  }

  write(write: Write): void {
    this.#others.push(write)
  }

  /** Makes everything added so far durable. Calls of one turn share one commit. */
  flush(): Promise<void> {
    // A flush that has not begun yet takes along whatever is added until it does.
    this.#next ??= this.#begin()
    return this.#next
  }

  async #begin(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.#next = undefined
    await this.#commit()
  }

  async #commit(): Promise<void> {
    const events = this.#events
    const writes = this.#takeWrites()
    // Nothing new; but what was handed on before may still be on its way to the disk.
    if (writes.length === 0) return this.#underWay
    const commit = this.#options.commit(writes)
    this.#underWay = commit
    try {
      await commit
    } catch (thrown) {
      this.#keep(writes, events, asFault(thrown))
      throw thrown
    } finally {
      if (this.#underWay === commit) this.#underWay = undefined
    }
    this.#refusals = 0
    const shown = [...this.#unshown.splice(0), ...events]
    if (shown.length > 0) this.#options.onEvents?.(shown)
  }

  // A store that is full or busy may be well again for the next commit: a thaw must not stay unrecorded then. A row that
  // the store refuses for itself would make every further commit fail; only those of the ledger are tried some more times.
  #keep(writes: readonly Write[], events: readonly EventRow[], problem: Fault): void {
    if (problem.code === 'store.failed' || problem.code === 'engine.unexpected') {
      const ledger = ++this.#refusals > mostRefusals ? [] : writes.filter(isFreezeWrite)
      this.#others.unshift(...ledger)
      return
    }
    this.#others.unshift(...writes)
    this.#unshown.unshift(...events)
  }

  #takeWrites(): Write[] {
    const writes: Write[] = [...this.#others]
    if (this.#stepRows.length > 0) writes.push(stepWrite(this.#stepRows))
    if (this.#freezes.length > 0) writes.push(freezeWrite(this.#freezes))
    if (this.#instances.length > 0) writes.push(instanceWrite(this.#instances))
    if (this.#statistics.length > 0) writes.push(statisticWrite(this.#statistics))
    if (this.#events.length > 0) writes.push(eventWrite(this.#events))
    if (this.#traces.length > 0) writes.push(traceWrite(this.#traceRow()))
    this.#others = []
    this.#stepRows = []
    this.#freezes = []
    this.#instances = []
    this.#statistics = []
    this.#events = []
    this.#traces = []
    return writes
  }

  #traceRow(): TraceRow {
    const records = JSON.stringify(this.redactor.json(this.#traces as unknown as Json))
    return { execution_id: this.executionId, batch: ++this.#batch, records }
  }

  #put(step: Omit<StepRow, 'execution_id'>): void {
    const row = { ...step, execution_id: this.executionId }
    this.#steps.set(row.key, row)
    this.#stepRows.push(row)
  }

  #now(): number {
    return this.#options.world.clock.now()
  }
}
