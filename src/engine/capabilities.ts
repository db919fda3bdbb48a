// Reading the outputs and capabilities of deployments, also for get_capability in other deployments.
import type { PlannedValue } from '../blueprint/plan.ts'
import { fault } from '../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'
import { Topology } from '../lifecycle/topology.ts'
import type { Engine } from './engine.ts'
import { evaluator, type EvaluatorOptions } from './evaluator.ts'
import { deploymentRow, loadPlan, loadPrepared } from './plans.ts'

/** Capabilities may ask for capabilities of other deployments; a circle of them ends here. */
const mostHops = 10

/** Evaluated outputs and capabilities, as far as they can be. */
export async function deploymentValues(
  engine: Engine,
  id: string,
): Promise<{ readonly outputs: JsonObject; readonly capabilities: JsonObject }> {
  const { prepared, evaluate } = await deploymentReader(engine, id, (name) => engine.secrets.reveal(name))
  const valuesOf = async (table: Readonly<Record<string, PlannedValue>>): Promise<JsonObject> => {
    const values: Record<string, Json> = {}
    for (const [name, { value }] of Object.entries(table)) values[name] = await evaluate(value, {})
    return values
  }
  return { outputs: await valuesOf(prepared.outputs), capabilities: await valuesOf(prepared.capabilities) }
}

/**
 * What a running deployment's functions ask for. `secret` is the asker's, who masks what it reveals; `hops` counts how
 * many deployments were asked on the way.
 */
export function capabilityReader(
  engine: Engine,
  secret: EvaluatorOptions['secret'],
  hops = 0,
): EvaluatorOptions['capability'] {
  return async (deploymentId, [name, ...path]) => {
    if (hops >= mostHops) {
      throw fault('plan.function_failed', {
        details: { reason: `get_capability: more than ${mostHops} deployments ask each other` },
      })
    }
    const { prepared, evaluate } = await deploymentReader(engine, deploymentId, secret, hops + 1)
    const capability = prepared.capabilities[String(name)]
    return capability && valueAt(await evaluate(capability.value, {}), path)
  }
}

/** What a deployment was prepared as, and what answers its functions. */
export async function deploymentReader(engine: Engine, id: string, secret: EvaluatorOptions['secret'], hops = 0) {
  const row = await deploymentRow(engine, id)
  const prepared = await loadPrepared(engine, id)
  const rows = await engine.store.query
    .selectFrom('node_instances')
    .selectAll()
    .where('deployment_id', '=', id)
    .execute()
  const evaluate = evaluator({
    prepared,
    plan: await loadPlan(engine, row.blueprint_id),
    topology: new Topology(id, prepared, rows),
    secret,
    deployment: { id, blueprintId: row.blueprint_id },
    capability: capabilityReader(engine, secret, hops),
    isForgiving: true,
  })
  return { prepared, evaluate }
}

function valueAt(value: Json, path: readonly Json[]): Json | undefined {
  let found: Json | undefined = value
  for (const key of path) {
    if (Array.isArray(found)) found = (found as readonly Json[])[Number(key)]
    else found = isJsonObject(found) ? found[String(key)] : undefined
  }
  return found
}
