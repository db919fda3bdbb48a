// One connection to a libvirt daemon, for whoever makes calls: many at once, answers in any order, events beside them.
import { seconds, type Duration } from '../../../kernel/duration.ts'
import type { World } from '../../../world/world.ts'
import { unlessInterrupted } from '../../ssh/client/interrupted.ts'
import { RpcCalls } from './calls.ts'
import { decodeEvent, EventHub } from './event-hub.ts'
import type { EventName, LibvirtEvents } from './events.ts'
import { messageTypes, type Frame } from './frames.ts'
import { answerPing, keepAlive } from './keepalive.ts'
import { openHypervisorOver } from './opening.ts'
import { programs, type ArgumentsOf, type ProcedureName, type ReturnsOf } from './procedures.ts'
import { Registrations } from './registrations.ts'
import { openStream, type OpenStream, type StreamFrames } from './stream.ts'
import { openTransport } from './transports/open.ts'
import { unreachable, type Transport } from './transports/transport.ts'
import { parseUri, type Access, type LibvirtUri } from './uri.ts'
import { Wire } from './wire.ts'

export interface ConnectOptions {
  /** As libvirt writes it: `qemu:///system`, `qemu+ssh://root@host/system`, `test:///default`. */
  readonly uri: string
  /** Keys and passwords that do not belong into a URI. */
  readonly access?: Access | undefined
  readonly isReadOnly?: boolean
  /** Who is told of events, when they are to outlive the connection; default: its own. */
  readonly events?: EventHub
  readonly signal: AbortSignal
  readonly world: World
}

export interface CallOptions {
  readonly signal: AbortSignal
  /** How long the answer may take; quick calls have 60 s by themselves, slow ones what their signal gives them. */
  readonly deadline?: Duration | undefined
}

/** What can be called. */
export interface Calls {
  /**
   * A call that was sent and not answered may have happened: the fault says effect `unknown`, and nothing is repeated.
   * An error of libvirt is a fault, too; `hasCode` tells which.
   *
   * @example
   * const { state, reason } = await hypervisor.call('DOMAIN_GET_STATE', { dom }, { signal: ctx.signal })
   * @throws Fault `libvirt.*`
   */
  call<Name extends ProcedureName>(name: Name, args: ArgumentsOf<Name>, options: CallOptions): Promise<ReturnsOf<Name>>
}

export interface LibvirtConnection extends Calls {
  /** Without secrets. */
  readonly uri: string
  readonly events: LibvirtEvents
  /** Makes the daemon tell events of a kind on this connection. */
  register(name: EventName, signal: AbortSignal): Promise<void>
  /** Aborts when the connection is gone; the reason is a text. */
  readonly lost: AbortSignal
  /** How many of its slow calls the daemon is at, given up or not, or wait for their turn. */
  readonly slowCalls: number
  /** One at a time: while its data is not taken, nothing else comes through either. */
  openStream: OpenStream
  /** Sends what was called already; what is still under way fails. */
  close(): void
}

const longestOpening: Duration = seconds(30)
/** For answers to calls that nobody waits for any more. */
const closingPatience: Duration = seconds(1)

/** @throws Fault `libvirt.bad_uri`, `libvirt.unreachable`, `libvirt.refused`, `ssh.*`; effect none */
export async function connect(options: ConnectOptions): Promise<LibvirtConnection> {
  const { access = {}, isReadOnly = false, world } = options
  options.signal.throwIfAborted()
  const uri = parseUri(options.uri)
  const over = new AbortController()
  const late = new AbortController()
  world.clock.sleep(longestOpening, over.signal).then(
    () => late.abort(unreachable(uri, `no answer within ${longestOpening / 1000} s`)),
    () => {},
  )
  const signal = AbortSignal.any([options.signal, late.signal])
  try {
    const transport = await unlessInterrupted(
      openTransport({ uri, access, isReadOnly, signal, world }),
      [{ signal }],
      discard,
    )
    const connection = new WiredConnection(uri, transport, options)
    try {
      await openHypervisorOver(connection, { uri, isReadOnly, isLocal: transport.isLocal, signal })
    } catch (thrown) {
      connection.close()
      throw thrown
    }
    if (!transport.isLocal) connection.watch(world)
    return connection
  } finally {
    over.abort()
  }
}

function discard(transport: Transport): void {
  transport.socket.on('error', () => {})
  transport.socket.destroy()
  transport.release?.()
}

class WiredConnection implements LibvirtConnection {
  readonly uri: string
  readonly events: EventHub
  readonly openStream: OpenStream
  readonly #world: World
  readonly #wire: Wire
  readonly #calls: RpcCalls
  readonly #streams = new Map<number, StreamFrames>()
  readonly #registrations: Registrations

  constructor(uri: LibvirtUri, transport: Transport, { world, events }: ConnectOptions) {
    this.uri = uri.shown
    this.#world = world
    this.#wire = new Wire(transport, (frame) => this.#take(frame))
    this.#calls = new RpcCalls(this.#wire, { uri: uri.shown, world })
    this.#registrations = new Registrations(this.#calls, this.lost)
    this.events = events ?? new EventHub((name, signal) => this.register(name, signal))
    this.lost.addEventListener('abort', () => this.events.gap(String(this.lost.reason)), { once: true })
    this.openStream = openStream({ wire: this.#wire, calls: this.#calls, streams: this.#streams, uri: uri.shown })
  }

  get lost(): AbortSignal {
    return this.#wire.lost
  }

  get slowCalls(): number {
    return this.#calls.slowCalls
  }

  call<Name extends ProcedureName>(
    name: Name,
    args: ArgumentsOf<Name>,
    options: CallOptions,
  ): Promise<ReturnsOf<Name>> {
    return this.#calls.call(name, args, options)
  }

  register(name: EventName, signal: AbortSignal): Promise<void> {
    return this.#registrations.ensure(name, signal)
  }

  watch(world: World): void {
    void keepAlive(this.#wire, world)
  }

  // Without CONNECT_CLOSE, whose answer would be one more to wait for: the end of the socket says the same.
  close(): void {
    const { clock } = this.#world
    this.#wire.finish('we closed it', this.#calls.underWay, (signal) => clock.sleep(closingPatience, signal))
  }

  #take(frame: Frame): void {
    if (frame.type === messageTypes.reply) return this.#calls.take(frame)
    if (frame.type === messageTypes.stream) return this.#streams.get(frame.serial)?.take(frame)
    if (frame.type !== messageTypes.message) return
    if (frame.program === programs.keepalive) return answerPing(this.#wire, frame)
    const told = decodeEvent(frame)
    if (told) this.events.tell(told.name, told.event)
  }
}
