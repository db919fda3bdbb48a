// A node of a blueprint whose cloud is the fake: the context of its operations, in a world where time is short.
import type { Json, JsonObject } from '../../../src/kernel/json.ts'
import { operationContext, type OperationContextOptions, type TestContext } from '../operation-context.ts'
import { shortWorld } from '../short-world.ts'
import type { FakeOpenstack } from './fake-openstack.ts'

export { shortWorld }

export interface NodeOnFake {
  /** `Server`, `Volume`: of cloudify.nodes.openstack. */
  readonly type: string
  readonly properties?: JsonObject
  /** What is known of the instance; with `id` it is as after an install. */
  readonly runtime?: Readonly<Record<string, Json>>
  readonly options?: OperationContextOptions
}

/** Call `cleanUp` after the test. */
export function nodeContext(cloud: FakeOpenstack, { type, properties, runtime, options }: NodeOnFake): TestContext {
  const id = type.toLowerCase()
  return operationContext({
    world: shortWorld(),
    ...options,
    node: {
      id,
      type: `cloudify.nodes.openstack.${type}`,
      properties: { client_config: cloud.clientConfig, ...properties },
    },
    instance: { id: `${id}_x1y2z3`, nodeId: id, runtimeProperties: { ...runtime } },
  })
}
