// A simulated machine: its time, its disk, its cloud, and the engines that live on it one after the other.
import type { FaultPoint } from '../../kernel/fault-point.ts'
import { SimCloud } from '../../plugins/sim/cloud/cloud.ts'
import { giveCloud } from '../../plugins/sim/find-cloud.ts'
import simPlugin from '../../plugins/sim/plugin.ts'
import type { MemoryDisk } from '../../store/sqlite/memory.ts'
import { Life } from '../../world/simulation/life.ts'
import { seededRandom, type Random } from '../../world/simulation/random.ts'
import { Timeline } from '../../world/simulation/timeline.ts'
import type { Fermata } from '../api.ts'
import type { Home } from '../home.ts'
import { assemble } from '../open.ts'
import { Ownership } from '../ownership.ts'
import type { ProcessIdentity, Processes } from '../process-identity.ts'
import { secretsOf } from '../secrets.ts'
import { cloudBehaviour } from './cloud-behaviour.ts'
import type { Conductor, Strike } from './conductor.ts'
import { callPhase, pointPhase } from './passage.ts'
import { simulatedStore } from './simulated-store.ts'

/** An engine on the machine. */
export interface SimulatedEngine {
  readonly number: number
  readonly life: Life
  readonly fermata: Fermata
  /** Aborting it is Ctrl-C. */
  readonly interrupt: AbortController
}

export interface MachineOptions {
  readonly seed: number
  readonly workflow: string
  readonly disk: MemoryDisk
  readonly conductor: Conductor
}

export class Machine {
  readonly timeline: Timeline
  readonly cloud: SimCloud
  readonly disk: MemoryDisk
  readonly random: Random
  readonly #conductor: Conductor
  readonly #workflow: string
  readonly #died = new Map<Life, () => void>()
  readonly #engines: SimulatedEngine[] = []
  /** How long after a crash the next engine begins. */
  restartAfter = 0
  #skew = 0

  constructor(options: MachineOptions) {
    this.random = seededRandom(options.seed)
    this.disk = options.disk
    this.#conductor = options.conductor
    this.#workflow = options.workflow
    this.timeline = new Timeline(this.random.branch('ties'))
    const own = new Life({ timeline: this.timeline, random: this.random.branch('cloud ids') })
    const { behaviour, strike } = cloudBehaviour(this.random.branch('cloud'), this.timeline, (stage, call) => {
      const phase = callPhase(call.name, this.#workflow)
      for (const happened of this.#pass({ kind: 'call', name: call.name, moment: stage, node: call.node, phase }))
        strike(happened.fault, call.node)
    })
    this.cloud = new SimCloud({ world: own.world, behaviour })
  }

  get engine(): SimulatedEngine | undefined {
    return this.#engines.at(-1)
  }

  get lives(): number {
    return this.#engines.length
  }

  /** A new engine on the same disk and cloud. */
  boot(): SimulatedEngine {
    const number = this.#engines.length + 1
    const random = this.random.branch(`life ${number}`)
    const onPoint = (name: FaultPoint): void => {
      this.#pass({ kind: 'point', name, moment: 'at', node: null, phase: pointPhase(name) })
    }
    const life = new Life({ timeline: this.timeline, random, skew: () => this.#skew, onPoint })
    giveCloud(life.world, this.cloud)
    const store = simulatedStore({
      disk: this.disk,
      life,
      timeline: this.timeline,
      random: random.branch('disk'),
      onCommit: (moment) => {
        const struck = this.#pass({ kind: 'commit', name: 'commit', moment, node: null, phase: null })
        return struck.find(({ fault }) => fault.kind === 'store')?.fault.error
      },
    })
    this.#died.set(life, () => store.died())
    const fermata = assemble({
      home: noHome,
      world: life.world,
      store,
      ownership: new Ownership(store, life.world, this.#processes(number)),
      secrets: secretsOf(store, noHome, life.world),
      loadPlugin: async () => simPlugin,
    })
    const engine = { number, life, fermata, interrupt: new AbortController() }
    this.#engines.push(engine)
    return engine
  }

  kill(life: Life): void {
    if (life.isDead) return
    life.kill()
    this.#died.get(life)?.()
  }

  // Who is alive is known from the lives alone.
  #processes(number: number): Processes {
    const own: ProcessIdentity = { pid: number, start: String(number), boot: 'simulated', host: 'simulated' }
    return {
      own: () => own,
      isAlive: ({ pid }) => this.#engines.some((engine) => engine.number === pid && !engine.life.isDead),
    }
  }

  #pass(stop: Omit<Parameters<Conductor['pass']>[0], 'life' | 'at'>): readonly Strike[] {
    const engine = this.engine
    if (!engine || engine.life.isDead) return []
    const struck = this.#conductor.pass({ ...stop, life: engine.number, at: this.timeline.now })
    for (const { fault } of struck) {
      const { length = 1000 } = fault
      if (fault.kind === 'clock') this.#skew += length
      if (fault.kind === 'cancel') engine.interrupt.abort()
      if (fault.kind === 'pause') {
        engine.life.pause()
        this.timeline.after(length, () => engine.life.resume())
      }
      if (fault.kind !== 'crash') continue
      this.restartAfter = length
      this.kill(engine.life)
    }
    return struck
  }
}

/** There are no folders: whoever asks for one is given a name. */
const noHome: Home = {
  path: 'simulated',
  store: 'simulated/fermata.db',
  secretKey: 'simulated/secret.key',
  blueprints: 'simulated/blueprints',
  blueprint: (id) => `simulated/blueprints/${id}`,
  plugin: (packageName, version) => `simulated/plugins/${packageName}/${version}`,
  deployment: (id) => `simulated/deployments/${id}`,
  pluginFolder: (deploymentId, plugin) => `simulated/deployments/${deploymentId}/${plugin}`,
  pluginState: async (deploymentId, plugin) => `simulated/deployments/${deploymentId}/${plugin}`,
}
