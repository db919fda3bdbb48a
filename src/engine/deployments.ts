// Making deployments of blueprints, reading their outputs, deleting them.
import { rm } from 'node:fs/promises'
import { prepareDeployment } from '../blueprint/prepare-deployment.ts'
import type { Problem } from '../blueprint/problem.ts'
import { fault } from '../kernel/fault.ts'
import type { JsonObject } from '../kernel/json.ts'
import { insert, write, type Write } from '../store/store.ts'
import type { DeploymentRecord, Fermata } from './api.ts'
import { BlueprintRefused } from './blueprint-refused.ts'
import type { Engine } from './engine.ts'
import { frozenNow } from './frozen.ts'
import { commitNew } from './commit-new.ts'
import { deploymentValues } from './capabilities.ts'
import { checkId } from './identifier.ts'
import { blueprintRow, deploymentRow, loadPlan, loadPrepared } from './plans.ts'
import { listWorkflows } from './workflow-table.ts'

const suffixLetters = 'abcdefghijklmnopqrstuvwxyz0123456789'

export function deploymentsOf(engine: Engine): Fermata['deployments'] {
  return {
    create: (id, blueprintId, inputs) => create(engine, id, blueprintId, inputs),
    async list() {
      const { query } = engine.store
      const rows = await query
        .selectFrom('deployments')
        .select(['id', 'blueprint_id', 'inputs', 'created_at'])
        .orderBy('created_at')
        .execute()
      const counts = await query
        .selectFrom('node_instances')
        .select(['deployment_id', (of) => of.fn.countAll<number>().as('count')])
        .groupBy('deployment_id')
        .execute()
      const countOf = new Map(counts.map((row) => [row.deployment_id, row.count]))
      return rows.map((row) => deploymentRecord(row, countOf.get(row.id) ?? 0))
    },
    async get(id) {
      const row = await deploymentRow(engine, id)
      const prepared = await loadPrepared(engine, id)
      const plan = await loadPlan(engine, row.blueprint_id)
      const workflows = await listWorkflows(plan, async (name) => {
        const planned = plan.plugins[name]
        return planned && engine.loadPlugin(planned, row.blueprint_id)
      })
      return { ...deploymentRecord(row, prepared.instances.length), workflows }
    },
    outputs: (id) => deploymentValues(engine, id),
    delete: (id) => remove(engine, id),
  }
}

async function create(engine: Engine, id: string, blueprintId: string, inputs: JsonObject): Promise<DeploymentRecord> {
  checkId('deployment', id)
  const blueprint = await blueprintRow(engine, blueprintId)
  const taken = await engine.store.read('select id from deployments where id = ?', [id])
  if (taken.length > 0) throw fault('usage.exists', { details: { kind: 'deployment', id } })
  const plan = await loadPlan(engine, blueprint.id)
  const outcome = prepareDeployment(plan, {
    inputs,
    secrets: await engine.secrets.names(),
    newSuffix: () => engine.world.randomText(6, suffixLetters),
  })
  if (outcome.problems) throw await refusal(engine, blueprint, outcome.problems)
  const { plan: _plan, ...prepared } = outcome.deployment
  const row = {
    id,
    blueprint_id: blueprintId,
    inputs: JSON.stringify(prepared.inputs),
    prepared: JSON.stringify(prepared),
    created_at: engine.world.clock.now(),
  }
  const instances: Write = {
    sql: 'insert into node_instances (deployment_id, id, node_id, state, runtime_properties) values (?, ?, ?, ?, ?)',
    rows: prepared.instances.map((instance) => [id, instance.id, instance.nodeId, 'uninitialized', '{}']),
  }
  const first = insert('deployments', row, 'on conflict (id) do nothing')
  await commitNew(engine.store, { kind: 'deployment', id }, first, [instances])
  return deploymentRecord(row, prepared.instances.length)
}

/** The blueprint's own files say where that stands which the inputs do not fit. */
async function refusal(
  engine: Engine,
  blueprint: { readonly id: string; readonly main_file: string },
  problems: readonly Problem[],
): Promise<BlueprintRefused> {
  const { placeProblems } = await import('../blueprint/place-problems.ts')
  const { namedTexts, storedTexts } = await import('./blueprint-texts.ts')
  // A folder that somebody took away costs the positions, not the answer.
  const texts = await storedTexts(engine, blueprint).catch(() => undefined)
  if (texts === undefined) return new BlueprintRefused(problems, {})
  const placed = placeProblems(problems, texts)
  return new BlueprintRefused(placed, namedTexts(placed, texts))
}

async function remove(engine: Engine, id: string): Promise<void> {
  const { query } = engine.store
  await deploymentRow(engine, id)
  const inUse = (users: string): Error => fault('usage.in_use', { details: { kind: 'deployment', id, users } })
  const running = await engine.ownership.holder(id)
  if (running) throw inUse(running.words)
  const left = (await engine.ownership.interrupted()).find((execution) => execution.deployment_id === id)
  if (left) throw inUse(`execution ${left.id} ('${left.workflow}'), whose process is gone (resume or cancel it)`)
  const frozen = await frozenNow(engine, id)
  if (frozen.length > 0)
    throw inUse(`${frozen.map(({ instanceId }) => instanceId).join(', ')}, which is frozen (run fermata thaw)`)
  const live = await query
    .selectFrom('node_instances')
    .select('id')
    .where('deployment_id', '=', id)
    .where('state', 'not in', ['uninitialized', 'deleted'])
    .execute()
  if (live.length > 0)
    throw inUse(
      `${live
        .map((row) => row.id)
        .slice(0, 5)
        .join(', ')} (run the uninstall workflow)`,
    )
  const backups = await query
    .selectFrom('recovery_points')
    .select('name')
    .where('deployment_id', '=', id)
    .where('status', '<>', 'open')
    .execute()
  if (backups.length > 0)
    throw inUse(
      `backup ${backups
        .map((row) => row.name)
        .slice(0, 5)
        .join(', ')} (run remove_backup)`,
    )
  const executions = query.selectFrom('executions').select('id').where('deployment_id', '=', id)
  await engine.store.commit([
    write(query.deleteFrom('events').where('execution_id', 'in', executions)),
    write(query.deleteFrom('traces').where('execution_id', 'in', executions)),
    write(query.deleteFrom('steps').where('execution_id', 'in', executions)),
    write(query.deleteFrom('freezes').where('execution_id', 'in', executions)),
    write(query.deleteFrom('executions').where('deployment_id', '=', id)),
    write(query.deleteFrom('statistics').where('deployment_id', '=', id)),
    write(query.deleteFrom('recovery_points').where('deployment_id', '=', id)),
    write(query.deleteFrom('deployments').where('id', '=', id)),
  ])
  await rm(engine.home.deployment(id), { recursive: true, force: true })
}

function deploymentRecord(
  row: { id: string; blueprint_id: string; inputs: string; created_at: number },
  instances: number,
): DeploymentRecord {
  return {
    id: row.id,
    blueprintId: row.blueprint_id,
    inputs: JSON.parse(row.inputs) as JsonObject,
    createdAt: row.created_at,
    instances,
  }
}
