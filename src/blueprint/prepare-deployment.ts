// A plan with inputs becomes a deployment: functions that can be known now are evaluated, instances are made.
import type { Json, JsonObject } from '../kernel/json.ts'
import { isJsonObject } from '../kernel/json.ts'
import { holdsCall, readCall } from './functions/call.ts'
import { answerNow, evaluate } from './functions/evaluate.ts'
import { type Answer, EvaluationFailure, type Question, type Speaker } from './functions/function.ts'
import { asList } from './functions/arguments.ts'
import { evaluateNode } from './evaluate-node.ts'
import { checkConnections } from './instances/check-connections.ts'
import { expand, type ExpandOptions, instanceLimit } from './instances/expand.ts'
import { randomSuffix } from './instances/random-suffix.ts'
import type { Deployment, Plan, PlannedNode, PlannedValue } from './plan.ts'
import { settleInputs } from './plan-inputs.ts'
import type { Problem } from './problem.ts'
import { type Place, Reporter } from './reporter.ts'

export interface PrepareOptions {
  readonly inputs?: JsonObject
  /** Names of the secrets there are; absent: there is no secret store, and needing a secret is a problem. */
  readonly secrets?: Iterable<string>
  /** Gives six characters of [a-z0-9] for the id of an instance. Default: drawn at random. */
  readonly newSuffix?: () => string
  /** Default false: `"5"` counts as 5 where an integer is wanted, `"true"` as true. */
  readonly correctTypes?: boolean
  /** Default false: no function is evaluated now, all of them wait for the run. */
  readonly runtimeOnly?: boolean
}

export type PrepareResult =
  | { readonly deployment: Deployment; readonly problems?: never }
  | { readonly problems: readonly Problem[]; readonly deployment?: never }

/**
 * A deployment of a plan: inputs checked, functions evaluated as far as they can be known now, instances made. Never
 * throws for bad input; all problems are reported together.
 *
 * @example
 * const { plan } = parseBlueprint({
 *   main: `
 * tosca_definitions_version: cloudify_dsl_1_3
 * inputs: { size: { type: integer } }
 * outputs: { twice: { value: { concat: [{ get_input: size }, { get_input: size }] } } }
 * `,
 * })
 * const { deployment } = prepareDeployment(plan, { inputs: { size: 4 }, newSuffix: () => 'abc123' })
 * console.log(deployment.outputs.twice.value) // 44
 */
export function prepareDeployment(plan: Plan, options: PrepareOptions = {}): PrepareResult {
  const reporter = new Reporter()
  const draft = draftDeployment(plan, options, reporter)
  if (draft === undefined) return { problems: reporter.problems() }
  return makeInstances(draft, options, reporter)
}

/** A deployment before it has instances. */
export type Draft = Omit<Deployment, 'instances'>

/** undefined when there are problems. */
export function draftDeployment(plan: Plan, options: PrepareOptions, reporter: Reporter): Draft | undefined {
  const inputs = settleInputs(plan, options.inputs ?? {}, { reporter, correctsTypes: options.correctTypes ?? false })
  if (reporter.count > 0) return undefined
  const evaluator = new PlanEvaluator(plan, inputs, reporter, options.runtimeOnly ?? false)
  const draft = evaluatePlan(plan, evaluator)
  checkSecrets(draft, options.secrets, reporter)
  checkConnections(draft.nodes, draft.scalingGroups, reporter)
  return reporter.count > 0 ? undefined : { plan, inputs, ...draft }
}

type Making = Pick<PrepareOptions, 'newSuffix'> & Pick<ExpandOptions, 'earlier' | 'wanted'>

export function makeInstances(draft: Draft, making: Making, reporter: Reporter): PrepareResult {
  const instances = expand({
    nodes: draft.nodes.map((node) => ({ ...node, count: countOf(node.instances.default) })),
    groups: Object.entries(draft.scalingGroups).map(([name, group]) => ({ name, ...groupParts(group as JsonObject) })),
    newSuffix: making.newSuffix ?? randomSuffix,
    ...(making.earlier === undefined ? {} : { earlier: making.earlier }),
    ...(making.wanted === undefined ? {} : { wanted: making.wanted }),
  })
  if (instances !== undefined) return { deployment: { ...draft, instances } }
  const place = { source: undefined, path: ['node_templates'] }
  reporter.add('blueprint.too_many_instances', place, { limit: instanceLimit })
  return { problems: reporter.problems() }
}

type Evaluated = Omit<Draft, 'plan' | 'inputs'>

function evaluatePlan(plan: Plan, evaluator: PlanEvaluator): Evaluated {
  const record = <Value>(values: Readonly<Record<string, Value>>, section: string): Record<string, Value> =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        evaluator.value(value as Json, {}, [section, name]) as Value,
      ]),
    )
  return {
    nodes: plan.nodes.map((node) => evaluateNode(node, evaluator)),
    outputs: record<PlannedValue>(plan.outputs, 'outputs'),
    capabilities: record<PlannedValue>(plan.capabilities, 'capabilities'),
    labels: record(plan.labels, 'labels'),
    policies: record(plan.policies, 'policies'),
    scalingGroups: record(plan.scalingGroups, 'scaling_groups'),
    deploymentSettings: evaluator.value(plan.deploymentSettings, {}, ['deployment_settings']) as JsonObject,
  }
}

/** Evaluates what can be known when a deployment is made; a failure becomes a problem and leaves the value as it is. */
class PlanEvaluator {
  readonly #nodes: ReadonlyMap<string, PlannedNode>
  readonly #inputs: JsonObject
  readonly #reporter: Reporter
  readonly #isOff: boolean

  constructor(plan: Plan, inputs: JsonObject, reporter: Reporter, isOff: boolean) {
    this.#nodes = new Map(plan.nodes.map((node) => [node.id, node]))
    this.#inputs = inputs
    this.#reporter = reporter
    this.#isOff = isOff
  }

  value(value: Json, speaker: Speaker, path: readonly string[]): Json {
    if (this.#isOff || !holdsCall(value)) return value
    try {
      const evaluation = evaluate(value, { stage: 'prepare', speaker, forgives: false })
      return answerNow(evaluation, (question) => this.#answer(question))
    } catch (thrown) {
      if (!(thrown instanceof EvaluationFailure)) throw thrown
      this.#reporter.add(thrown.code, { source: undefined, path }, thrown.details)
      return value
    }
  }

  #answer(question: Question): Answer {
    if (question.ask === 'input')
      return Object.hasOwn(this.#inputs, question.name) ? this.#inputs[question.name] : undefined
    if (question.ask === 'node') return this.#nodes.get(question.id)
    return undefined
  }
}

function checkSecrets(draft: Evaluated, secrets: Iterable<string> | undefined, reporter: Reporter): void {
  const needed = new Set<string>()
  for (const part of [
    draft.nodes,
    draft.outputs,
    draft.capabilities,
    draft.labels,
    draft.policies,
    draft.deploymentSettings,
  ]) {
    collectSecrets(part as unknown as Json, needed)
  }
  if (needed.size === 0) return
  const placeOf = ([name = '']: readonly string[]): Place => ({ source: undefined, path: ['secrets', name] })
  if (secrets === undefined) {
    reporter.add('blueprint.secrets_unsupported', placeOf([...needed]), { secrets: [...needed].join(', ') })
    return
  }
  const known = new Set(secrets)
  const missing = [...needed].filter((name) => !known.has(name))
  if (missing.length > 0) reporter.add('blueprint.secrets_missing', placeOf(missing), { secrets: missing.join(', ') })
}

/** Only names that are written out; others are asked for when their time comes. */
function collectSecrets(value: Json, names: Set<string>): void {
  if (!holdsCall(value)) return
  const call = readCall(value)
  const [name] = call?.name === 'get_secret' ? asList(call.args) : []
  if (typeof name === 'string') names.add(name)
  for (const item of Object.values(value as JsonObject)) collectSecrets(item, names)
}

function groupParts(group: JsonObject): { members: readonly string[]; count: number } {
  const properties = isJsonObject(group['properties']) ? group['properties'] : {}
  return { members: group['members'] as readonly string[], count: countOf(properties['default_instances']) }
}

function countOf(value: Json | undefined): number {
  return typeof value === 'number' && value >= 0 ? Math.floor(value) : 1
}
