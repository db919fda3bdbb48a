// A deployment that knows nothing but its way into the fake cloud, for workflows on servers that are no nodes; the day is what
// the test says.
import { expect } from 'chai'
import type { EventRecord, ExecutionDetails, StartOptions } from '../../../src/engine/api.ts'
import type { Duration } from '../../../src/kernel/duration.ts'
import { isJsonObject, type JsonObject } from '../../../src/kernel/json.ts'
import { testFermata, type TestFermata, type TestRun } from '../../../src/testing/test-fermata.ts'
import type { World } from '../../../src/world/world.ts'
import { expectKeptBy } from '../kept-promises.ts'
import { shortWorld } from '../short-world.ts'
import { fakeOpenstack, type FakeOpenstack, type FakeOpenstackOptions } from './fake-openstack.ts'
import type { Held } from '../../../src/testing/fake-http/work.ts'

export interface ScheduledSite extends AsyncDisposable {
  readonly cloud: FakeOpenstack
  readonly test: TestFermata
  /** Sets the clock: `2026-11-21T05:00Z`. It goes on from there. */
  at(time: string): void
  /** Lets so much time go by at once: whoever waits for the cloud has waited in vain. */
  skip(length: Duration): void
  run(workflow: string, parameters: JsonObject, options?: Partial<StartOptions>): Promise<ExecutionDetails>
  /** Resolves when the cloud has come to a step that is held. Throws when the run ends before. */
  reached(held: Held, run: TestRun): Promise<void>
  /** Must succeed; what the workflow returned. */
  succeed(workflow: string, parameters: JsonObject): Promise<JsonObject>
  /** Names of all images and volume snapshots but the first image, oldest first. */
  copies(): readonly string[]
  texts(execution: ExecutionDetails): Promise<readonly string[]>
}

export async function scheduledSite(
  options: FakeOpenstackOptions & { readonly nodes?: string } = {},
): Promise<ScheduledSite> {
  const { nodes = '', ...cloudOptions } = options
  let start = Date.parse('2026-11-21T05:00Z')
  let since = Date.now()
  const now = (): number => start + Date.now() - since
  const cloud = await fakeOpenstack({ ...cloudOptions, now })
  const short = shortWorld(20)
  let skipped = 0
  const monotonic = (): number => short.clock.monotonic() + skipped
  const world: World = { ...short, clock: { ...short.clock, now, monotonic } }
  const test = await testFermata({ blueprint: blueprintFor(cloud, nodes), world })
  const run: ScheduledSite['run'] = (workflow, parameters, more) => test.run(workflow, parameters, more)
  return {
    cloud,
    test,
    at(time) {
      start = Date.parse(time)
      since = Date.now()
    },
    skip: (length) => void (skipped += length),
    run,
    async succeed(workflow, parameters) {
      const done = await run(workflow, parameters)
      expect(done.status, JSON.stringify(done.error)).to.equal('terminated')
      return isJsonObject(done.result) ? done.result : {}
    },
    async reached(held, run) {
      const early = run.done.then(({ status, error }) => expect.fail(`it ended before: ${status} ${error?.message}`))
      await Promise.race([held.reached, early])
    },
    copies: () => copiesIn(cloud),
    texts: async (execution) => (await test.events(execution)).map(({ message }: EventRecord) => message),
    async [Symbol.asyncDispose]() {
      try {
        await expectKeptBy(test.fermata)
      } finally {
        await test[Symbol.asyncDispose]()
        await cloud.close()
      }
    },
  }
}

function copiesIn({ state, baseImage }: FakeOpenstack): readonly string[] {
  const all = [...state.images.values(), ...state.snapshots.values()].filter(({ id }) => id !== baseImage.id)
  return all.toSorted((left, right) => left.serial - right.serial).map(({ name }) => name ?? '')
}

const blueprintFor = ({ clientConfig }: FakeOpenstack, nodes: string): string => `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, plugin:cloudify-openstack-plugin]
dsl_definitions:
  config: &config ${JSON.stringify(clientConfig)}
node_templates:
  cloud: { type: fermata.nodes.openstack.Access, properties: { client_config: *config } }
${nodes}`
