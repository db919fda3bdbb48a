// Opens fermata on a state directory. Each area is loaded when it is first used: a list must not wait for an engine.
import type { Plugin } from '../plugins/contract/plugin.ts'
import type { World } from '../world/world.ts'
import { openSqliteStore } from '../store/sqlite/open.ts'
import type { Fermata } from './api.ts'
import type { Engine } from './engine.ts'
import { homeAt } from './home.ts'
import { Ownership } from './ownership.ts'
import { realProcesses } from './process-identity.ts'

export interface OpenOptions {
  /** The state directory; made when it is not there. */
  readonly home: string
  readonly world: World
}

/** @throws Fault `store.*` when the state directory cannot be used. */
export async function openFermata(options: OpenOptions): Promise<Fermata> {
  return assemble(engineAt(options))
}

/** The engine of this machine on a state directory. @throws Fault `store.*` */
export function engineAt(options: OpenOptions): Engine {
  const home = homeAt(options.home)
  const { world } = options
  const store = openSqliteStore(home.store)
  return {
    home,
    world,
    store,
    ownership: new Ownership(store, world, realProcesses),
    secrets: lazy(async () => (await import('./secrets.ts')).secretsOf(store, home, world)),
    async loadPlugin(planned, blueprintId) {
      const { loadPlugin } = await import('./plugin-registry.ts')
      return loadPlugin(planned, home.blueprint(blueprintId), home)
    },
  }
}

/** Puts fermata together from its parts: on this machine, or in a simulation. */
export function assemble(parts: Engine): Fermata {
  const used = new Set<Plugin>()
  const engine: Engine = {
    ...parts,
    async loadPlugin(planned, blueprintId) {
      const plugin = await parts.loadPlugin(planned, blueprintId)
      if (plugin) used.add(plugin)
      return plugin
    },
  }
  const { home, store, ownership } = engine
  return {
    home: home.path,
    blueprints: lazy(async () => (await import('./blueprints.ts')).blueprintsOf(engine)),
    deployments: lazy(async () => (await import('./deployments.ts')).deploymentsOf(engine)),
    executions: lazyExecutions(engine),
    backups: lazy(async () => (await import('./backups.ts')).backupsOf(engine)),
    fleet: lazy(async () => (await import('./fleet.ts')).fleetOf(engine)),
    openstack: lazy(async () => (await import('./openstack-servers.ts')).openstackServersOf(engine)),
    vsphere: lazy(async () => (await import('./vsphere-vcenters.ts')).vsphereVCentersOf(engine)),
    mails: lazy(async () => (await import('./mails.ts')).mailsOf(engine)),
    events: lazyEvents(async () => (await import('./queries.ts')).eventsOf(engine)),
    nodes: lazy(async () => (await import('./queries.ts')).nodesOf(engine)),
    nodeInstances: lazy(async () => (await import('./queries.ts')).nodeInstancesOf(engine)),
    simulations: lazy(async () => (await import('./simulation/simulations.ts')).simulationsOf(engine)),
    plugins: lazy(async () => (await import('./plugins.ts')).pluginsOf(engine)),
    secrets: engine.secrets,
    status: async () => (await import('./status.ts')).statusOf(engine),
    thaw: async (options = {}) => {
      await ownership.register()
      return (await import('./thaw-first.ts')).thawFirst(engine, options)
    },
    async [Symbol.asyncDispose]() {
      // What is left open would keep the process from ending; what cannot be closed must not keep the store open.
      await Promise.allSettled([...used].map(async (plugin) => plugin.close?.()))
      await ownership.leave()
      await store.close()
    },
  }
}

type Methods = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>

function lazyExecutions(engine: Engine): Fermata['executions'] {
  const queries = lazy(async () => (await import('./execution-queries.ts')).executionQueriesOf(engine))
  const logs = lazy(async () => (await import('./execution-log.ts')).executionLogsOf(engine))
  const control = lazy(async () => (await import('./executions.ts')).executionControlOf(engine))
  return {
    list: (query) => queries.list(query),
    get: (id) => queries.get(id),
    log: (id) => logs.log(id),
    check: (id, options) => logs.check(id, options),
    start: (options) => control.start(options),
    plan: async (question) => (await import('./execution-plan.ts')).planExecution(engine, question),
    resume: (id, options) => control.resume(id, options),
    cancel: (id, options) => control.cancel(id, options),
  }
}

const notMethods = new Set(['then', 'toJSON', 'toString', 'valueOf', 'constructor'])

/** An area whose methods load it on their first call. */
function lazy<Area extends object>(load: () => Promise<Area>): Area {
  let area: Promise<Area> | undefined
  return new Proxy({} as Area, {
    // Nobody who awaits, prints or converts an area may take it for something else.
    get: (_target, name) =>
      typeof name === 'symbol' || notMethods.has(name)
        ? undefined
        : async (...args: never[]) => {
            area ??= load()
            const method = ((await area) as Methods)[name]
            if (!method) throw new TypeError(`there is no method '${name}'`)
            return method(...args)
          },
  })
}

function lazyEvents(load: () => Promise<Fermata['events']>): Fermata['events'] {
  return {
    list: async (query) => (await load()).list(query),
    async *follow(query) {
      yield* (await load()).follow(query)
    },
  }
}
