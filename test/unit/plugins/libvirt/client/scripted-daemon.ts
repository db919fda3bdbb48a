// A daemon that opens for everybody and leaves the answers to the test: any order, any bytes, or none.
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import {
  encodeFrame,
  FrameReader,
  messageStatuses,
  messageTypes,
  type Frame,
} from '../../../../../src/plugins/libvirt/client/frames.ts'
import {
  procedures,
  programs,
  type AnyProcedure,
  type ProcedureName,
} from '../../../../../src/plugins/libvirt/client/procedures.ts'
import { remoteError } from '../../../../../src/plugins/libvirt/client/structs.ts'
import { XdrReader, type XdrWriter } from '../../../../../src/plugins/libvirt/client/xdr.ts'
import { realWorld } from '../../../../../src/world/real-world.ts'
import { temporaryFolder } from '../../../../support/folder.ts'

export const world = realWorld()
export const { signal } = new AbortController()

export interface ScriptedCall {
  readonly name: ProcedureName
  readonly args: Readonly<Record<string, unknown>>
  readonly frame: Frame
  readonly peer: Peer
  answer(values?: Readonly<Record<string, unknown>>): void
  fail(code: number, message: string): void
}

/** One client's socket. */
export interface Peer {
  readonly socket: Socket
  /** Sends a message with whatever header and payload. */
  send(header: Partial<Frame>, write?: (to: XdrWriter) => void): void
}

export interface ScriptedDaemon extends AsyncDisposable {
  readonly uri: string
  readonly tcpUri: string
  readonly peers: readonly Peer[]
  /** Those that were not answered by opening. */
  readonly calls: readonly ScriptedCall[]
  /** Resolves with the call when that many have come. */
  call(count: number): Promise<ScriptedCall>
  /** Messages that are no calls. */
  readonly messages: readonly Frame[]
}

const byNumber = new Map(
  Object.entries(procedures).map(([name, procedure]: [string, AnyProcedure]) => [
    `${programs[procedure.program]} ${procedure.number}`,
    name as ProcedureName,
  ]),
)

const openings: Partial<Record<ProcedureName, Readonly<Record<string, unknown>>>> = {
  AUTH_LIST: { types: [0] },
  CONNECT_OPEN: {},
  CONNECT_SUPPORTS_FEATURE: { supported: 1 },
}

/** `onCall` is asked before anything is answered; false: this one was seen to. */
export async function scriptedDaemon(
  onCall: (call: ScriptedCall) => boolean | void = () => {},
): Promise<ScriptedDaemon> {
  const folder = await temporaryFolder()
  const path = join(folder.path, 'sock')
  const peers: Peer[] = []
  const calls: ScriptedCall[] = []
  const messages: Frame[] = []
  const wake: (() => void)[] = []
  const serve = (socket: Socket): void => {
    const reader = new FrameReader()
    const peer: Peer = {
      socket,
      send: (header, write) => {
        const usual = { program: programs.remote, procedure: 0, type: messageTypes.reply, serial: 0, status: 0 }
        socket.write(encodeFrame({ ...usual, ...header }, write))
      },
    }
    peers.push(peer)
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      for (const frame of reader.take(chunk)) {
        if (frame.type !== messageTypes.call) {
          messages.push(frame)
        } else {
          const call = scripted(frame, peer)
          if (onCall(call) === false) continue
          const opening = openings[call.name]
          if (opening) call.answer(opening)
          else calls.push(call)
        }
        for (const one of wake.splice(0)) one()
      }
    })
  }
  const [server, tcp] = [createServer(serve), createServer(serve)]
  await new Promise<void>((resolve) => server.listen(path, resolve))
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  return {
    uri: `qemu+unix:///system?socket=${path}`,
    tcpUri: `qemu+tcp://127.0.0.1:${(tcp.address() as AddressInfo).port}/system`,
    peers,
    calls,
    messages,
    async call(count) {
      while (calls.length < count) await new Promise<void>((resolve) => wake.push(resolve))
      return calls[count - 1] as ScriptedCall
    },
    async [Symbol.asyncDispose]() {
      for (const { socket } of peers) socket.destroy()
      await Promise.all([server, tcp].map((one) => new Promise((resolve) => one.close(resolve))))
      await folder[Symbol.asyncDispose]()
    },
  }
}

function scripted(frame: Frame, peer: Peer): ScriptedCall {
  const name = byNumber.get(`${frame.program} ${frame.procedure}`)
  if (!name) throw new Error(`procedure ${frame.procedure} was called`)
  const procedure: AnyProcedure = procedures[name]
  const { program, serial } = frame
  const header = { program, procedure: frame.procedure, serial }
  return {
    name,
    args: procedure.args.read(new XdrReader(frame.payload)),
    frame,
    peer,
    answer: (values = {}) => peer.send(header, (to) => procedure.returns.write(to, values)),
    fail: (code, message) =>
      peer.send({ ...header, status: messageStatuses.error }, (to) =>
        remoteError.write(to, { code, domain: 10, message, level: 2, int1: 0, int2: 0 }),
      ),
  }
}

export const someDomain = { name: 'vm', uuid: '0000000a-1ab0-4000-8000-000000000001', id: 1 }
