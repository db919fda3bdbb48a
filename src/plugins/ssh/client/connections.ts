// All connections of one engine: a host is connected once and kept for a while, gateways are shared, handshakes take turns.
import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import PQueue from 'p-queue'
import { asFault, fault } from '../../../kernel/fault.ts'
import type { Duration } from '../../../kernel/duration.ts'
import type { Connection, Connections, ConnectOptions, Target } from './connection.ts'
import { nameOf } from './errors.ts'
import { exec } from './exec.ts'
import { listenOnSocket, openSocket } from './sockets.ts'
import { openClient } from './transport.ts'
import { upload } from './upload.ts'

export interface ConnectionsOptions {
  /** Handshakes at once: sshd drops some of more than ten that are not logged in yet (MaxStartups 10:30:100). */
  readonly handshakes?: number
  /** Channels to hosts over one connection to a gateway. */
  readonly channels?: number
  /** How long a connection that nobody uses is kept. */
  readonly idle?: Duration
}

/** One connection, by everything that makes it what it is. */
interface Link {
  readonly key: string
  readonly target: Target
  readonly ready: Promise<Client>
  readonly lost: Promise<string>
  users: number
  /** Ends the wait for somebody to use it again. */
  idle: AbortController | undefined
}

export function openConnections(options: ConnectionsOptions = {}): Connections {
  return new ConnectionPool(options)
}

class ConnectionPool implements Connections {
  readonly #links = new Map<string, Link>()
  readonly #handshakes: PQueue
  readonly #channels: number
  readonly #idle: Duration
  #isClosed = false

  constructor({ handshakes = 10, channels = 200, idle = 30_000 }: ConnectionsOptions) {
    this.#handshakes = new PQueue({ concurrency: handshakes })
    this.#channels = channels
    this.#idle = idle
  }

  async connect(target: Target, options: ConnectOptions): Promise<Connection> {
    options.signal.throwIfAborted()
    if (this.#isClosed) throw fault('ssh.unreachable', { details: { host: nameOf(target), reason: 'we are closing' } })
    const link = this.#link(target, options)
    link.users++
    link.idle?.abort()
    try {
      const client = await untilAborted(link.ready, options.signal)
      return this.#connection(link, client, options)
    } catch (thrown) {
      this.#leave(link, options)
      throw asFault(thrown)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const links = [...this.#links.values()]
    this.#links.clear()
    for (const link of links) {
      link.idle?.abort()
      const client = await link.ready.catch(() => undefined)
      client?.end()
    }
  }

  #link(target: Target, options: ConnectOptions, slot = 0): Link {
    const key = `${slot} ${keyOf(target)}`
    const found = this.#links.get(key)
    if (found) return found
    let tellLost: (reason: string) => void = () => {}
    const lost = new Promise<string>((resolve) => (tellLost = resolve))
    const link: Link = {
      key,
      target,
      // Whoever asked first may give up; the others go on with it.
      ready: this.#open(target, { ...options, signal: new AbortController().signal }),
      lost,
      users: 0,
      idle: undefined,
    }
    this.#links.set(key, link)
    const forget = (reason: string): void => {
      tellLost(reason)
      if (this.#links.get(key) === link) this.#links.delete(key)
    }
    link.ready.then(
      (client) => {
        client.on('error', (problem) => forget(problem.message))
        client.on('close', () => forget('the connection ended'))
      },
      () => forget('it was never made'),
    )
    return link
  }

  async #open(target: Target, options: ConnectOptions): Promise<Client> {
    const gateway = target.jumps.at(-1)
    if (!gateway) return this.#handshakes.add(() => openClient(target, undefined, options))
    const way: Target = { ...gateway, jumps: target.jumps.slice(0, -1) }
    return this.#handshakes.add(async () => {
      const { link, client } = await this.#gateway(way, options)
      link.users++
      try {
        const channel = await forward(client, target, link)
        const opened = await openClient(target, channel, options)
        opened.once('close', () => this.#leave(link, options))
        return opened
      } catch (thrown) {
        this.#leave(link, options)
        throw thrown
      }
    })
  }

  // The first connection to the gateway that has room for one more channel.
  async #gateway(way: Target, options: ConnectOptions): Promise<{ readonly link: Link; readonly client: Client }> {
    for (let slot = 0; ; slot++) {
      const link = this.#link(way, options, slot)
      if (link.users >= this.#channels) continue
      link.users++
      link.idle?.abort()
      try {
        const client = await link.ready
        return { link, client }
      } finally {
        link.users--
      }
    }
  }

  #connection(link: Link, client: Client, { world }: ConnectOptions): Connection {
    const place = { client, target: link.target, world, lost: link.lost }
    let isReleased = false
    return {
      exec: (command, options) => exec(place, command, options),
      upload: (content, path, mode, options) => upload(place, content, path, mode, options),
      openSocket: (path, options) => openSocket(place, path, options),
      listen: (path, onConnection) => listenOnSocket(place, path, onConnection),
      release: () => {
        if (isReleased) return
        isReleased = true
        this.#leave(link, { world, signal: new AbortController().signal })
      },
    }
  }

  #leave(link: Link, { world }: ConnectOptions): void {
    link.users--
    if (link.users > 0 || this.#links.get(link.key) !== link) return
    const idle = new AbortController()
    link.idle = idle
    world.clock.sleep(this.#idle, idle.signal).then(
      async () => {
        if (link.users > 0) return
        this.#links.delete(link.key)
        const client = await link.ready.catch(() => undefined)
        client?.end()
      },
      () => {},
    )
  }
}

function forward(client: Client, target: Target, gateway: Link): Promise<Duplex> {
  const gone = gateway.lost.then((reason) => {
    throw fault('ssh.gateway_lost', { details: { host: nameOf(gateway.target), reason }, effect: 'none' })
  })
  gone.catch(() => {})
  const opened = new Promise<Duplex>((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, target.host, target.port, (problem, channel) => {
      if (!problem) return resolve(channel)
      const reason = `${nameOf(gateway.target)} says: ${problem.message}`
      reject(fault('ssh.unreachable', { details: { host: nameOf(target), reason }, effect: 'none' }))
    })
  })
  return Promise.race([opened, gone])
}

function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}

function keyOf(target: Target): string {
  const { auth } = target
  const keys = auth.keys.map(({ key, passphrase }) => [textOf(key), passphrase?.reveal() ?? null])
  const own = [target.host, target.port, target.user, keys, auth.password?.reveal() ?? null, auth.agent ?? null]
  return JSON.stringify([own, target.hostKeys, target.jumps.map(keyOf)])
}

const textOf = (key: Target['auth']['keys'][number]['key']): string => (typeof key === 'string' ? key : key.reveal())
