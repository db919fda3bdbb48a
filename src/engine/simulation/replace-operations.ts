// A user's deployment with every operation replaced by a simulated one of its kind: nothing of theirs is called. The kind
// is the real operation's where its plugin is there, else what the interface is for.
import type { PlannedNode, PlannedOperation, PlannedRelationship } from '../../blueprint/plan.ts'
import { fsFinalize, fsPrepare, snapshotCreate } from '../../lifecycle/operations.ts'
import { deadmanKind, type PluginOperation } from '../../plugins/contract/operation.ts'
import type { Topology } from './topology.ts'
import { ownPlugin } from '../own-plugin.ts'

/** undefined: no plugin provides it. */
export type FindOperation = (plugin: string, operation: string) => PluginOperation | undefined

const simulator = ownPlugin('sim')

const byInterface: Readonly<Record<string, string>> = {
  'cloudify.interfaces.freeze.suspend': 'suspend',
  'cloudify.interfaces.freeze.resume': 'resume',
  'cloudify.interfaces.lifecycle.suspend': 'suspend',
  'cloudify.interfaces.lifecycle.resume': 'resume',
  'cloudify.interfaces.lifecycle.create': 'create',
  'cloudify.interfaces.lifecycle.start': 'start',
  'cloudify.interfaces.lifecycle.stop': 'stop',
  'cloudify.interfaces.lifecycle.delete': 'delete',
  'cloudify.interfaces.snapshot.apply': 'snapshot_apply',
  'cloudify.interfaces.snapshot.delete': 'snapshot_delete',
  'cloudify.interfaces.statistics.perfomance': 'statistics',
  [fsPrepare]: 'freeze',
  [fsFinalize]: 'thaw',
}

export function replaceOperations(topology: Topology, find: FindOperation): Topology {
  const nodes = topology.prepared.nodes.map((node) => replaceNode(node, find))
  const { plan, prepared } = topology
  return {
    ...topology,
    plan: { ...plan, plugins: { ...plan.plugins, sim: simulator } },
    prepared: { ...prepared, nodes },
  }
}

function replaceNode(node: PlannedNode, find: FindOperation): PlannedNode {
  const prepare = node.operations[fsPrepare]
  const real = prepare && find(prepare.plugin, prepare.operation)
  // What nobody knows is taken to have one: the real thing is there when it is needed.
  const hasDeadman = !real || (deadmanKind(real) ?? 'none') !== 'none'
  return {
    ...node,
    properties: { ...node.properties, deadman: hasDeadman ? 'guest' : 'none' },
    operations: replaceAll(node.operations, (name, planned) =>
      simulatedName(name, find(planned.plugin, planned.operation)),
    ),
    relationships: node.relationships.map(replaceRelationship),
  }
}

function replaceRelationship(relationship: PlannedRelationship): PlannedRelationship {
  return {
    ...relationship,
    sourceOperations: replaceAll(relationship.sourceOperations, () => 'work'),
    targetOperations: replaceAll(relationship.targetOperations, () => 'work'),
  }
}

function simulatedName(name: string, real: PluginOperation | undefined): string {
  if (name === snapshotCreate) return real?.kind === 'run' ? 'snapshot_whole' : 'snapshot_create'
  return byInterface[name] ?? 'work'
}

type Planned = Readonly<Record<string, PlannedOperation>>

function replaceAll(operations: Planned, nameOf: (name: string, planned: PlannedOperation) => string): Planned {
  const entries = Object.entries(operations).map(([name, planned]): [string, PlannedOperation] => [
    name,
    planned.plugin === '' ? planned : simulated(planned, nameOf(name, planned)),
  ])
  return Object.fromEntries(entries)
}

// Inputs are the real operation's business; retries and timeouts are the run's.
function simulated({ inputTypes: _types, ...planned }: PlannedOperation, operation: string): PlannedOperation {
  return { ...planned, plugin: 'sim', operation, inputs: {}, hasIntrinsicFunctions: false }
}
