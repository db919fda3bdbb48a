// A node of a blueprint whose cloud is the fake: the context of its operations, in a world where time is short.
import type { Json, JsonObject } from '../../../src/kernel/json.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import type { World } from '../../../src/world/world.ts'
import { operationContext, type OperationContextOptions, type TestContext } from '../operation-context.ts'
import type { FakeOpenstack } from './fake-openstack.ts'

/** Everything that is waited for takes a hundredth: what an operation has 10 minutes for is over after 6 s. */
export function shortWorld(factor = 100): World {
  const world = realWorld()
  const { clock } = world
  return {
    ...world,
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic() * factor,
      sleep: (length, signal) => clock.sleep(length / factor, signal),
    },
  }
}

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
