// The smallest client of a libvirt daemon: the table of procedures and plain frames. It tells what the daemon says, without
// the client of the plugin in between; daemons are compared through it.
import { connect, type Socket } from 'node:net'
import {
  procedures,
  programs,
  type AnyProcedure,
  type ArgumentsOf,
  type ProcedureName,
  type ReturnsOf,
} from '../../../src/plugins/libvirt/client/procedures.ts'
import { remoteError } from '../../../src/plugins/libvirt/client/structs.ts'
import { XdrReader, XdrWriter } from '../../../src/plugins/libvirt/client/xdr.ts'
import { FrameReader, frameBytes, statuses, types, type Frame } from './daemon/frames.ts'

/** What the daemon answered instead of values. */
export class Refused extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

export class RawClient implements AsyncDisposable {
  /** Messages nobody asked for, as they came. */
  readonly messages: Frame[] = []
  /** Resolves when the daemon has hung up. */
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #reader = new FrameReader()
  readonly #streams = new Map<number, (frame: Frame) => void>()
  readonly #waiting = new Map<number, PromiseWithResolvers<Frame>>()
  #serial = 0
  #arrived = Promise.withResolvers<void>()

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => {
      for (const frame of this.#reader.push(bytes)) this.#take(frame)
    })
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => socket.on('close', () => resolve(this.#closed())))
  }

  static async open(path: string): Promise<RawClient> {
    const socket = connect(path)
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return new RawClient(socket)
  }

  #take(frame: Frame): void {
    if (frame.type === types.stream) this.#streams.get(frame.serial)?.(frame)
    else if (frame.type === types.reply) this.#waiting.get(frame.serial)?.resolve(frame)
    else {
      this.messages.push(frame)
      this.#arrived.resolve()
      this.#arrived = Promise.withResolvers()
    }
  }

  #closed(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('the daemon hung up'))
  }

  /** @throws Refused */
  async call<Name extends ProcedureName>(name: Name, args: ArgumentsOf<Name>): Promise<ReturnsOf<Name>> {
    const procedure: AnyProcedure = procedures[name]
    const to = new XdrWriter()
    procedure.args.write(to, args as never)
    const payload = Buffer.from(to.written)
    const reply = await this.send({ program: programs[procedure.program], procedure: procedure.number, payload })
    if (reply.status === statuses.error) throw refusedFrom(reply)
    return procedure.returns.read(new XdrReader(reply.payload)) as ReturnsOf<Name>
  }

  /** Any call, also one that the table does not have; resolves with the reply as it is. */
  async send(call: Pick<Frame, 'program' | 'procedure' | 'payload'>): Promise<Frame> {
    if (this.#socket.destroyed) throw new Error('the daemon hung up')
    const serial = ++this.#serial
    const answer = Promise.withResolvers<Frame>()
    this.#waiting.set(serial, answer)
    this.#socket.write(frameBytes({ ...call, version: 1, type: types.call, serial, status: statuses.ok }))
    try {
      return await answer.promise
    } finally {
      this.#waiting.delete(serial)
    }
  }

  /**
   * A call that a stream follows: sends these packets and the end of them, or takes what comes. Resolves with the bytes.
   * @throws Refused
   */
  async transfer<Name extends 'STORAGE_VOL_UPLOAD' | 'STORAGE_VOL_DOWNLOAD'>(
    name: Name,
    args: ArgumentsOf<Name>,
    packets: readonly Buffer[] = [],
  ): Promise<Buffer> {
    const done = Promise.withResolvers<Buffer>()
    const taken: Uint8Array[] = []
    const serial = this.#serial + 1
    const part = {
      program: programs.remote,
      version: 1,
      procedure: procedures[name].number,
      type: types.stream,
      serial,
    }
    const say = (status: number, payload: Buffer = Buffer.alloc(0)): void =>
      void this.#socket.write(frameBytes({ ...part, status, payload }))
    this.#streams.set(serial, (frame) => {
      if (frame.status === statuses.error) done.reject(refusedFrom(frame))
      else if (frame.status === statuses.ok) done.resolve(Buffer.concat(taken))
      else if (frame.payload.length === 0) say(statuses.ok)
      else taken.push(frame.payload)
    })
    try {
      await this.call(name, args)
      for (const packet of packets) say(statuses.continue, packet)
      if (name === 'STORAGE_VOL_UPLOAD') say(statuses.ok)
      return await done.promise
    } finally {
      this.#streams.delete(serial)
    }
  }

  /** Resolves when another message came, or the time is over. */
  async nextMessage(patience: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, patience, false)))
    try {
      return await Promise.race([this.#arrived.promise.then(() => true), late])
    } finally {
      clearTimeout(timer)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy()
  }
}

export function refusedFrom(reply: Frame): Refused {
  const { code, message } = remoteError.read(new XdrReader(reply.payload))
  return new Refused(code, message ?? '')
}
