// The ssh2 package, loaded by the first who connects: it takes longer to load than all that is around it here.
import { createPrivateKey, createSecretKey, sign } from 'node:crypto'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Client, ParsedKey, utils } from 'ssh2'

interface Ssh2 {
  readonly Client: typeof Client
  readonly parseKey: typeof utils.parseKey
}

/** Its client and its keys alone: with its server and what goes over HTTP it would take twice as long. */
export function ssh2(): Ssh2 {
  const load = createRequire(import.meta.url)
  return { Client: load('ssh2/lib/client.js'), parseKey: load('ssh2/lib/protocol/keyParser.js').parseKey } as Ssh2
}

// ssh2 leaves a socket open of which the other side has ended its half.
export const socketOf = (client: Client): Duplex | undefined => (client as unknown as { readonly _sock?: Duplex })._sock

export function breakOff(client: Client): void {
  socketOf(client)?.destroy()
}

/** Says goodbye, and does not wait for the answer. */
export function sayGoodbye(client: Client): void {
  client.end()
  const socket = socketOf(client)
  if (socket instanceof Socket) socket.destroySoon()
  else socket?.destroy()
}

type Handler = (protocol: unknown, name: string, ...more: readonly unknown[]) => void
type AskForKey = (user: string, key: { isPrivateKey?(): boolean }, ...more: readonly unknown[]) => void
interface Protocol {
  readonly _handlers?: { GLOBAL_REQUEST?: Handler; readonly USERAUTH_PK_OK?: (protocol: Protocol) => void }
  authPK?: AskForKey
  readonly _cipher?: { _encKey?: unknown }
  readonly _decipher?: { _decipherKey?: unknown }
}
interface Internals {
  readonly _protocol?: Protocol
}

/**
 * ssh2 has each server that tells of its other host keys prove at once, with a signature for each, that it has them. We
 * take none from there. To be called right after `connect`.
 */
export function askForNoProofs(client: Client): void {
  const handlers = (client as unknown as Internals)._protocol?._handlers
  const answer = handlers?.GLOBAL_REQUEST
  if (!answer) return
  handlers.GLOBAL_REQUEST = (protocol, name, ...more) => {
    if (name !== 'hostkeys-00@openssh.com') answer(protocol, name, ...more)
  }
}

/**
 * ssh2 asks whether a key would do before it signs with it. A host does most of its work for either, and to sign with a key
 * that we hold is cheap; one of an agent may want a person. To be called right after `connect`.
 */
export function signAtOnce(client: Client): void {
  const protocol = (client as unknown as Internals)._protocol
  const send = protocol?.authPK?.bind(protocol)
  const sign = protocol?._handlers?.USERAUTH_PK_OK
  if (!protocol || !send || !sign) return
  protocol.authPK = (user, key, ...more) => {
    const isQuestion = !more.some((each) => typeof each === 'function')
    if (isQuestion && key.isPrivateKey?.()) sign(protocol)
    else send(user, key, ...more)
  }
}

/**
 * ssh2 hands the bare bytes of the key to OpenSSL with every packet, where Node finds out each time, and slowly, what they
 * are. To be called right after `connect`; each exchange of keys brings new ones.
 */
export function prepareKeys(client: Client): void {
  client.on('handshake', () => {
    const { _cipher: out, _decipher: into } = (client as unknown as Internals)._protocol ?? {}
    if (Buffer.isBuffer(out?._encKey)) out._encKey = createSecretKey(out._encKey)
    if (Buffer.isBuffer(into?._decipherKey)) into._decipherKey = createSecretKey(into._decipherKey)
  })
}

/** ssh2 reads a key anew for every signature. Of other kinds signing itself is what takes long. Returns what is wrong. */
export function readyToSign(key: ParsedKey): Error | undefined {
  if (key.type !== 'ssh-ed25519' || !key.isPrivateKey()) return undefined
  try {
    const secret = createPrivateKey(key.getPrivatePEM())
    key.sign = (data) => sign(null, typeof data === 'string' ? Buffer.from(data) : data, secret)
    return undefined
  } catch (problem) {
    return problem as Error
  }
}
