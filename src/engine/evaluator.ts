// Answers what intrinsic functions ask of a running deployment.
import { evaluateFunctions } from '../blueprint/evaluate-functions.ts'
import type { Answer, InstanceAnswer, Question } from '../blueprint/functions/function.ts'
import type { Plan } from '../blueprint/plan.ts'
import { fault } from '../kernel/fault.ts'
import { isJsonObject, type Json } from '../kernel/json.ts'
import type { Secret } from '../kernel/secret.ts'
import type { EvaluationScope } from '../lifecycle/site.ts'
import type { Instance, Topology } from '../lifecycle/topology.ts'
import type { Prepared } from './plans.ts'

export interface EvaluatorOptions {
  readonly prepared: Prepared
  readonly plan: Plan
  readonly topology: Topology
  readonly deployment: { readonly id: string; readonly blueprintId: string }
  secret(name: string): Promise<Secret>
  /** The value of a capability of another deployment; undefined when it has none of that name. */
  capability(deploymentId: string, path: readonly Json[]): Promise<Json | undefined>
  /** In outputs a failing get_attribute gives its message instead of failing. */
  readonly isForgiving?: boolean
}

export function evaluator(options: EvaluatorOptions): (value: Json, scope: EvaluationScope) => Promise<Json> {
  return (value, scope) =>
    evaluateFunctions(value, {
      ...scope,
      forgives: options.isForgiving ?? false,
      answer: (question) => answer(options, question),
    })
}

async function answer(options: EvaluatorOptions, question: Question): Promise<Answer> {
  const { prepared, topology, deployment } = options
  switch (question.ask) {
    case 'input':
      return prepared.inputs[question.name]
    case 'node': {
      const node = prepared.nodes.find(({ id }) => id === question.id)
      return node && { id: node.id, properties: node.properties }
    }
    case 'instance': {
      const instance = topology.find(question.id)
      return instance && instanceAnswer(instance, prepared)
    }
    case 'instances':
      return topology.instances
        .filter(({ nodeId }) => nodeId === question.nodeId)
        .map((instance) => instanceAnswer(instance, prepared))
    case 'secret':
      return (await options.secret(question.name)).reveal()
    case 'label':
      return labelOf(options.plan, question.key)
    case 'sys':
      return systemValue(deployment, question)
    case 'capability':
      return options.capability(question.deployment, question.path)
    case 'group_capability':
    case 'environment_capability':
    case 'consumers':
      // A state directory knows neither deployment groups nor environments of deployments.
      throw fault('plan.function_failed', {
        details: { reason: `get_${question.ask}: there are no deployment groups and environments here` },
      })
    default:
      return question satisfies never
  }
}

function instanceAnswer(instance: Instance, prepared: Prepared): InstanceAnswer {
  const planned = prepared.instances.find(({ id }) => id === instance.id)
  return {
    id: instance.id,
    nodeId: instance.nodeId,
    index: instance.index,
    runtimeProperties: instance.runtimeProperties,
    relationships: instance.relationships,
    scalingGroups: planned?.scalingGroups ?? [],
  }
}

function labelOf(plan: Plan, key: string): Json | undefined {
  const label = plan.labels[key]
  return isJsonObject(label) ? label['values'] : label
}

function systemValue(
  deployment: EvaluatorOptions['deployment'],
  question: { readonly entity: string; readonly property: string },
): Json | undefined {
  const values: Readonly<Record<string, string>> = {
    'tenant.name': 'default_tenant',
    'deployment.id': deployment.id,
    'deployment.name': deployment.id,
    'deployment.blueprint': deployment.blueprintId,
  }
  return values[`${question.entity}.${question.property}`]
}
