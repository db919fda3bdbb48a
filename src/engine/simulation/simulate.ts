// One simulated run of one workflow: with its faults, with new engines after crashes, to its end; then everything is checked.
import type { Duration, Instant } from '../../kernel/duration.ts'
import { asFault, faultFromRecord } from '../../kernel/fault.ts'
import { isJsonObject, type JsonObject } from '../../kernel/json.ts'
import type { FrozenSpan } from '../../plugins/sim/cloud/guest.ts'
import type { MemoryDisk } from '../../store/sqlite/memory.ts'
import { executionLogsOf } from '../execution-log.ts'
import type { ExecutionDetails, ExecutionStatus } from '../api.ts'
import { checkScene, type Violation } from './checks.ts'
import { Conductor, type Strike } from './conductor.ts'
import { giveBackDisk, takeDisk } from './disks.ts'
import { differences, endState, type EndState } from './end-state.ts'
import { eventText } from './event-text.ts'
import type { SimulatedFault } from './fault-plan.ts'
import { Machine, type SimulatedEngine } from './machine.ts'
import type { Passage } from './passage.ts'
import { scenarioFor, type Scenario, type SimulatedWorkflow } from './scenario.ts'
import { diskReader } from './simulated-store.ts'
import { simulatedId, topologyRows, type Topology } from './topology.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly topology: Topology
  readonly workflow: SimulatedWorkflow
  readonly faults?: readonly SimulatedFault[]
  /** Of backups and restores. */
  readonly lease?: Duration
  /** Up to which leases are extended; default: never. */
  readonly longestHold?: Duration
  /** Of backups and restores, beside those that say how long. */
  readonly parameters?: JsonObject
  /** What an undisturbed run left; without it, ends are not compared. */
  readonly undisturbed?: EndState
}

export interface SimulationResult {
  /** How the execution ended, before anybody resumed it by hand. */
  readonly status: ExecutionStatus | 'none'
  readonly error: string | null
  /** Engines that lived. */
  readonly lives: number
  readonly violations: readonly Violation[]
  /** Everything that was passed: what the crash matrix kills at. */
  readonly passages: readonly Passage[]
  /** Faults that happened, and where. */
  readonly strikes: readonly Strike[]
  readonly end: EndState
  /** The same for the same seed, to the byte. */
  readonly log: string
  readonly longestFreeze: Duration
  /** When who stood still, as the cloud knows it. */
  readonly frozen: readonly (FrozenSpan & { readonly node: string })[]
  /** Virtual. */
  readonly length: Duration
}

/** A run that has not ended by then never will. */
const mostTime: Duration = 30 * 60_000
const mostEngines = 8
const retries = { taskRetries: 8, taskRetryInterval: 2000 }

/** They read the times in the log, which say nothing once the clock has jumped. */
const rulesOfTime: ReadonlySet<string> = new Set([
  'time-goes-forward',
  'thaw-within-lease',
  'label-is-measured',
  'extension-within-maximum',
])

export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const disk = await takeDisk()
  try {
    return await new Simulation(options, disk).run()
  } finally {
    giveBackDisk(disk)
  }
}

class Simulation {
  readonly #options: SimulationOptions
  readonly #scenario: Scenario
  readonly #disk: MemoryDisk
  readonly #conductor: Conductor
  readonly #machine: Machine
  readonly #violations: Violation[] = []
  #begun: Instant

  constructor(options: SimulationOptions, disk: MemoryDisk) {
    this.#options = options
    this.#disk = disk
    this.#scenario = scenarioFor(options.workflow, options)
    this.#conductor = new Conductor(options.faults ?? [])
    this.#machine = new Machine({ seed: options.seed, workflow: options.workflow, disk, conductor: this.#conductor })
    this.#begun = this.#machine.timeline.now
  }

  async run(): Promise<SimulationResult> {
    this.#furnish()
    const { timeline } = this.#machine
    let engine = this.#machine.boot()
    for (const earlier of this.#scenario.before) {
      const details = await this.#await(engine, this.#start(engine, earlier))
      if (details?.status === 'terminated') continue
      throw details?.error ? faultFromRecord(details.error) : new Error(`${earlier.workflow} before it did not end`)
    }
    this.#begun = timeline.now
    this.#conductor.begin()
    engine = await this.#drive(engine)
    this.#conductor.end()
    const row = this.#row()
    if (engine.life.isPaused) engine.life.resume()
    await timeline.pass(this.#scenario.longestHold + 2000)
    const isStoreShaken = this.#conductor.strikes.some(({ fault }) => fault.kind === 'store')
    this.#check(isStoreShaken && row?.status !== 'terminated')
    await this.#finish(engine)
    // A store that refused rows has lost lines of the log, and says nothing about the run.
    if (!isStoreShaken) await this.#consultOracle()
    const end = endState(this.#disk, this.#machine.cloud)
    if (this.#options.undisturbed) this.#compare(this.#options.undisturbed, end)
    return {
      status: row?.status ?? 'none',
      error: row?.error ?? null,
      lives: this.#machine.lives,
      violations: this.#violations,
      passages: this.#conductor.passages,
      strikes: this.#conductor.strikes,
      end,
      log: eventText(this.#disk),
      longestFreeze: Math.max(0, ...this.#frozen().map(({ from, to }) => (to ?? timeline.now) - from)),
      frozen: this.#frozen(),
      length: timeline.now - this.#begun,
    }
  }

  #furnish(): void {
    const { topology } = this.#options
    const { state, power } = this.#scenario
    const [outcome] = this.#disk.apply([topologyRows(topology, state)])
    if (!outcome?.ok) throw new Error(`the simulated store refused the deployment: ${outcome?.message}`)
    for (const { id } of topology.prepared.instances) {
      const guest = this.#machine.cloud.guest(id)
      guest.power = power
      guest.exists = state === 'started'
    }
  }

  // Until the execution is at its end: a new engine after each crash, another try when the store failed under it.
  async #drive(first: SimulatedEngine): Promise<SimulatedEngine> {
    const { timeline } = this.#machine
    let engine = first
    for (let count = 1; count <= mostEngines; count++) {
      await this.#await(engine, this.#begin(engine))
      if (engine.life.isDead) {
        await timeline.pass(this.#machine.restartAfter)
        engine = this.#machine.boot()
        continue
      }
      const row = this.#row()
      if (row && ['terminated', 'failed', 'cancelled'].includes(row.status)) return engine
      await timeline.pass(1000)
    }
    this.#violate('live', `it was not at its end after ${mostEngines} tries: ${this.#row()?.status ?? 'no execution'}`)
    return engine
  }

  #begin(engine: SimulatedEngine): Promise<ExecutionDetails> {
    const row = this.#row()
    return row ? this.#resume(engine, row.id) : this.#start(engine, this.#scenario)
  }

  #start(engine: SimulatedEngine, what: Pick<Scenario, 'workflow' | 'parameters'>): Promise<ExecutionDetails> {
    const { workflow, parameters } = what
    const { signal } = engine.interrupt
    return engine.fermata.executions.start({ deploymentId: simulatedId, workflow, parameters, signal, ...retries })
  }

  #resume(engine: SimulatedEngine, id: string, signal = engine.interrupt.signal): Promise<ExecutionDetails> {
    return engine.fermata.executions.resume(id, { signal, ...retries })
  }

  /** undefined: it failed to record its end, or the engine died. */
  async #await(engine: SimulatedEngine, call: Promise<ExecutionDetails>): Promise<ExecutionDetails | undefined> {
    let isOver = false
    let details: ExecutionDetails | undefined
    call.then(
      (found) => {
        details = found
        isOver = true
      },
      (thrown: unknown) => {
        const problem = asFault(thrown)
        if (problem.code === 'engine.unexpected')
          this.#violate('live', problem.cause instanceof Error ? `${problem.cause.stack}` : problem.message)
        isOver = true
      },
    )
    const end = await this.#machine.timeline.run(() => isOver || engine.life.isDead, mostTime)
    if (end !== 'done') this.#violate('live', `after ${mostTime / 60_000} minutes nothing had come of it (${end})`)
    return details
  }

  // What failed or was cancelled is resumed by hand once nothing goes wrong any more.
  async #finish(engine: SimulatedEngine): Promise<void> {
    const row = this.#row()
    if (!row || row.status === 'terminated') return
    const details = await this.#await(engine, this.#resume(engine, row.id, new AbortController().signal))
    if (details?.status !== 'terminated')
      this.#violate('resume', `resumed when all was well, it ended ${details?.status}: ${details?.error?.message}`)
    await this.#machine.timeline.pass(this.#scenario.longestHold + 2000)
    this.#check(false)
  }

  #check(isUnfinished: boolean): void {
    const { topology } = this.#options
    const { longestHold } = this.#scenario
    const { groups } = this.#scenario.parameters
    const chosen = Array.isArray(groups) ? { chosen: membersOf(topology, groups.map(String)) } : {}
    const scene = { topology, disk: this.#disk, cloud: this.#machine.cloud, longestHold, ...chosen }
    this.#violations.push(...checkScene(scene, isUnfinished))
  }

  async #consultOracle(): Promise<void> {
    const { check } = executionLogsOf({ store: diskReader(this.#disk) })
    const executions = this.#disk.read<{ id: string; workflow: string }>('select id, workflow from executions')
    const hasJumped = this.#conductor.strikes.some(({ fault }) => fault.kind === 'clock')
    for (const { id, workflow } of executions) {
      const { violations } = await check(id)
      for (const { rule, message } of violations) {
        if (hasJumped && rulesOfTime.has(rule)) continue
        this.#violate(rule, `${workflow}: ${message}`)
      }
    }
  }

  #compare(wanted: EndState, found: EndState): void {
    for (const message of differences(wanted, found)) this.#violate('resume', message)
  }

  #row(): { readonly id: string; readonly status: ExecutionStatus; readonly error: string | null } | undefined {
    return this.#disk.read<{ id: string; status: ExecutionStatus; error: string | null }>(
      'select id, status, error from executions where workflow = ? and rowid > ? order by rowid desc',
      [this.#scenario.workflow, this.#scenario.before.length],
    )[0]
  }

  #frozen(): readonly (FrozenSpan & { readonly node: string })[] {
    const guests = Object.values(this.#machine.cloud.state.guests)
    return guests.flatMap((guest) => guest.spans.map((span) => ({ ...span, node: guest.id })))
  }

  #violate(promise: string, message: string): void {
    this.#violations.push({ promise, message })
  }
}

/** Node ids. */
function membersOf({ plan }: Topology, groups: readonly string[]): ReadonlySet<string> {
  const members = groups.flatMap((name) => {
    const group = plan.groups[name]
    return isJsonObject(group) && Array.isArray(group['members']) ? group['members'].map(String) : []
  })
  return new Set(members)
}
