// Node and node instance as `ctx node` and `ctx instance` show them.
import type { Json } from '../../../kernel/json.ts'
import type { NodeView, OperationContext, RelationshipView, Subject } from '../../contract/context.ts'
import { bad, dictionary, requiredText, texts } from './arguments.ts'
import { call, leaf, readOnly, scope, writable, type Entry } from './entry.ts'
import { deletePath } from './property-path.ts'

export function nodeEntry(node: NodeView): Entry {
  return scope({
    id: () => leaf(node.id),
    name: () => leaf(node.id),
    type: () => leaf(node.type),
    type_hierarchy: () => leaf(node.typeHierarchy),
    properties: () => readOnly(node.properties),
  })
}

/** `host` is where host-ip is read from. */
export function instanceEntry(subject: Subject, host: Subject | undefined): Entry {
  const { instance } = subject
  const target = instance.runtimeProperties
  return scope({
    id: () => leaf(instance.id),
    index: () => leaf(instance.index),
    host_ip: () => leaf(hostAddress(host)),
    runtime_properties: () => writable(target),
    delete_runtime_property: () =>
      call(['path'], ([path]) => (deletePath(target, requiredText(path, 'the path')), null)),
    patch_runtime_properties: () =>
      call(['changes', 'removed'], ([changes, removed]) => {
        for (const [name, value] of Object.entries(dictionary(changes, 'changes'))) put(target, name, value)
        for (const name of texts(removed, 'removed')) delete target[name]
        return null
      }),
    relationships: () => leaf(instance.relationships.map(relationshipValue)),
    update: () => call(['on_conflict'], async () => (await subject.save(), null)),
    // Nobody else writes the properties while the operation runs: what we hold is what is stored, or newer.
    refresh: () => call(['force'], () => null),
  })
}

export function endEntry(ctx: OperationContext, end: Subject): Entry {
  const host = ctx.instance.id === end.instance.id ? ctx.host : undefined
  return scope({ node: () => nodeEntry(end.node), instance: () => instanceEntry(end, host) })
}

function relationshipValue(relationship: RelationshipView): Json {
  return {
    type: relationship.type,
    type_hierarchy: relationship.typeHierarchy,
    target: { instance: { id: relationship.targetId }, node: { id: relationship.targetNodeId } },
  }
}

function hostAddress(host: Subject | undefined): Json {
  const address = host?.instance.runtimeProperties['ip'] ?? host?.node.properties['ip']
  if (address === undefined || address === null || address === '') {
    throw bad("no address is known: neither a runtime property nor a property 'ip' is set on the host")
  }
  return address
}

// Assigning to __proto__ would change the object's prototype instead.
function put(target: Record<string, Json>, name: string, value: Json): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}
