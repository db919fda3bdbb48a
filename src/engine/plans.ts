// Plans and prepared deployments as they lie in the store.
import type { Deployment, Plan } from '../blueprint/plan.ts'
import type { BlueprintRow, DeploymentRow } from '../store/tables.ts'
import type { Store } from '../store/store.ts'
import type { Engine } from './engine.ts'
import { notFound } from './not-found.ts'

/** A deployment without its plan, which stands with the blueprint. */
export type Prepared = Omit<Deployment, 'plan'>

// A plan of thousands of nodes takes a while to read, one start needs it in several places, and it never changes. The
// digest tells a blueprint from another one that was uploaded under the same id later.
const lastPlans = new WeakMap<Store, { readonly key: string; readonly plan: Plan }>()

export async function loadPlan({ store }: Pick<Engine, 'store'>, blueprintId: string): Promise<Plan> {
  const sql = 'select digest, created_at from blueprints where id = ?'
  const [known] = await store.read<Pick<BlueprintRow, 'digest' | 'created_at'>>(sql, [blueprintId])
  const { digest, created_at } = known ?? (await blueprintRow({ store }, blueprintId))
  const key = `${blueprintId} ${digest} ${created_at}`
  const last = lastPlans.get(store)
  if (last?.key === key) return last.plan
  const plan = JSON.parse((await blueprintRow({ store }, blueprintId)).plan) as Plan
  lastPlans.set(store, { key, plan })
  return plan
}

export async function loadPrepared(engine: Pick<Engine, 'store'>, deploymentId: string): Promise<Prepared> {
  return JSON.parse((await deploymentRow(engine, deploymentId)).prepared) as Prepared
}

/** @throws Fault `usage.not_found` */
export async function blueprintRow({ store }: Pick<Engine, 'store'>, id: string): Promise<BlueprintRow> {
  const [row] = await store.read<BlueprintRow>('select * from blueprints where id = ?', [id])
  if (row) return row
  const known = await store.read<{ id: string }>('select id from blueprints')
  throw notFound(
    'blueprint',
    id,
    known.map((blueprint) => blueprint.id),
  )
}

/** @throws Fault `usage.not_found` */
export async function deploymentRow({ store }: Pick<Engine, 'store'>, id: string): Promise<DeploymentRow> {
  const [row] = await store.read<DeploymentRow>('select * from deployments where id = ?', [id])
  if (row) return row
  const known = await store.read<{ id: string }>('select id from deployments')
  throw notFound(
    'deployment',
    id,
    known.map((deployment) => deployment.id),
  )
}
