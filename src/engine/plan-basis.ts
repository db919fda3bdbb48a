// What a plan rests on, read from the store: when it is made, and again before it is started.
import { createHash } from 'node:crypto'
import type { Plan } from '../blueprint/plan.ts'
import { canonicalJson, type Json } from '../kernel/json.ts'
import type { ExecutionPlan, PlanBasis } from '../lifecycle/plan/execution-plan.ts'
import type { SeenBasis } from '../lifecycle/plan/make-plan.ts'
import type { DeploymentRow, NodeInstanceRow, PartRow, RecoveryPointRow } from '../store/tables.ts'
import type { Engine } from './engine.ts'
import { ownVersion } from './own-version.ts'
import { blueprintRow, deploymentRow, loadPlan } from './plans.ts'
import { uploadedRows } from './uploaded-plugins.ts'

type Reader = Pick<Engine, 'store'>

/** @throws Fault `usage.not_found` when there is no such deployment. */
export async function readBasis(engine: Reader, deploymentId: string, seen: SeenBasis): Promise<PlanBasis> {
  const deployment = await deploymentRow(engine, deploymentId)
  const instances = await engine.store.read<NodeInstanceRow>(
    'select * from node_instances where deployment_id = ? order by id',
    [deploymentId],
  )
  const stateOf = new Map(instances.map((row) => [row.id, row.state]))
  const states = Object.keys(seen.states).map((id) => [id, stateOf.get(id) ?? 'gone'] as const)
  return {
    fermata: ownVersion(),
    blueprint: (await blueprintRow(engine, deployment.blueprint_id)).digest,
    inputs: inputsDigest(deployment),
    instances: Object.fromEntries(instances.map((row) => [row.id, row.node_id])),
    states: Object.fromEntries(states),
    plugins: await pluginsOf(engine, await loadPlan(engine, deployment.blueprint_id)),
    recoveryPoints: await recoveryPointsOf(engine, seen.recoveryPoints),
  }
}

/** What is another than when the plan was made, in words; empty: nothing. */
export function changesSince(then: PlanBasis, now: PlanBasis): readonly string[] {
  const other = (what: string, left: string, right: string): string[] => (left === right ? [] : [what])
  return [
    ...other(`fermata (it was ${then.fermata}, it is ${now.fermata})`, then.fermata, now.fermata),
    ...other('the blueprint', then.blueprint, now.blueprint),
    ...other("the deployment's inputs", then.inputs, now.inputs),
    ...named('node instance', then.instances, now.instances),
    ...named('the state of', then.states, now.states),
    ...named('plugin', then.plugins, now.plugins),
    ...named('recovery point', then.recoveryPoints, now.recoveryPoints),
  ]
}

/** Names of backups that the plan would make, and that somebody has taken since. */
export async function takenSince({ store }: Reader, plan: ExecutionPlan): Promise<readonly string[]> {
  const taken: string[] = []
  for (const { action, name, isIncremental } of plan.catalog) {
    if (action !== 'open') continue
    const rows = await store.read(
      "select id from recovery_points where deployment_id = ? and name = ? and incremental = ? and status <> 'open'",
      [plan.deploymentId, name, isIncremental ? 1 : 0],
    )
    if (rows.length > 0) taken.push(`the name '${name}' (taken)`)
  }
  return taken
}

type Named = Readonly<Record<string, string>>

function named(kind: string, then: Named, now: Named): string[] {
  const names = new Set([...Object.keys(then), ...Object.keys(now)])
  return [...names]
    .filter((name) => then[name] !== now[name])
    .map((name) => `${kind} ${name}${name in now ? '' : ' (gone)'}${name in then ? '' : ' (new)'}`)
}

const digestOf = (value: Json): string => createHash('sha256').update(canonicalJson(value)).digest('hex')

function inputsDigest(deployment: DeploymentRow): string {
  return digestOf(JSON.parse(deployment.inputs) as Json)
}

// What the blueprint brings along is part of its digest, what came with fermata is part of its version.
async function pluginsOf(engine: Reader, plan: Plan): Promise<Named> {
  const uploaded = await uploadedRows(engine)
  const versions = Object.entries(plan.plugins).map(([name, planned]) => {
    const row = uploaded.find((one) => one.package === planned.packageName && one.version === planned.packageVersion)
    return [name, row ? `${row.package} ${row.version} ${row.digest}` : 'not uploaded'] as const
  })
  return Object.fromEntries(versions)
}

async function recoveryPointsOf({ store }: Reader, ids: readonly string[]): Promise<Named> {
  const digests: [string, string][] = []
  for (const id of ids) {
    const [point] = await store.read<RecoveryPointRow>('select * from recovery_points where id = ?', [id])
    if (!point) continue
    const parts = await store.read<PartRow>('select * from parts where recovery_point_id = ? order by instance_id', [
      id,
    ])
    const held = parts.map(({ instance_id: instance, result, deleting_at: deleting }) => [instance, result, deleting])
    digests.push([id, digestOf([point.name, point.status, held])])
  }
  return Object.fromEntries(digests)
}
