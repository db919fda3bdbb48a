// What a guard knows of the operation it stands in for: the context as it was when it was armed.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fault, type Fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { World } from '../../../world/world.ts'
import type {
  InstanceView,
  NodeView,
  OperationContext,
  OperationDetails,
  OperationLog,
} from '../../contract/context.ts'
import { replaceFile } from '../../guard/record-file.ts'

export interface Snapshot extends JsonObject {
  readonly node: NodeView & JsonObject
  readonly instance: InstanceView & JsonObject
  /** Of the host, for `host-ip`. */
  readonly host: { readonly node: NodeView & JsonObject; readonly instance: InstanceView & JsonObject } | null
  readonly operation: OperationDetails & JsonObject
  readonly execution: OperationContext['execution']
  readonly deployment: OperationContext['deployment']
  readonly blueprint: OperationContext['blueprint']
  readonly stateDirectory: string
  /** Path in the blueprint -> copy. */
  readonly files: Readonly<Record<string, string>>
}

/** `files`: copies that the guard can get at. */
export function takeSnapshot(ctx: OperationContext, name: string, files: Snapshot['files']): Snapshot {
  const { operation, execution, deployment, blueprint, stateDirectory, host } = ctx
  return {
    ...subjectOf(ctx),
    host: host ? subjectOf(host) : null,
    operation: { ...operation, name, attempt: 1, maxAttempts: 1, inDoubt: true },
    execution: { id: execution.id, workflow: execution.workflow },
    deployment: { id: deployment.id },
    blueprint: { id: blueprint.id },
    stateDirectory,
    files,
  }
}

// Field by field: what implements the views holds more than they show.
function subjectOf({ node, instance }: Pick<OperationContext, 'node' | 'instance'>) {
  const { id, type, typeHierarchy, properties } = node
  const { nodeId, index, hostId, relationships, runtimeProperties } = instance
  return {
    node: { id, type, typeHierarchy, properties },
    instance: {
      id: instance.id,
      nodeId,
      index,
      hostId,
      relationships: relationships.map((relationship) => ({
        type: relationship.type,
        typeHierarchy: relationship.typeHierarchy,
        targetId: relationship.targetId,
        targetNodeId: relationship.targetNodeId,
      })),
      runtimeProperties: structuredClone(runtimeProperties),
    },
  } as Pick<Snapshot, 'node' | 'instance'>
}

/** What fs_prepare has written since: the script that thaws may go by it. */
export function updateProperties(parcel: string, properties: JsonObject): void {
  replaceFile(join(parcel, 'properties.json'), JSON.stringify(properties))
}

export function currentProperties(parcel: string, snapshot: Snapshot): Record<string, Json> {
  try {
    const value: unknown = JSON.parse(readFileSync(join(parcel, 'properties.json'), 'utf8'))
    if (isJsonObject(value)) return { ...value }
  } catch {
    // Nothing was written since.
  }
  return { ...snapshot.instance.runtimeProperties }
}

export interface SnapshotParts {
  readonly world: World
  readonly log: OperationLog
  readonly signal: AbortSignal
  readonly runtimeProperties: Record<string, Json>
}

/** A context that serves what the snapshot holds, and says clearly what it cannot serve. */
export function snapshotContext(snapshot: Snapshot, parts: SnapshotParts): OperationContext {
  const { world, log, signal, runtimeProperties } = parts
  const subject = (views: Pick<Snapshot, 'node' | 'instance'>) => ({ ...views, save: async () => {} })
  return {
    ...subject({ node: snapshot.node, instance: { ...snapshot.instance, runtimeProperties } as Snapshot['instance'] }),
    ...(snapshot.host ? { host: subject(snapshot.host) } : {}),
    operation: snapshot.operation,
    execution: snapshot.execution,
    deployment: snapshot.deployment,
    blueprint: snapshot.blueprint,
    log,
    event: (text) => log.info(text),
    signal,
    world,
    stateDirectory: snapshot.stateDirectory,
    async blueprintFile(path) {
      const copy = snapshot.files[path]
      if (copy === undefined) throw unserved(`the deadman has no copy of '${path}': only of the script itself`)
      return copy
    },
    secret: async (name) => {
      throw unserved(`the deadman knows no secret '${name}': hand it to fs_finalize as an input`)
    },
    evaluate: async (value) => value,
    once: async ({ create }) => create(snapshot.operation.key),
    until: async () => {
      throw unserved('the deadman waits for nothing')
    },
    retry: (message) => {
      throw unserved(message)
    },
  }
}

function unserved(message: string): Fault {
  return fault('script.bad_input', { details: { message } })
}
