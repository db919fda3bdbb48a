// One SSH connection as ssh2 makes it: over a socket or through a channel of the connection to the gateway.
import type { Duplex } from 'node:stream'
import type { Client, ConnectConfig, KexAlgorithm } from 'ssh2'
import { loginTo, refusedFault } from './auth.ts'
import type { ConnectOptions, Target } from './connection.ts'
import { connectFault, reasonOf, unreachableFault } from './errors.ts'
import { gatherWrites } from './gathered-writes.ts'
import { hostKeyCheck } from './host-key.ts'
import { unlessInterrupted } from './interrupted.ts'
import { askForNoProofs, breakOff, prepareKeys, signAtOnce, socketOf, ssh2 } from './ssh2.ts'

export interface Way {
  /** What the connection goes over, when it does not go over a socket of its own. */
  channel?(signal: AbortSignal): Promise<Duplex>
  /** Called at least once when the connection is gone, made or not. */
  onLost(reason: string): void
}

interface ToldWay extends Way {
  /** Somebody is there; what comes is up to the host. */
  readonly onReached: () => void
}

// All of them are sound. The first is the cheapest for both sides: OpenSSL has it in assembler, and sshd brings its own slow
// code for curve25519, which a fleet pays thousands of times.
const keyExchanges: readonly KexAlgorithm[] = [
  'ecdh-sha2-nistp256',
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group15-sha512',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group17-sha512',
  'diffie-hellman-group18-sha512',
]

/** Resolves with a client that is logged in. @throws Fault `ssh.*`, effect none */
export async function openClient(target: Target, way: Way, { signal, world }: ConnectOptions): Promise<Client> {
  const over = new AbortController()
  const late = new AbortController()
  world.clock.sleep(target.connectTimeout, over.signal).then(
    () => late.abort(),
    () => {},
  )
  const client = new (ssh2().Client)()
  let isReached = false
  const toldWay = { ...way, onReached: () => void (isReached = true) }
  try {
    return await unlessInterrupted(ready(client, target, toldWay, AbortSignal.any([signal, late.signal])), [
      { signal },
      { signal: late.signal, problem: () => lateFault(target, isReached) },
    ])
  } catch (thrown) {
    breakOff(client)
    throw thrown
  } finally {
    over.abort('over')
  }
}

async function ready(client: Client, target: Target, way: ToldWay, signal: AbortSignal): Promise<Client> {
  const [check, login] = await Promise.all([hostKeyCheck(target), loginTo(target)])
  const over = await way.channel?.(signal)
  if (over) way.onReached()
  if (signal.aborted) {
    over?.destroy()
    throw signal.reason
  }
  let refused: unknown
  const config: ConnectConfig = {
    host: target.host,
    port: target.port,
    username: target.user,
    // We keep the time ourselves.
    readyTimeout: 0,
    keepaliveInterval: target.keepalive,
    keepaliveCountMax: 3,
    // Sockets on hosts are asked for by their OpenSSH names whatever the server calls itself; it may still refuse.
    strictVendor: false,
    algorithms: { kex: [...keyExchanges], serverHostKey: [...check.algorithms] },
    hostVerifier: (key: Buffer, verify: (isGood: boolean) => void) => {
      check.accept(key).then(
        () => verify(true),
        (problem: unknown) => {
          refused = problem
          verify(false)
        },
      )
    },
    authHandler: login.handler as never,
    ...(over === undefined ? {} : { sock: over }),
  }
  return new Promise((resolve, reject) => {
    // It stays: an error that comes late, or a second one, must not bring the process down.
    client.on('error', (problem: Error & { readonly level?: string }) => {
      // The agent is one way of several.
      if (problem.level === 'agent') return
      if (problem.level === 'client-authentication') reject(refusedFault(target, login.refusal(), problem))
      reject(refused ?? connectFault(target, problem))
      way.onLost(reasonOf(problem))
      breakOff(client)
    })
    // Through a gateway the other half would stay open, and no end would ever be told.
    client.once('end', () => {
      reject(refused ?? connectFault(target, new Error('it closed the connection')))
      way.onLost('the host closed the connection')
      breakOff(client)
    })
    client.once('close', () => {
      reject(refused ?? connectFault(target, new Error('it closed the connection')))
      way.onLost('the connection ended')
    })
    client.once('change password', () => reject(refusedFault(target, 'the password has expired')))
    client.once('connect', way.onReached)
    client.once('ready', () => resolve(client))
    client.connect(config)
    // Many small packets, each waited for: the handshake, too, is many times slower otherwise.
    client.setNoDelay(true)
    askForNoProofs(client)
    signAtOnce(client)
    prepareKeys(client)
    const socket = socketOf(client)
    if (socket) gatherWrites(socket)
  })
}

function lateFault(target: Target, isReached: boolean): Error {
  const reason = `${isReached ? 'it took the connection, and ' : ''}no answer within ${target.connectTimeout / 1000} s`
  return unreachableFault(target, { reason, isSilent: !isReached })
}
