// One client of the fake daemon: its calls are decoded, answered in whatever order they end, and its events are sent.
import type { Socket } from 'node:net'
import {
  procedures,
  programs,
  type AnyProcedure,
  type ProcedureName,
} from '../../../../src/plugins/libvirt/client/procedures.ts'
import { remoteError } from '../../../../src/plugins/libvirt/client/structs.ts'
import { XdrReader, XdrWriter } from '../../../../src/plugins/libvirt/client/xdr.ts'
import type { HostEvent } from '../model/events.ts'
import type { Host } from '../model/host.ts'
import { internalError, noSupport, rpcError, VirError } from '../model/vir-error.ts'
import { ConnectionDropped, type Faults } from './faults.ts'
import { FrameReader, frameBytes, statuses, types, type Frame } from './frames.ts'
import type { Caller, DaemonSettings, Handlers } from './handlers.ts'
import { KeepAlive } from './keep-alive.ts'
import { mustBeKnown } from './known-flags.ts'
import { messageFor, nameOf, wants, type Registration } from './registrations.ts'
import type { ServerStream } from './server-stream.ts'

export interface Daemon {
  readonly host: Host
  readonly faults: Faults
  readonly settings: DaemonSettings
  readonly handlers: Handlers
  /** Calls of one connection that are worked on at once; further ones are not read. */
  readonly maxRequests: number
  readonly keepAliveInterval: number
  nextCallbackId(): number
  /** Told of each call as it arrives. */
  note(procedure: ProcedureName, args: unknown, connection: ClientConnection): void
}

const byNumber = new Map(
  (Object.entries(procedures) as [ProcedureName, AnyProcedure][]).map(([name, procedure]) => [
    `${programs[procedure.program]}/${procedure.number}`,
    { name, procedure },
  ]),
)
const knownPrograms: readonly number[] = [programs.remote, programs.qemu]
const beforeAuthentication: readonly ProcedureName[] = ['AUTH_LIST', 'AUTH_POLKIT']
const beforeOpening: readonly ProcedureName[] = [...beforeAuthentication, 'CONNECT_OPEN', 'CONNECT_SUPPORTS_FEATURE']
const allowedReadOnly: readonly ProcedureName[] = [
  'CONNECT_OPEN',
  'CONNECT_CLOSE',
  'DOMAIN_GET_JOB_STATS',
  'CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY',
  'CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY',
  'CONNECT_NETWORK_EVENT_REGISTER_ANY',
  'CONNECT_NETWORK_EVENT_DEREGISTER_ANY',
  'CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY',
  'CONNECT_STORAGE_POOL_EVENT_DEREGISTER_ANY',
]

export class ClientConnection implements Caller {
  readonly host: Host
  readonly settings: DaemonSettings
  isOpen = false
  isReadOnly = false
  isAuthenticated = false
  readonly #daemon: Daemon
  readonly #socket: Socket
  readonly #frames = new FrameReader()
  readonly #registrations = new Map<number, Registration>()
  readonly #streams = new Map<number, { readonly stream: ServerStream; readonly call: Frame }>()
  readonly #keepAlive: KeepAlive
  readonly #waiting: Frame[] = []
  #opening: ServerStream | undefined
  #active = 0
  #hangsUp = false

  constructor(daemon: Daemon, socket: Socket) {
    this.#daemon = daemon
    this.#socket = socket
    this.host = daemon.host
    this.settings = daemon.settings
    this.#keepAlive = new KeepAlive(
      daemon.keepAliveInterval,
      (procedure) => this.#send({ ...keepAliveFrame, procedure }),
      () => this.drop(),
    )
    socket.on('error', () => {})
    socket.on('close', () => this.#closed())
    socket.on('data', (bytes: Buffer) => this.#receive(bytes))
  }

  get isStreaming(): boolean {
    return this.#streams.size > 0
  }

  /** As a pulled plug. */
  drop(): void {
    this.#socket.destroy()
  }

  #closed(): void {
    this.#keepAlive.stop()
    this.#registrations.clear()
    for (const { stream } of this.#streams.values()) stream.abort()
    this.#streams.clear()
  }

  #receive(bytes: Buffer): void {
    try {
      for (const frame of this.#frames.push(bytes)) this.#take(frame)
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown
      this.drop()
    }
  }

  #take(frame: Frame): void {
    this.#keepAlive.heard()
    if (frame.program === programs.keepalive) this.#keepAlive.take(frame.procedure)
    else if (frame.type === types.stream) this.#takeStream(frame)
    else {
      this.#waiting.push(frame)
      this.#work()
    }
  }

  /** Begins what may be begun; above the limit the socket is not read. */
  #work(): void {
    while (this.#active < this.#daemon.maxRequests) {
      const frame = this.#waiting.shift()
      if (!frame) break
      this.#active++
      void this.#answer(frame).finally(() => {
        this.#active--
        this.#work()
      })
    }
    if (this.#waiting.length > 0) this.#socket.pause()
    else this.#socket.resume()
  }

  async #answer(call: Frame): Promise<void> {
    try {
      const { payload, stream } = await this.#result(call)
      this.#reply(call, statuses.ok, payload)
      if (stream) this.#beginStream(call, stream)
      if (this.#hangsUp) this.#socket.end()
    } catch (thrown) {
      if (thrown instanceof ConnectionDropped) return this.drop()
      this.#reply(call, statuses.error, errorBytes(asVirError(thrown)))
    }
  }

  async #result(call: Frame): Promise<{ readonly payload: Buffer; readonly stream: ServerStream | undefined }> {
    if (!knownPrograms.includes(call.program) || call.version !== 1) {
      throw rpcError(`Cannot find program ${call.program} version ${call.version}`)
    }
    const found = byNumber.get(`${call.program}/${call.procedure}`)
    if (!found) throw rpcError(`unknown procedure: ${call.procedure}`)
    const { name, procedure } = found
    this.#mayCall(name, procedure)
    const args = decoded(procedure, call.payload)
    this.#daemon.note(name, args, this)
    await this.#daemon.faults.at(name, 'before')
    const handler = this.#daemon.handlers[name] as ((given: unknown, caller: Caller) => unknown) | undefined
    if (!handler) throw noSupport(name)
    mustBeKnown(name, args)
    this.#opening = undefined
    const work = handler(args, this)
    // Before anything else may run, so that it is this call's own.
    const stream = this.#opening
    const answer = await work
    await this.#daemon.faults.at(name, 'after')
    const to = new XdrWriter()
    procedure.returns.write(to, answer as never)
    return { payload: Buffer.from(to.written), stream }
  }

  #mayCall(name: ProcedureName, procedure: AnyProcedure): void {
    const isAuthenticated = this.isAuthenticated || this.settings.auth === 'none'
    if (!isAuthenticated && !beforeAuthentication.includes(name)) throw rpcError('authentication required')
    if (!this.isOpen && !beforeOpening.includes(name)) throw internalError('hypervisor connection not open')
    if (this.isReadOnly && !procedure.isRead && !allowedReadOnly.includes(name)) {
      throw new VirError(29, `operation ${name} forbidden for read only access`)
    }
  }

  #reply(call: Frame, status: number, payload: Buffer): void {
    this.#send({ ...call, type: types.reply, status, payload })
  }

  #send(frame: Frame): void {
    if (!this.#socket.destroyed && this.#socket.writable) this.#socket.write(frameBytes(frame))
  }

  hangUp(): void {
    this.#hangsUp = true
  }

  keepAlive(): void {
    this.#keepAlive.start()
  }

  register(registration: Registration): number {
    const id = this.#daemon.nextCallbackId()
    this.#registrations.set(id, registration)
    return id
  }

  deregister(callbackId: number): void {
    if (!this.#registrations.delete(callbackId)) {
      throw internalError(`domain event callback ${callbackId} not registered`)
    }
  }

  tell(event: HostEvent): void {
    const copies = this.#daemon.faults.copiesOf(nameOf(event))
    for (const [id, registration] of this.#registrations) {
      if (!wants(registration, event)) continue
      const message = { ...messageFrame, ...messageFor(id, event) }
      for (let copy = 0; copy < copies; copy++) this.#send(message)
    }
  }

  stream(stream: ServerStream): void {
    this.#opening = stream
  }

  #beginStream(call: Frame, stream: ServerStream): void {
    this.#streams.set(call.serial, { stream, call })
    const part = (status: number, payload: Buffer): Frame => ({ ...call, type: types.stream, status, payload })
    stream.start({
      data: (bytes) =>
        new Promise((resolve) => {
          if (this.#socket.destroyed) return resolve()
          this.#socket.write(frameBytes(part(statuses.continue, bytes)), () => resolve())
        }),
      finish: () => {
        this.#streams.delete(call.serial)
        this.#send(part(statuses.ok, Buffer.alloc(0)))
      },
      fail: (error) => {
        this.#streams.delete(call.serial)
        this.#send(part(statuses.error, errorBytes(error)))
      },
    })
  }

  #takeStream(frame: Frame): void {
    const found = this.#streams.get(frame.serial)
    if (!found) return
    if (frame.status !== statuses.error) return found.stream.take(frame.payload, frame.status === statuses.ok)
    found.stream.abort()
    this.#streams.delete(frame.serial)
    this.#send({ ...frame, status: statuses.ok, payload: Buffer.alloc(0) })
  }
}

const empty = Buffer.alloc(0)
const unasked = { version: 1, type: types.message, serial: 0, status: statuses.ok, payload: empty, procedure: 0 }
const keepAliveFrame: Frame = { ...unasked, program: programs.keepalive }
const messageFrame: Frame = { ...unasked, program: programs.remote }

function decoded(procedure: AnyProcedure, payload: Buffer): unknown {
  try {
    return procedure.args.read(new XdrReader(payload))
  } catch {
    throw rpcError('Unable to decode message payload')
  }
}

function asVirError(thrown: unknown): VirError {
  if (thrown instanceof VirError) return thrown
  // A mistake of the fake itself must be seen, not taken for an answer.
  process.stderr.write(`fake libvirtd: ${thrown instanceof Error ? thrown.stack : String(thrown)}\n`)
  return internalError(String(thrown))
}

function errorBytes(error: VirError): Buffer {
  const to = new XdrWriter()
  remoteError.write(to, {
    code: error.code,
    domain: error.domain,
    message: error.message,
    level: 2,
    dom: null,
    str1: '%s',
    str2: error.message,
    str3: null,
    int1: -1,
    int2: -1,
    net: null,
  })
  return Buffer.from(to.written)
}
