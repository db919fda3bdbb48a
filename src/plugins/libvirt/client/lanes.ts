// Connections to one hypervisor that share its calls: quick ones go on the first, slow ones are spread over the others.
import { Fault } from '../../../kernel/fault.ts'
import { unlessInterrupted } from '../../ssh/client/interrupted.ts'
import type { CallOptions, Calls, LibvirtConnection } from './connection.ts'
import { procedures, type ArgumentsOf, type ProcedureName, type ReturnsOf } from './procedures.ts'
import { slowCallsAtOnce } from './slow-calls.ts'

interface Lane {
  readonly ready: Promise<LibvirtConnection>
  /** Undefined: not there yet. */
  connection: LibvirtConnection | undefined
  /** Slow calls that wait for it to be there. */
  arriving: number
}

export interface LanesOptions {
  /** Connections for slow calls. */
  readonly most: number
  connect(): Promise<LibvirtConnection>
  /** Instead, for the one that quick calls go over. */
  connectFirst?(): Promise<LibvirtConnection>
  /** Waits until a slow call may follow the one before; undefined: at once. */
  inTime(signal: AbortSignal): Promise<void> | undefined
}

export class Lanes implements Calls {
  readonly #options: LanesOptions
  readonly #slow: Lane[] = []
  #quick: Lane | undefined

  /** Each attempt to connect is for all who wait for that connection. */
  constructor(options: LanesOptions) {
    this.#options = options
  }

  /** Slow calls under way or waiting. */
  get load(): number {
    return this.#slow.reduce((sum, lane) => sum + loadOf(lane), 0)
  }

  async call<Name extends ProcedureName>(
    name: Name,
    args: ArgumentsOf<Name>,
    options: CallOptions,
  ): Promise<ReturnsOf<Name>> {
    const { isSlow } = procedures[name]
    for (let attempt = 1; ; attempt++) {
      const wait = isSlow ? this.#options.inTime(options.signal) : undefined
      if (wait) await wait
      const lane = isSlow ? this.#leastLoaded() : this.#first()
      try {
        return await this.#callOn(lane, name, args, options)
      } catch (thrown) {
        // Lost before it was sent, or a question: it did nothing there.
        const mayRepeat =
          thrown instanceof Fault && thrown.code === 'libvirt.connection_lost' && thrown.effect === 'none'
        if (attempt > 1 || !mayRepeat || options.signal.aborted) throw thrown
      }
    }
  }

  /** The one that quick calls and events go over. */
  first(signal: AbortSignal): Promise<LibvirtConnection> {
    return unlessInterrupted(this.#first().ready, [{ signal }])
  }

  /** Makes connections for that many slow calls at once. */
  async warm(slowCalls: number, signal: AbortSignal): Promise<void> {
    const count = Math.min(this.#options.most, Math.ceil(slowCalls / slowCallsAtOnce))
    while (this.#slow.length < count) this.#add()
    const ready = Promise.all([this.#first(), ...this.#slow].map((lane) => lane.ready))
    await unlessInterrupted(ready, [{ signal }])
  }

  close(): void {
    for (const { connection } of [...this.#slow, ...(this.#quick ? [this.#quick] : [])]) connection?.close()
    this.#slow.length = 0
    this.#quick = undefined
  }

  async #callOn<Name extends ProcedureName>(
    lane: Lane,
    name: Name,
    args: ArgumentsOf<Name>,
    options: CallOptions,
  ): Promise<ReturnsOf<Name>> {
    if (lane.connection) return lane.connection.call(name, args, options)
    lane.arriving++
    let connection
    try {
      connection = await unlessInterrupted(lane.ready, [{ signal: options.signal }])
    } finally {
      lane.arriving--
    }
    return connection.call(name, args, options)
  }

  #first(): Lane {
    if (this.#quick) return this.#quick
    const lane = this.#make(this.#options.connectFirst ?? this.#options.connect, () => {
      if (this.#quick === lane) this.#quick = undefined
    })
    this.#quick = lane
    return lane
  }

  #leastLoaded(): Lane {
    const free = this.#slow.find((lane) => loadOf(lane) < slowCallsAtOnce)
    if (free) return free
    if (this.#slow.length < this.#options.most) return this.#add()
    return this.#slow.reduce((least, lane) => (loadOf(lane) < loadOf(least) ? lane : least))
  }

  #add(): Lane {
    const lane = this.#make(this.#options.connect, () => {
      const place = this.#slow.indexOf(lane)
      if (place >= 0) this.#slow.splice(place, 1)
    })
    this.#slow.push(lane)
    return lane
  }

  /** `forget`: it is gone, or did not come about; the next call makes another. */
  #make(connect: () => Promise<LibvirtConnection>, forget: () => void): Lane {
    const ready = connect()
    const lane: Lane = { ready, connection: undefined, arriving: 0 }
    ready.then(
      (connection) => {
        lane.connection = connection
        connection.lost.addEventListener('abort', forget, { once: true })
        if (connection.lost.aborted) forget()
      },
      () => forget(),
    )
    return lane
  }
}

const loadOf = ({ connection, arriving }: Lane): number => (connection?.slowLoad ?? 0) + arriving
