// A node of a blueprint whose hypervisor is the fake: the context of its operations, in a world where time is short.
import type { Json, JsonObject } from '../../../src/kernel/json.ts'
import type { AnyInputs, RunOperation } from '../../../src/plugins/contract/operation.ts'
import { operationContext, type OperationContextOptions, type TestContext } from '../operation-context.ts'
import { shortWorld } from '../short-world.ts'
import type { FakeLibvirtd } from './fake-libvirtd.ts'

export interface NodeOnFake {
  readonly properties?: JsonObject
  /** What is known of the instance; with a name of a domain of the fake it is as after an install. */
  readonly runtime?: Record<string, Json>
  readonly domain?: string
  readonly options?: OperationContextOptions
}

/** Call `cleanUp` after the test. */
export function domainContext(
  libvirtd: FakeLibvirtd,
  { properties, runtime, domain, options }: NodeOnFake = {},
): TestContext {
  const known = domain === undefined ? {} : { resource_id: domain, domain_uuid: libvirtd.domain(domain).uuid }
  return operationContext({
    world: shortWorld(),
    ...options,
    node: { id: 'vm', type: 'cloudify.libvirt.domain', properties: { libvirt_auth: libvirtd.uri, ...properties } },
    instance: { id: 'vm_x1y2z3', nodeId: 'vm', runtimeProperties: { ...known, ...runtime } },
  })
}

export async function run(operation: RunOperation, ctx: TestContext, inputs: AnyInputs = {}): Promise<Json | void> {
  return operation.run(ctx, inputs)
}
