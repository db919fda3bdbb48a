// Whole topologies on the fake cloud: a new cloud for each test, blueprints that are run on it, and what there is afterwards.
import { expect } from 'chai'
import type { JsonObject } from '../../../src/kernel/json.ts'
import { testFermata, type TestFermata, type TestFermataOptions } from '../../../src/testing/test-fermata.ts'
import { fakeOpenstack, type FakeOpenstack, type FakeOpenstackOptions } from './fake-openstack.ts'
import { shortWorld } from './node-on-fake.ts'

export class Topologies {
  #fake: FakeOpenstack | undefined
  #test: TestFermata | undefined

  get fake(): FakeOpenstack {
    if (this.#fake) return this.#fake
    throw new Error('the cloud is not open')
  }

  get test(): TestFermata {
    if (this.#test) return this.#test
    throw new Error('nothing is deployed')
  }

  /** Its input `access` is the cloud's client_config, unless others are given. */
  async deploy(blueprint: string, options: Partial<TestFermataOptions> = {}): Promise<void> {
    const inputs = { access: this.fake.clientConfig as JsonObject }
    this.#test = await testFermata({ inputs, ...options, blueprint, world: shortWorld() })
  }

  async run(workflow: string, parameters: JsonObject = {}): Promise<void> {
    const found = await this.test.run(workflow, parameters, { taskRetries: 3 })
    const tail = (await this.test.events(found)).slice(-5).map(({ message }) => message)
    expect(found.status, tail.join('\n')).to.equal('terminated')
  }

  all(collection: string): JsonObject[] {
    return [...this.fake.state.things(collection).values()]
  }

  one(collection: string, name: string): JsonObject {
    return this.all(collection).find((thing) => thing['name'] === name) ?? {}
  }

  /** Servers, volumes and images as well. */
  counts(collections: readonly string[]): Record<string, number> {
    const { servers, volumes, images } = this.fake.state
    const all = collections.map((collection) => [collection, this.all(collection).length])
    return { ...Object.fromEntries(all), servers: servers.size, volumes: volumes.size, images: images.size }
  }

  /** What there is more of than before. */
  added(collections: readonly string[], before: Readonly<Record<string, number>>): Record<string, number> {
    const now = Object.entries(this.counts(collections))
    const more = now.map(([name, count]): [string, number] => [name, count - (before[name] ?? 0)])
    return Object.fromEntries(more.filter(([, count]) => count !== 0))
  }

  /** What the only instance of a node has on record. */
  async known(node: string): Promise<JsonObject> {
    const instances = await this.test.fermata.nodeInstances.list('test')
    return instances.find(({ nodeId }) => nodeId === node)?.runtimeProperties ?? {}
  }

  async open(options: FakeOpenstackOptions): Promise<void> {
    this.#fake = await fakeOpenstack(options)
  }

  async close(): Promise<void> {
    await this.#test?.[Symbol.asyncDispose]()
    this.#test = undefined
    await this.#fake?.close()
  }
}

/** Call it inside of a `describe`. */
export function topologies(options: FakeOpenstackOptions = {}): Topologies {
  const all = new Topologies()
  beforeEach(() => all.open(options))
  afterEach(() => all.close())
  return all
}
