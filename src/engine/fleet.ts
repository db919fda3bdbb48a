// Commands on many hosts, of a deployment or of none, as executions of run_on_hosts.
import { fault } from '../kernel/fault.ts'
import type { InventoryHost } from '../plugins/contract/fleet.ts'
import type { Plugin } from '../plugins/contract/plugin.ts'
import type { ExecutionDetails, ExecutionRecord } from './api.ts'
import type { Engine } from './engine.ts'
import { executionQueriesOf } from './execution-queries.ts'
import type { Fleet, FleetHosts, FleetStart } from './fleet-api.ts'
import { prepareHosts } from './fleet-ahead.ts'
import { checkHosts } from './fleet-login.ts'
import { loadPlan } from './plans.ts'
import { newestVersion } from './plugin-version.ts'
import { notFound } from './not-found.ts'
import { bundledPlugins } from './plugin-registry.ts'
import { uploadedRows } from './uploaded-plugins.ts'
import { ownPlugin } from './own-plugin.ts'

const workflow = 'run_on_hosts'

export function fleetOf(engine: Engine): Fleet {
  const queries = executionQueriesOf(engine)
  return {
    run: (options) => run(engine, options),
    async list() {
      return runsAmong(engine, await queries.list())
    },
    async show(id) {
      const execution = await queries.get(id)
      if ((await runsAmong(engine, [execution])).length === 0)
        throw fault('usage.not_found', {
          details: { kind: 'run on hosts', id },
          hint: `it is an execution of ${execution.workflow}`,
        })
      const { fleetReport } = await import('./fleet-report.ts')
      return fleetReport(engine, execution)
    },
  }
}

/** Those of run_on_hosts, under whatever name their blueprint gives it. */
async function runsAmong<Execution extends ExecutionRecord>(
  engine: Engine,
  executions: readonly Execution[],
): Promise<readonly Execution[]> {
  const renamed = executions.filter((execution) => execution.workflow !== workflow)
  const names = new Map<string, ReadonlySet<string>>()
  for (const blueprintId of new Set(renamed.map((execution) => execution.blueprintId)))
    names.set(blueprintId, await namesInBlueprint(engine, blueprintId))
  return executions.filter((one) => one.workflow === workflow || names.get(one.blueprintId)?.has(one.workflow))
}

async function namesInBlueprint(engine: Engine, blueprintId: string): Promise<ReadonlySet<string>> {
  // Its blueprint may be gone, and then nobody knows any more.
  const plan = await loadPlan(engine, blueprintId).catch(() => undefined)
  const { builtInByMapping } = await import('../workflows/built-in.ts')
  const mapped = Object.entries(plan?.workflows ?? {})
  const own = mapped.filter(([, { plugin, operation }]) => builtInByMapping(plugin, operation)?.name === workflow)
  return new Set(own.map(([name]) => name))
}

async function run(engine: Engine, options: FleetStart): Promise<ExecutionDetails> {
  const { on, parameters, ...more } = options
  const over = new AbortController()
  // Each wait for the disk would keep the first hosts waiting, too.
  engine.store.writeInBackground()
  try {
    if ('hosts' in on) {
      checkHosts(on.hosts)
      await prepareHosts(engine, { ...on, parameters, signal: over.signal })
    }
    const deploymentId = await deploymentFor(engine, on, options)
    const { executionControlOf } = await import('./executions.ts')
    return await executionControlOf(engine).start({ ...more, workflow, deploymentId, parameters })
  } finally {
    over.abort()
  }
}

async function deploymentFor(engine: Engine, on: FleetHosts, options: FleetStart): Promise<string> {
  if ('deploymentId' in on) return on.deploymentId
  const hosts = 'hosts' in on ? on.hosts : await askInventory(engine, on.plugin, on.query, options.signal)
  const { fleetDeployment } = await import('./fleet-deployment.ts')
  return fleetDeployment(engine, hosts, on.login)
}

/** @throws Fault `usage.not_found`, `fleet.bad_inventory` */
async function askInventory(
  engine: Engine,
  name: string,
  query: string,
  signal = new AbortController().signal,
): Promise<readonly InventoryHost[]> {
  const plugin = await pluginNamed(engine, name)
  if (!plugin.inventory) {
    throw fault('fleet.bad_inventory', { details: { source: name, reason: 'this plugin tells of no hosts' } })
  }
  const { world, secrets } = engine
  const hosts = await plugin.inventory.hosts(query, { signal, world, secret: (secret) => secrets.reveal(secret) })
  const bad = hosts.find((host) => typeof host.address !== 'string' || !/^[^\s@/]+$/.test(host.address))
  if (bad) {
    const reason = `it told of a host without an address: ${JSON.stringify(bad)}`
    throw fault('fleet.bad_inventory', { details: { source: `${name}:${query}`, reason } })
  }
  return hosts
}

async function pluginNamed(engine: Engine, name: string): Promise<Plugin> {
  const versions = (await uploadedRows(engine, name)).map(({ version }) => version)
  const planned = {
    ...ownPlugin(name),
    packageName: versions.length > 0 ? name : null,
    packageVersion: newestVersion(versions) ?? null,
  }
  const plugin = await engine.loadPlugin(planned, '')
  if (plugin) return plugin
  const uploaded = await uploadedRows(engine)
  throw notFound('plugin', name, [...bundledPlugins.map((one) => one.name), ...uploaded.map((row) => row.package)])
}
