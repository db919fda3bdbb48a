// What `executions start` and `executions plan` are told of the workflow: its parameters, and the deployment to run on.
import type { DeploymentRecord, Fermata } from '../engine/api.ts'
import { fault, Fault } from '../kernel/fault.ts'
import { canonicalJson, type JsonObject } from '../kernel/json.ts'
import type { Call } from './call.ts'
import type { OptionDefinition } from './definition.ts'
import { readKeyValues } from './key-values.ts'

export const parameterOptions: readonly OptionDefinition[] = [
  {
    flags: '-p, --parameters <values>',
    description: 'key=value, a JSON or YAML mapping, or a file with one; may be repeated, later ones win',
    isRepeatable: true,
  },
  { flags: '--include-instances <ids>', description: 'only these node instances, with commas between' },
  { flags: '--allow-custom-parameters', description: 'take parameters that the workflow does not declare' },
]

export async function readParameters(call: Call): Promise<JsonObject> {
  const parameters = await readKeyValues(call.list('parameters'))
  const included = call.text('includeInstances')
  if (included === undefined) return parameters
  const ids = included.split(',').map((id) => id.trim())
  return { ...parameters, include_instances: ids.filter((id) => id !== '') }
}

export function checkTarget(call: Call): void {
  if (call.optionalArgument(0) === undefined) {
    throw fault('usage.bad_argument', {
      details: { message: 'it is not said which workflow to run' },
      hint: 'name it: backup, restore, suspend, resume, ...',
    })
  }
  const [deployment, blueprint] = [call.text('deploymentId'), call.text('blueprintId')]
  if (deployment === undefined && blueprint === undefined) {
    const message = 'it is not said on what to run the workflow'
    throw fault('usage.bad_argument', {
      details: { message },
      hint: 'name a deployment with -d, or a blueprint with -b',
    })
  }
  if (blueprint === undefined && call.list('inputs').length > 0) {
    const message = '-i goes with -b: a deployment that is there already has its inputs'
    throw fault('usage.bad_argument', { details: { message }, hint: "parameters of the workflow are given with '-p'" })
  }
}

/** The deployment to run on; with -b it is made when it is not there, unless nothing may be changed. */
export async function findDeployment(
  call: Call,
  fermata: Fermata,
  inputs: JsonObject,
  mayCreate = true,
): Promise<string> {
  const blueprintId = call.text('blueprintId')
  const id = call.text('deploymentId') ?? blueprintId ?? ''
  if (blueprintId === undefined) return id
  const find = async () => (await fermata.deployments.list()).find((deployment) => deployment.id === id)
  const existing =
    (await find()) ?? (mayCreate ? await createUnlessThere(fermata, { id, blueprintId, inputs }, find) : undefined)
  if (existing === undefined) {
    const message = `there is no deployment '${id}', and a dry run makes none`
    throw fault('usage.bad_argument', { details: { message }, hint: 'make it with `fermata deployments create`' })
  }
  if (existing.blueprintId !== blueprintId) {
    const message = `deployment '${id}' is one of blueprint '${existing.blueprintId}', not of '${blueprintId}'`
    throw fault('usage.bad_argument', { details: { message } })
  }
  const changed = Object.keys(inputs).filter((name) => !isSame(inputs[name], existing.inputs[name]))
  if (changed.length > 0) {
    const message = `deployment '${id}' is there already, with another value of ${changed.join(', ')}`
    throw fault('usage.bad_argument', { details: { message }, hint: `delete it first, or run without '-i'` })
  }
  return id
}

interface Wanted {
  readonly id: string
  readonly blueprintId: string
  readonly inputs: JsonObject
}

/** Another process may make the same deployment at this moment. */
async function createUnlessThere(
  fermata: Fermata,
  { id, blueprintId, inputs }: Wanted,
  find: () => Promise<DeploymentRecord | undefined>,
): Promise<DeploymentRecord> {
  try {
    return await fermata.deployments.create(id, blueprintId, inputs)
  } catch (thrown) {
    const existing = thrown instanceof Fault && thrown.code === 'usage.exists' ? await find() : undefined
    if (existing === undefined) throw thrown
    return existing
  }
}

function isSame(left: JsonObject[string] | undefined, right: JsonObject[string] | undefined): boolean {
  return left !== undefined && right !== undefined && canonicalJson(left) === canonicalJson(right)
}
