// Changes a deployment: other numbers of instances, or another plan. What can stay stays, with its ids.
import { nearNames } from '../kernel/near.ts'
import type { JsonObject } from '../kernel/json.ts'
import { compareInstances, type InstanceChanges } from './instances/changes.ts'
import type { Wanted } from './instances/resize.ts'
import type { Deployment, Plan } from './plan.ts'
import { type Draft, draftDeployment, makeInstances, type PrepareOptions } from './prepare-deployment.ts'
import type { Problem } from './problem.ts'
import { Reporter } from './reporter.ts'

export interface ModifyOptions extends Omit<PrepareOptions, 'inputs'> {
  /** Node or scaling group -> how many instances of it inside each instance of what contains it. */
  readonly scale?: Readonly<Record<string, number | Wanted>>
  /** Default: the deployment's own. Its instances are added to where it wants more; only `scale` removes instances. */
  readonly plan?: Plan
  /** Win over the deployment's inputs of the same name. */
  readonly inputs?: JsonObject
}

export type ModifyResult =
  | ({ readonly deployment: Deployment; readonly problems?: never } & InstanceChanges)
  | { readonly problems: readonly Problem[]; readonly deployment?: never }

/**
 * The deployment as it will be, and what that changes. Never throws for bad input.
 *
 * @example
 * const { plan } = parseBlueprint({
 *   main: `
 * tosca_definitions_version: cloudify_dsl_1_3
 * imports: [cloudify/types/types.yaml]
 * node_templates:
 *   host: { type: cloudify.nodes.Compute }
 *   app:
 *     type: cloudify.nodes.Root
 *     relationships: [{ type: cloudify.relationships.contained_in, target: host }]
 * `,
 * })
 * let last = 100000
 * const newSuffix = () => String((last += 1))
 * const { deployment } = prepareDeployment(plan, { newSuffix })
 * const { added, removed } = modifyDeployment(deployment, { scale: { host: 2 }, newSuffix })
 * console.log(added.map(({ id, change }) => `${id} ${change}`).join(', ')) // host_100003 added, app_100004 added
 */
export function modifyDeployment(deployment: Deployment, options: ModifyOptions): ModifyResult {
  const reporter = new Reporter()
  const draft = draftOf(deployment, options, reporter)
  const wishes = new Map(Object.entries(options.scale ?? {}).map(([name, wish]) => [name, wantedOf(wish)]))
  if (draft !== undefined) for (const [name, { instances }] of wishes) checkWish(name, instances, draft, reporter)
  if (draft === undefined || reporter.count > 0) return { problems: reporter.problems() }
  const scale = scaleOf(deployment, draft, wishes)
  const kept = Object.entries(scale).map(([name, instances]) => [name, { instances }] as const)
  const made = makeInstances(
    draft,
    {
      ...(options.newSuffix ? { newSuffix: options.newSuffix } : {}),
      earlier: deployment.instances,
      wanted: new Map<string, Wanted>([...kept, ...wishes]),
    },
    reporter,
  )
  if (made.problems !== undefined) return made
  const next = { ...made.deployment, ...(Object.keys(scale).length === 0 ? {} : { scale }) }
  return { deployment: next, ...compareInstances(deployment.instances, next.instances) }
}

function draftOf(deployment: Deployment, options: ModifyOptions, reporter: Reporter): Draft | undefined {
  const { plan = deployment.plan, inputs } = options
  if (options.plan === undefined && inputs === undefined) {
    const { instances: _instances, scale: _scale, ...draft } = deployment
    return draft
  }
  const earlier = Object.entries(deployment.inputs).filter(([name]) => Object.hasOwn(plan.inputs, name))
  return draftDeployment(plan, { ...options, inputs: { ...Object.fromEntries(earlier), ...inputs } }, reporter)
}

const wantedOf = (wish: number | Wanted): Wanted => (typeof wish === 'number' ? { instances: wish } : wish)

/** Numbers chosen earlier hold on for whatever is still there. */
function scaleOf(
  deployment: Deployment,
  draft: Draft,
  wishes: ReadonlyMap<string, Wanted>,
): Readonly<Record<string, number>> {
  const known = new Set([...draft.nodes.map(({ id }) => id), ...Object.keys(draft.scalingGroups)])
  const earlier = Object.entries(deployment.scale ?? {}).filter(([name]) => known.has(name))
  return Object.fromEntries([...earlier, ...[...wishes].map(([name, { instances }]) => [name, instances] as const)])
}

function checkWish(name: string, count: number, draft: Draft, reporter: Reporter): void {
  const place = { source: undefined, path: ['scale', name] }
  const limits = limitsOf(name, draft)
  if (limits === undefined) {
    const near = nearNames(name, [...draft.nodes.map(({ id }) => id), ...Object.keys(draft.scalingGroups)])
    const hint = near.length === 0 ? undefined : `did you mean ${near.map((other) => `'${other}'`).join(' or ')}?`
    reporter.add('blueprint.nothing_to_scale', place, { name, near: hint })
    return
  }
  const { min, max } = limits
  const refuse = (reason: string): void => {
    reporter.add('blueprint.scale_out_of_range', place, { name, count, reason })
  }
  if (!Number.isSafeInteger(count) || count < 0) refuse('that is no whole number of instances')
  else if (typeof min === 'number' && count < min) refuse(`min_instances is ${min}`)
  else if (typeof max === 'number' && max >= 0 && count > max) refuse(`max_instances is ${max}`)
}

function limitsOf(name: string, draft: Draft): { readonly min: unknown; readonly max: unknown } | undefined {
  const node = draft.nodes.find(({ id }) => id === name)
  if (node !== undefined) return node.instances
  if (!Object.hasOwn(draft.scalingGroups, name)) return undefined
  const properties = ((draft.scalingGroups[name] as JsonObject)['properties'] ?? {}) as JsonObject
  return { min: properties['min_instances'], max: properties['max_instances'] }
}
