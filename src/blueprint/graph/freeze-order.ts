// In which order a backup prepares the nodes of a plan: services before computes, dependents before what they rely on.
import type { Plan, PlannedNode } from '../plan.ts'

const prepare = 'cloudify.interfaces.freeze.fs_prepare'
const computeType = 'cloudify.nodes.Compute'

export interface FreezeStep {
  /** Counts from 1; nodes of the same number are prepared at the same time. */
  readonly number: number
  readonly tier: 'services' | 'computes'
  readonly nodes: readonly string[]
}

/**
 * Only nodes that have something to prepare take part.
 *
 * @example
 * const freezes = '{ cloudify.interfaces.freeze: { fs_prepare: x.sh, fs_finalize: x.sh } }'
 * const main = `
 * tosca_definitions_version: cloudify_dsl_1_3
 * imports: [cloudify/types/types.yaml]
 * node_templates:
 *   vm: { type: cloudify.nodes.Compute, interfaces: ${freezes} }
 *   db: { type: cloudify.nodes.DBMS, interfaces: ${freezes} }
 * `
 * const { plan } = parseBlueprint({ main, files: { 'x.sh': '' } })
 * console.log(freezeOrder(plan).map(({ nodes }) => nodes.join())) // [ 'db', 'vm' ]
 */
export function freezeOrder(plan: Plan): readonly FreezeStep[] {
  const steps: (FreezeStep & { readonly nodes: string[] })[] = []
  for (const tier of ['services', 'computes'] as const) {
    const members = new Set(
      plan.nodes.filter((node) => takesPart(node) && isCompute(node) === (tier === 'computes')).map(({ id }) => id),
    )
    const levels = levelsOf(plan.nodes, members)
    const before = steps.length
    for (const [id, level] of levels) {
      const at = before + level
      const step = (steps[at] ??= { number: at + 1, tier, nodes: [] })
      step.nodes.push(id)
    }
  }
  return steps
}

function takesPart(node: PlannedNode): boolean {
  const skipped = node.properties['skip_actions']
  const operation = Object.hasOwn(node.operations, prepare) ? node.operations[prepare] : undefined
  return operation !== undefined && operation.plugin !== '' && !(Array.isArray(skipped) && skipped.includes(prepare))
}

function isCompute(node: PlannedNode): boolean {
  return node.typeHierarchy.includes(computeType)
}

/** How many members at most depend on each member one after the other; others pass on what they were told. */
function levelsOf(nodes: readonly PlannedNode[], members: ReadonlySet<string>): ReadonlyMap<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const waiting = new Map(nodes.map((node) => [node.id, 0]))
  for (const { relationships } of nodes) {
    for (const { target } of relationships) waiting.set(target, (waiting.get(target) ?? 0) + 1)
  }
  const ready = nodes.filter((node) => waiting.get(node.id) === 0).map(({ id }) => id)
  const reached = new Map<string, number>()
  const levels = new Map<string, number>()
  for (let id = ready.shift(); id !== undefined; id = ready.shift()) {
    const level = reached.get(id) ?? 0
    if (members.has(id)) levels.set(id, level)
    const passed = members.has(id) ? level + 1 : level
    for (const { target } of byId.get(id)?.relationships ?? []) {
      reached.set(target, Math.max(reached.get(target) ?? 0, passed))
      const left = (waiting.get(target) ?? 0) - 1
      waiting.set(target, left)
      if (left === 0) ready.push(target)
    }
  }
  return levels
}
