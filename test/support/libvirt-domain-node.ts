// A node of a blueprint that is a domain, as operations of the libvirt plugin see it: each call has a context of its own,
// and what one leaves in the runtime properties the next one finds.
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import type { OperationDetails } from '../../src/plugins/contract/context.ts'
import type { Deadman } from '../../src/plugins/contract/deadman.ts'
import type {
  CutOperation,
  FreezeOperation,
  RunOperation,
  ThawOperation,
} from '../../src/plugins/contract/operation.ts'
import { realWorld } from '../../src/world/real-world.ts'
import plugin from '../../src/plugins/libvirt/plugin.ts'
import {
  operationContext,
  type OperationContextOptions,
  type TestContext,
} from '../../src/testing/operation-context.ts'

const operationOf = <Kind>(name: string): Kind =>
  plugin.operations[`cloudify_libvirt.domain_tasks.${name}`] as unknown as Kind

export const operations = {
  freeze: operationOf<FreezeOperation>('fs_prepare'),
  thaw: operationOf<ThawOperation>('fs_finalize'),
  snapshotCreate: operationOf<CutOperation>('snapshot_create'),
  snapshotApply: operationOf<RunOperation>('snapshot_apply'),
  snapshotDelete: operationOf<RunOperation>('snapshot_delete'),
} as const

export const deadman = operations.freeze.deadman as Deadman

export interface DomainNode extends AsyncDisposable {
  readonly runtimeProperties: Record<string, Json>
  /** What the last context logged. */
  readonly lines: readonly string[]
  context(operation: string, more?: NodeCall): TestContext
}

interface NodeCall extends Pick<OperationContextOptions, 'part' | 'signal' | 'bracket'> {
  readonly details?: Partial<OperationDetails>
}

export function domainNode(uri: string, domain: string, properties: JsonObject = {}): DomainNode {
  const runtimeProperties: Record<string, Json> = {}
  const contexts: TestContext[] = []
  // One process has one world, and shares its connections in it.
  const world = realWorld()
  return {
    runtimeProperties,
    get lines() {
      return contexts.at(-1)?.lines ?? []
    },
    context(operation, { details, ...more } = {}) {
      const [first] = contexts
      const made = operationContext({
        node: {
          id: 'vm',
          type: 'cloudify.libvirt.domain',
          properties: { libvirt_auth: uri, use_external_resource: true, resource_id: domain, ...properties },
        },
        instance: { id: 'vm_1', nodeId: 'vm', runtimeProperties },
        operation: { name: `cloudify.interfaces.${operation}`, key: `key of ${operation}`, ...details },
        bracket: { name: 'backup', purpose: 'save' },
        world,
        ...(first ? { stateDirectory: first.stateDirectory } : {}),
        ...more,
      })
      contexts.push(made)
      return made
    },
    async [Symbol.asyncDispose]() {
      await plugin.close?.()
      for (const one of contexts.toReversed()) await one.cleanUp()
    },
  }
}
