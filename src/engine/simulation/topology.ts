// What is simulated: a plan with its instances, as the engine finds them in the store. Some come along.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Deployment, Plan, PlannedInstance } from '../../blueprint/plan.ts'
import { parseBlueprint } from '../../blueprint/parse-blueprint.ts'
import { prepareDeployment } from '../../blueprint/prepare-deployment.ts'
import type { Write } from '../../store/store.ts'
import type { Prepared } from '../plans.ts'

export interface Topology {
  readonly name: string
  readonly plan: Plan
  readonly prepared: Prepared
}

/** Blueprint and deployment have the same id. */
export const simulatedId = 'simulated'

const head = `tosca_definitions_version: cloudify_dsl_1_4
imports: [cloudify/types/types.yaml, 'plugin:fermata-sim']
`
const contained = (target: string): string => `{type: cloudify.relationships.contained_in, target: ${target}}`
const connected = (target: string): string => `{type: cloudify.relationships.connected_to, target: ${target}}`

const texts: Readonly<Record<string, string>> = {
  single: `${head}
node_templates:
  vm: {type: fermata.nodes.sim.Host}
`,
  'three-tier': `${head}
node_templates:
  vm: {type: fermata.nodes.sim.Host}
  db: {type: fermata.nodes.sim.Service, relationships: [${contained('vm')}]}
  web: {type: fermata.nodes.sim.Service, relationships: [${contained('vm')}, ${connected('db')}]}
`,
  'two-hosts': `${head}
node_templates:
  left: {type: fermata.nodes.sim.Host}
  right: {type: fermata.nodes.sim.Host}
  db: {type: fermata.nodes.sim.Service, relationships: [${contained('left')}]}
  queue: {type: fermata.nodes.sim.Service, relationships: [${contained('right')}]}
  web: {type: fermata.nodes.sim.Service, relationships: [${contained('right')}, ${connected('db')}, ${connected('queue')}]}
groups:
  data: {members: [db, queue]}
`,
}

export const topologyNames: readonly string[] = Object.keys(texts)

const made = new Map<string, Topology>()

/** One of those that come along. @throws RangeError when there is none of that name. */
export function builtInTopology(name: string): Topology {
  const known = made.get(name)
  if (known) return known
  const text = texts[name]
  if (text === undefined) throw new RangeError(`no topology is called '${name}'`)
  const types = readFileSync(new URL('../../plugins/sim/plugin.yaml', import.meta.url), 'utf8')
  const files = { 'blueprint.yaml': text }
  const { plan, problems } = parseBlueprint({ main: 'blueprint.yaml', files, plugins: { 'fermata-sim': types } })
  if (!plan) throw new TypeError(`topology '${name}': ${problems.map((problem) => problem.message).join('; ')}`)
  const topology = topologyOf(name, plan)
  made.set(name, topology)
  return topology
}

/** The deployment of a plan, with ids that are the same each time. */
export function topologyOf(name: string, plan: Plan, inputs: Prepared['inputs'] = {}): Topology {
  let count = 0
  const newSuffix = (): string => String(++count).padStart(6, '0')
  const { deployment, problems } = prepareDeployment(plan, { inputs, secrets: plan.secrets, newSuffix })
  if (!deployment) throw new TypeError(`topology '${name}': ${problems.map((problem) => problem.message).join('; ')}`)
  return { name, plan, prepared: withoutPlan(deployment) }
}

function withoutPlan({ plan: _plan, ...prepared }: Deployment): Prepared {
  return prepared
}

/** Without these nodes; whatever else names them forgets them. */
export function withoutNodes(topology: Topology, nodeIds: ReadonlySet<string>): Topology {
  const { prepared } = topology
  const isKept = (instance: PlannedInstance): boolean => !nodeIds.has(instance.nodeId)
  const instances = prepared.instances.filter(isKept).map((instance) => ({
    ...instance,
    relationships: instance.relationships.filter((link) => !nodeIds.has(link.targetNodeId)),
  }))
  const nodes = prepared.nodes.filter((node) => !nodeIds.has(node.id))
  return {
    name: topology.name,
    plan: { ...topology.plan, groups: {}, nodes: topology.plan.nodes.filter((node) => !nodeIds.has(node.id)) },
    prepared: { ...prepared, nodes, instances },
  }
}

const rowsOf = new WeakMap<Topology, readonly Write[]>()

/** The rows that a deployment of it has, with all instances in this state. */
export function topologyRows(topology: Topology, state: string): readonly Write[] {
  const known = rowsOf.get(topology) ?? fixedRows(topology)
  rowsOf.set(topology, known)
  const instances = topology.prepared.instances.map(({ id, nodeId }) => [simulatedId, id, nodeId, state, '{}'])
  return [
    ...known,
    {
      sql: 'insert into node_instances (deployment_id, id, node_id, state, runtime_properties) values (?, ?, ?, ?, ?)',
      rows: instances,
    },
  ]
}

function fixedRows({ plan, prepared }: Topology): Write[] {
  const text = JSON.stringify(plan)
  const digest = createHash('sha256').update(text).digest('hex')
  return [
    {
      sql: 'insert into blueprints (id, main_file, description, digest, plan, created_at) values (?, ?, ?, ?, ?, ?)',
      rows: [[simulatedId, 'blueprint.yaml', null, digest, text, 0]],
    },
    {
      sql: 'insert into deployments (id, blueprint_id, inputs, prepared, created_at) values (?, ?, ?, ?, ?)',
      rows: [[simulatedId, simulatedId, JSON.stringify(prepared.inputs), JSON.stringify(prepared), 0]],
    },
  ]
}
