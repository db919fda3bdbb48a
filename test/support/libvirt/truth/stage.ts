// A domain on a daemon, real or fake, and a story that is told of it: each call with what came of it, each event.
import { eventKinds, type EventName } from '../../../../src/plugins/libvirt/client/events.ts'
import type { ArgumentsOf, ProcedureName, ReturnsOf } from '../../../../src/plugins/libvirt/client/procedures.ts'
import { valuesOf, type Domain, type Parameter } from '../../../../src/plugins/libvirt/client/structs.ts'
import { XdrReader } from '../../../../src/plugins/libvirt/client/xdr.ts'
import type { Json } from '../../../../src/kernel/json.ts'
import { RawClient, Refused } from '../raw-client.ts'

/** What tells the two kinds of daemon apart. */
export interface Site extends AsyncDisposable {
  readonly socket: string
  /** A running domain of its own with two qcow2 disks, vda and vdb, and an agent that answers. */
  readonly domain: string
  /** Where new files of it may lie. */
  readonly folder: string
  /** Where its disks lie. */
  readonly disks: string
  /** Lets the guest's agent answer no more, with its channel open. */
  hangAgent(): Promise<void>
  /** The target of a disk whose backup takes long enough to be slowed down. */
  slowDisk(): Promise<string>
  /** Lets the backup that goes on take longer than any story. */
  slowDown(): Promise<void>
}

/** How long an event may take to come, in ms. */
const patience = 15_000

type Args<Name extends ProcedureName> = Omit<ArgumentsOf<Name>, 'dom'>

export class Stage implements AsyncDisposable {
  /** What was told so far. */
  readonly told: string[] = []
  readonly site: Site
  readonly client: RawClient
  readonly dom: Domain
  readonly #callbacks = new Map<number, EventName>()
  readonly #events: string[] = []
  #seen = 0

  private constructor(site: Site, client: RawClient, dom: Domain) {
    this.site = site
    this.client = client
    this.dom = dom
  }

  static async open(site: Site): Promise<Stage> {
    const client = await RawClient.open(site.socket)
    await client.call('AUTH_LIST', {})
    await client.call('CONNECT_OPEN', { name: 'qemu:///system' })
    const { dom } = await client.call('DOMAIN_LOOKUP_BY_NAME', { name: site.domain })
    const stage = new Stage(site, client, dom)
    for (const name of ['lifecycle', 'blockJob', 'jobCompleted'] as const) {
      const args = { eventID: eventKinds[name].id, dom }
      const { callbackID } = await client.call('CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY', args)
      stage.#callbacks.set(callbackID, name)
    }
    return stage
  }

  /** Paths are other on each site. */
  tell(text: string): void {
    this.told.push(text.replaceAll(this.site.folder, 'FOLDER').replaceAll(this.site.disks, 'DISKS'))
  }

  /** A call about the domain: tells its values, or the code it was refused with. */
  async does<Name extends ProcedureName>(
    name: Name,
    args: Args<Name>,
    show: (returns: ReturnsOf<Name>) => string = () => 'done',
  ): Promise<ReturnsOf<Name> | undefined> {
    return this.tries(name, () => this.asks(name, args), show)
  }

  /** Any work: tells what it resolves with, or the code it was refused with. */
  async tries<Result>(
    what: string,
    work: () => Promise<Result>,
    show: (result: Result) => string = () => 'done',
  ): Promise<Result | undefined> {
    try {
      const result = await work()
      this.tell(`${what}: ${show(result)}`)
      return result
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown
      this.tell(`${what}: error ${thrown.code}`)
      return undefined
    }
  }

  /** Without a word. @throws Refused */
  asks<Name extends ProcedureName>(name: Name, args: Args<Name>): Promise<ReturnsOf<Name>> {
    return this.client.call(name, { dom: this.dom, ...args } as unknown as ArgumentsOf<Name>)
  }

  /** A command of the guest's agent. */
  async agent(
    execute: string,
    given: Record<string, Json> = {},
    show = (answer: Json) => JSON.stringify(answer),
  ): Promise<Json> {
    let shown: Json = null
    await this.does(
      'DOMAIN_AGENT_COMMAND',
      { cmd: JSON.stringify({ execute, arguments: given }), timeout: 60 } as Args<'DOMAIN_AGENT_COMMAND'>,
      ({ result }) => {
        shown = (JSON.parse(result ?? '{}') as { readonly return: Json }).return
        return `${execute} ${show(shown)}`
      },
    )
    return shown
  }

  async state(): Promise<void> {
    await this.does('DOMAIN_GET_STATE', { flags: 0 }, ({ state, reason }) => `${state}/${reason}`)
  }

  /** Waits until that many events came since the last time, and tells them; sorted, where either order is right. */
  async events(count: number, order: 'as they came' | 'in any order' = 'as they came'): Promise<void> {
    const end = Date.now() + patience
    this.#read()
    while (this.#events.length < this.#seen + count && Date.now() < end) {
      await this.client.nextMessage(end - Date.now())
      this.#read()
    }
    const news = this.#events.slice(this.#seen)
    this.#seen = this.#events.length
    this.tell(`events: ${(order === 'as they came' ? news : news.toSorted()).join(', ')}`)
  }

  #read(): void {
    for (const { payload } of this.client.messages.splice(0)) {
      const reader = new XdrReader(payload)
      const name = this.#callbacks.get(reader.i32())
      if (name) this.#events.push(wordsOf(name, eventKinds[name].body.read(reader) as unknown as EventBody))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]()
    await this.site[Symbol.asyncDispose]()
  }
}

interface EventBody {
  readonly event?: number
  readonly detail?: number
  readonly dst?: string
  readonly type?: number
  readonly status?: number
  readonly params?: readonly Parameter[]
}

function wordsOf(name: EventName, body: EventBody): string {
  if (name === 'lifecycle') return `lifecycle ${body.event}/${body.detail}`
  if (name === 'blockJob') return `${body.dst} ${body.type}/${body.status}`
  const { operation, success, errmsg } = valuesOf(body.params ?? [])
  const outcome = success === undefined ? '' : success ? ' success' : ' failure'
  return `job ${String(operation)}${outcome}${errmsg === undefined ? '' : ` (${String(errmsg)})`}`
}
