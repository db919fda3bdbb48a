// Connections to one hypervisor that share its calls: quick ones go over the first, slow ones over the second, and when that
// has as many as it may, over a third one with care. The limit of slow calls on a connection so is one for all: with five
// under way a daemon stops reading it, and with five that hang nobody's thaw would be worked on.
import { Fault } from '../../../kernel/fault.ts'
import { unlessInterrupted } from '../../ssh/client/interrupted.ts'
import type { CallOptions, Calls, LibvirtConnection } from './connection.ts'
import { FurtherCalls } from './further-calls.ts'
import { procedures, type ArgumentsOf, type ProcedureName, type ReturnsOf } from './procedures.ts'
import { slowCallsAtOnce } from './slow-calls.ts'

type Connect = () => Promise<LibvirtConnection>

/** A connection that is kept: made when it is needed, and again when it was lost. */
class Lane {
  readonly #connect: Connect
  #ready: Promise<LibvirtConnection> | undefined
  #connection: LibvirtConnection | undefined

  constructor(connect: Connect) {
    this.#connect = connect
  }

  /** Each attempt to connect is for all who wait for it. Without waiting when it is there: calls keep their order. */
  reach(signal: AbortSignal): LibvirtConnection | Promise<LibvirtConnection> {
    return this.#connection ?? unlessInterrupted(this.#ready ?? this.#make(), [{ signal }])
  }

  get slowCalls(): number {
    return this.#connection?.slowCalls ?? 0
  }

  close(): void {
    this.#connection?.close()
    this.#connection = undefined
    this.#ready = undefined
  }

  #make(): Promise<LibvirtConnection> {
    const ready = this.#connect()
    this.#ready = ready
    // It is gone, or did not come about: the next call makes another.
    const forget = (): void => {
      if (this.#ready !== ready) return
      this.#ready = undefined
      this.#connection = undefined
    }
    ready.then((connection) => {
      if (this.#ready === ready && !connection.lost.aborted) this.#connection = connection
      connection.lost.addEventListener('abort', forget, { once: true })
      if (connection.lost.aborted) forget()
    }, forget)
    return ready
  }
}

export class Lanes implements Calls {
  readonly #quick: Lane
  readonly #slow: Lane
  readonly #further: Lane
  readonly #furtherCalls = new FurtherCalls()

  constructor(connectQuick: Connect, connectSlow: Connect) {
    this.#quick = new Lane(connectQuick)
    this.#slow = new Lane(connectSlow)
    this.#further = new Lane(connectSlow)
  }

  async call<Name extends ProcedureName>(
    name: Name,
    args: ArgumentsOf<Name>,
    options: CallOptions,
  ): Promise<ReturnsOf<Name>> {
    const lane = this.#laneOf(name)
    for (let attempt = 1; ; attempt++) {
      const reached = lane.reach(options.signal)
      const connection = reached instanceof Promise ? await reached : reached
      const send = (): Promise<ReturnsOf<Name>> => connection.call(name, args, options)
      try {
        return await (lane === this.#further ? this.#furtherCalls.pass(connection, options, send) : send())
      } catch (thrown) {
        // Lost before it was sent, or a question: it did nothing there.
        const mayRepeat =
          thrown instanceof Fault && thrown.code === 'libvirt.connection_lost' && thrown.effect === 'none'
        if (attempt > 1 || !mayRepeat || options.signal.aborted) throw thrown
      }
    }
  }

  /** The one that quick calls and events go over. */
  async quick(signal: AbortSignal): Promise<LibvirtConnection> {
    return this.#quick.reach(signal)
  }

  async warm(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#all.map(async (lane) => lane.reach(signal)))
  }

  close(): void {
    for (const lane of this.#all) lane.close()
  }

  get #all(): readonly Lane[] {
    return [this.#quick, this.#slow, this.#further]
  }

  #laneOf(name: ProcedureName): Lane {
    if (!procedures[name].isSlow) return this.#quick
    const [first, further] = [this.#slow.slowCalls, this.#further.slowCalls + this.#furtherCalls.waiting]
    return first < slowCallsAtOnce || first <= further ? this.#slow : this.#further
  }
}
