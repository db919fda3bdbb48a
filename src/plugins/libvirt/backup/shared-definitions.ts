// Networks and pools that a domain uses, as their definitions. Domains of a group mostly use the same ones: what several of
// them need at the same time is read once for all.
import { dirname } from 'node:path/posix'
import type { OperationContext } from '../../contract/context.ts'
import { unlessInterrupted } from '../../ssh/client/interrupted.ts'
import { hasCode } from '../client/errors.ts'
import { networkXml } from '../client/flags.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import { withoutChild, type XmlElement } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'

/** What is read for all must not end with the operation that asked first; each call has a deadline. */
const always = { signal: new AbortController().signal }

export class SharedDefinitions {
  readonly #hypervisor: Hypervisor
  readonly #read = new Map<string, Promise<unknown>>()

  constructor(hypervisor: Hypervisor) {
    this.#hypervisor = hypervisor
  }

  /** undefined: it is not there. */
  network(ctx: Pick<OperationContext, 'signal'>, name: string): Promise<XmlElement | undefined> {
    return this.#once(ctx, `network ${name}`, async () => {
      const looked = await this.#hypervisor.call('NETWORK_LOOKUP_BY_NAME', { name }, always).catch(without)
      if (looked === undefined) return undefined
      const { net } = looked
      const { persistent } = await this.#hypervisor.call('NETWORK_IS_PERSISTENT', { net }, always)
      const flags = persistent === 1 ? networkXml.inactive : 0
      const { xml } = await this.#hypervisor.call('NETWORK_GET_XML_DESC', { net, flags }, always)
      return parseXml(xml, `the network '${name}'`)
    })
  }

  /** undefined: it is not there. */
  pool(ctx: Pick<OperationContext, 'signal'>, name: string): Promise<XmlElement | undefined> {
    return this.#once(ctx, `pool ${name}`, async () => {
      const looked = await this.#hypervisor.call('STORAGE_POOL_LOOKUP_BY_NAME', { name }, always).catch(without)
      if (looked === undefined) return undefined
      const { xml } = await this.#hypervisor.call('STORAGE_POOL_GET_XML_DESC', { pool: looked.pool }, always)
      return definitionOf(parseXml(xml, `the pool '${name}'`))
    })
  }

  /** The name of the pool that the file or device lies in; undefined: in none. */
  poolAround(ctx: Pick<OperationContext, 'signal'>, file: string): Promise<string | undefined> {
    const path = dirname(file)
    return this.#once(ctx, `folder ${path}`, async () => {
      const known = await this.#hypervisor.call('STORAGE_POOL_LOOKUP_BY_TARGET_PATH', { path }, always).catch(without)
      return known?.pool.name
    })
  }

  async #once<Value>(
    { signal }: Pick<OperationContext, 'signal'>,
    what: string,
    read: () => Promise<Value>,
  ): Promise<Value> {
    const known = this.#read.get(what) as Promise<Value> | undefined
    const reading = known ?? read()
    this.#read.set(what, reading)
    try {
      return await unlessInterrupted(reading, [{ signal }])
    } catch (thrown) {
      // Whoever asks again may be luckier.
      if (this.#read.get(what) === reading) this.#read.delete(what)
      throw thrown
    }
  }
}

interface Shared {
  readonly definitions: SharedDefinitions
  users: number
}

const shared = new WeakMap<Hypervisor, Shared>()

/** What `use` reads is kept as long as anybody uses it, and read anew for who comes later. */
export async function withDefinitions<Result>(
  hypervisor: Hypervisor,
  use: (definitions: SharedDefinitions) => Promise<Result>,
): Promise<Result> {
  const own = shared.get(hypervisor) ?? { definitions: new SharedDefinitions(hypervisor), users: 0 }
  shared.set(hypervisor, own)
  own.users += 1
  try {
    return await use(own.definitions)
  } finally {
    own.users -= 1
    if (own.users === 0) shared.delete(hypervisor)
  }
}

// A pool tells how full it is, too, which is another figure each time.
const definitionOf = (pool: XmlElement): XmlElement =>
  ['capacity', 'allocation', 'available'].reduce((left, name) => withoutChild(left, name), pool)

function without(thrown: unknown): undefined {
  if (hasCode(thrown, 'NO_NETWORK', 'NO_STORAGE_POOL')) return undefined
  throw thrown
}
