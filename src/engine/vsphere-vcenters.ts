// The vCenters of a home: found in the nodes of its deployments, and compared with its catalog.
import { asFault, Fault, fault } from '../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'
import type { PartRow } from '../store/tables.ts'
import type { ReportPlace, UnreadPlace, VsphereReport } from '../plugins/vsphere/report/report.ts'
import { deploymentReader } from './capabilities.ts'
import type { Engine } from './engine.ts'
import { namespacedFile } from './namespaced-file.ts'
import { ownPlugin } from './own-plugin.ts'
import { activeStatuses } from './ownership.ts'
import { deploymentRow, loadPlan } from './plans.ts'
import type { VsphereReportOptions, VsphereVCenters } from './vsphere-vcenters-api.ts'

export function vsphereVCentersOf(engine: Engine): VsphereVCenters {
  return { report: (options = {}) => report(engine, options) }
}

async function report(
  engine: Engine,
  { deploymentId, mostDays, signal = new AbortController().signal }: VsphereReportOptions,
): Promise<VsphereReport> {
  const { places, unread } = await placesOf(engine, deploymentId)
  const isNowhere = places.length + unread.length === 0
  if (deploymentId !== undefined && isNowhere)
    throw fault('usage.not_found', { details: { kind: 'vCenter among the nodes of deployment', id: deploymentId } })
  const { vsphereReport } = await import('../plugins/vsphere/report/report.ts')
  // Whoever is in use is closed with the engine: sessions end there.
  await engine.loadPlugin(ownPlugin('vsphere'), '')
  const silent = (): void => {}
  const log = { debug: silent, info: silent, warning: silent, error: silent }
  // Before the vCenters are asked: what is made meanwhile is no orphan.
  const activeSince = await oldestActive(engine)
  const found = await vsphereReport(
    { world: engine.world, signal, log },
    // None: that of the environment.
    isNowhere ? [{ connectionConfig: {} }] : places,
    { parts: await partsOf(engine), activeSince, mostDays },
  ).catch((thrown: unknown) => {
    throw isNowhere ? withWayTo(asFault(thrown)) : thrown
  })
  return { ...found, unread: [...unread, ...found.unread] }
}

const wayTo = 'make a deployment that names its vCenter, or let CFY_VSPHERE_CONFIG_PATH name a file that does'

function withWayTo({ code, message, details, hint = wayTo, effect, retry, after, cause }: Fault): Fault {
  return new Fault(code, { message, details, hint, effect, retry, after, cause })
}

interface Places {
  readonly places: readonly ReportPlace[]
  readonly unread: readonly UnreadPlace[]
}

async function placesOf(engine: Engine, deploymentId: string | undefined): Promise<Places> {
  const ids =
    deploymentId === undefined
      ? await engine.store.read<{ id: string }>('select id from deployments order by created_at')
      : [{ id: deploymentId }]
  const places = new Map<string, ReportPlace>()
  const unread = new Map<string, UnreadPlace>()
  for (const { id } of ids) {
    const row = await deploymentRow(engine, id)
    const plan = await loadPlan(engine, row.blueprint_id)
    const reader = await deploymentReader(engine, id, (name) => engine.secrets.reveal(name))
    for (const { typeHierarchy, properties } of reader.prepared.nodes) {
      if (!typeHierarchy.some((type) => type.startsWith('cloudify.nodes.vsphere.'))) continue
      const value = await reader.evaluate(properties['connection_config'] ?? {}, {}).catch((thrown: unknown) => {
        // A secret that is gone, mostly: one old deployment must not hide what is in the vCenters of others.
        unread.set(id, { deploymentId: id, error: asFault(thrown).toJSON() })
      })
      if (value === undefined) continue
      if (!isJsonObject(value) || Object.keys(value).length === 0) continue
      const blueprintFile = (path: string) => namespacedFile(engine.home, plan, row.blueprint_id, path)
      places.set(`${row.blueprint_id} ${JSON.stringify(value)}`, {
        connectionConfig: value,
        deploymentId: id,
        blueprintFile,
      })
    }
  }
  return { places: [...places.values()], unread: [...unread.values()] }
}

async function partsOf({ store }: Pick<Engine, 'store'>): Promise<readonly JsonObject[]> {
  const rows = await store.read<Pick<PartRow, 'result'>>('select result from parts')
  return rows.flatMap(({ result }) => {
    const part = JSON.parse(result) as Json
    return isJsonObject(part) ? [part] : []
  })
}

async function oldestActive({ store }: Pick<Engine, 'store'>): Promise<number | null> {
  const marks = activeStatuses.map(() => '?').join(', ')
  const sql = `select min(created_at) as since from executions where status in (${marks})`
  const [row] = await store.read<{ since: number | null }>(sql, activeStatuses)
  return row?.since ?? null
}
