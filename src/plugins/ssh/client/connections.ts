// All connections of one engine: a host is connected once and kept for a while, gateways are shared, handshakes take turns.
import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import PQueue from 'p-queue'
import { fault } from '../../../kernel/fault.ts'
import type { Duration } from '../../../kernel/duration.ts'
import { listenOnSocket, openProgram, openShell, openSocket } from './channels.ts'
import type { Connection, Connections, ConnectOptions, Target } from './connection.ts'
import { nameOf, reasonOf, unreachableFault } from './errors.ts'
import { exec } from './exec.ts'
import { unlessInterrupted } from './interrupted.ts'
import { sayGoodbye } from './ssh2.ts'
import { openClient } from './transport.ts'
import { upload } from './upload.ts'

export interface ConnectionsOptions {
  /** Handshakes at once, to all hosts. */
  readonly handshakes?: number
  /** Handshakes at once with one server: sshd drops some of more than ten that are not logged in yet (MaxStartups). */
  readonly handshakesPerServer?: number
  /** Hosts reached over one connection to a gateway. */
  readonly channels?: number
  /** Who may share a connection to a host: sshd allows ten sessions on each (MaxSessions), and one more ends a command. */
  readonly sessions?: number
  /** How long a connection that nobody uses is kept. */
  readonly idle?: Duration
}

/** One connection that is made, there, or going. */
interface Link {
  readonly key: string
  readonly target: Target
  readonly ready: Promise<Client>
  /** Aborts when the connection is gone; the reason is a text. */
  readonly lost: AbortSignal
  /** Ends the attempt to connect. */
  giveUp(reason: unknown): void
  users: number
  /** Nobody has asked for it yet. */
  isAhead: boolean
  /** Ends the wait for somebody to use it again. */
  idle: AbortController | undefined
}

export function openConnections(options: ConnectionsOptions = {}): Connections {
  return new ConnectionPool(options)
}

class ConnectionPool implements Connections {
  readonly #links = new Map<string, Link>()
  readonly #turns = new Map<string, PQueue>()
  readonly #handshakes: PQueue
  readonly #options: Required<ConnectionsOptions>
  #isClosed = false

  constructor(options: ConnectionsOptions) {
    this.#options = { handshakes: 32, handshakesPerServer: 5, channels: 200, sessions: 8, idle: 30_000, ...options }
    this.#handshakes = new PQueue({ concurrency: this.#options.handshakes })
  }

  async connect(target: Target, options: ConnectOptions): Promise<Connection> {
    options.signal.throwIfAborted()
    if (this.#isClosed) throw closedFault(target)
    const link = this.#take('host', target, this.#options.sessions, options)
    try {
      const client = await unlessInterrupted(link.ready, [{ signal: options.signal }])
      return this.#connection(link, client, options)
    } catch (thrown) {
      this.#leave(link, options)
      throw thrown
    }
  }

  prepare(target: Target, options: ConnectOptions): void {
    if (this.#isClosed || options.signal.aborted) return
    const link = this.#take('host', target, this.#options.sessions, { ...options, isAhead: true })
    const leave = (): void => this.#leave(link, options)
    link.ready.then(leave, leave)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const links = [...this.#links.values()]
    this.#links.clear()
    for (const link of links) {
      link.idle?.abort()
      link.giveUp(closedFault(link.target))
    }
    // Hosts before the gateways that lead to them.
    for (const link of links.toSorted((left, right) => right.target.jumps.length - left.target.jumps.length)) {
      const client = await link.ready.catch(() => undefined)
      if (client) sayGoodbye(client)
    }
  }

  // The first connection for this use that has room for one more; made when there is none.
  #take(use: 'host' | 'way', target: Target, limit: number, options: ConnectOptions & { isAhead?: true }): Link {
    const own = keyOf(target)
    for (let slot = 0; ; slot++) {
      const key = `${use} ${slot} ${own}`
      const link = this.#links.get(key) ?? this.#make(key, target, options)
      if (link.users >= limit) continue
      link.isAhead &&= options.isAhead === true
      if (link.lost.aborted && !link.isAhead) this.#links.delete(key)
      link.users++
      link.idle?.abort()
      link.idle = undefined
      return link
    }
  }

  #make(key: string, target: Target, { world, isAhead = false }: ConnectOptions & { isAhead?: boolean }): Link {
    // Whoever asked first may give up; the others go on with it.
    const attempt = new AbortController()
    const lost = new AbortController()
    let isMade = false
    const forget = (reason: string): void => {
      lost.abort(reason)
      if (this.#links.get(key) === link && (isMade || !link.isAhead)) this.#links.delete(key)
    }
    const ready = this.#open(target, { world, signal: attempt.signal }, forget)
    ready.then(
      () => (isMade = true),
      (problem: unknown) => forget(reasonOf(problem)),
    )
    const giveUp = (reason: unknown): void => attempt.abort(reason)
    const link: Link = { key, target, ready, lost: lost.signal, giveUp, users: 0, isAhead, idle: undefined }
    this.#links.set(key, link)
    return link
  }

  async #open(target: Target, options: ConnectOptions, onLost: (reason: string) => void): Promise<Client> {
    const gateway = target.jumps.at(-1)
    if (!gateway) return this.#inTurn(target, options, () => openClient(target, { onLost }, options))
    const way = this.#take('way', { ...gateway, jumps: target.jumps.slice(0, -1) }, this.#options.channels, options)
    let isLeft = false
    const leave = (reason: string): void => {
      onLost(way.lost.aborted ? `the gateway ${nameOf(gateway)} is gone: ${way.lost.reason}` : reason)
      if (!isLeft) this.#leave(way, options)
      isLeft = true
    }
    try {
      const client = await unlessInterrupted(way.ready, [{ signal: options.signal }])
      const channel = (signal: AbortSignal): Promise<Duplex> => forward(client, target, way, signal)
      // Not before the gateway is there: who waits for it must not take the turn it needs.
      return await this.#inTurn(target, options, () => openClient(target, { channel, onLost: leave }, options))
    } catch (thrown) {
      leave(reasonOf(thrown))
      throw thrown
    }
  }

  async #inTurn(target: Target, { signal }: ConnectOptions, open: () => Promise<Client>): Promise<Client> {
    const server = JSON.stringify([target.host, target.port, target.jumps.map(nameOf)])
    const turns = this.#turns.get(server) ?? new PQueue({ concurrency: this.#options.handshakesPerServer })
    this.#turns.set(server, turns)
    try {
      return await turns.add(() => this.#handshakes.add(open, { signal }), { signal })
    } finally {
      if (turns.size === 0 && turns.pending <= 1) this.#turns.delete(server)
    }
  }

  #connection(link: Link, client: Client, { world }: ConnectOptions): Connection {
    const place = { client, target: link.target, world, lost: link.lost }
    let isReleased = false
    return {
      exec: (command, options) => exec(place, command, options),
      upload: (content, path, mode, options) => upload(place, content, path, mode, options),
      openProgram: (line, options) => openProgram(place, line, options),
      openSocket: (path, options) => openSocket(place, path, options),
      openShell: (options) => openShell(place, options),
      listen: (path, onConnection) => listenOnSocket(place, path, onConnection),
      release: () => {
        if (isReleased) return
        isReleased = true
        this.#leave(link, { world })
      },
    }
  }

  #leave(link: Link, { world }: Pick<ConnectOptions, 'world'>): void {
    link.users--
    if (link.users > 0 || this.#links.get(link.key) !== link) return
    const idle = new AbortController()
    link.idle = idle
    world.clock.sleep(this.#options.idle, idle.signal).then(
      async () => {
        if (link.users > 0 || this.#links.get(link.key) !== link) return
        this.#links.delete(link.key)
        // One that is still being made would be for nobody.
        link.giveUp(closedFault(link.target))
        const client = await link.ready.catch(() => undefined)
        if (client) sayGoodbye(client)
      },
      () => {},
    )
  }
}

function closedFault(target: Target): Error {
  return unreachableFault(target, { reason: 'we no longer need it', isSilent: false })
}

function forward(client: Client, target: Target, gateway: Link, signal: AbortSignal): Promise<Duplex> {
  const gone = (reason: unknown): Error =>
    fault('ssh.gateway_lost', { details: { host: nameOf(gateway.target), reason: String(reason) }, effect: 'none' })
  const opened = new Promise<Duplex>((resolve, reject) => {
    gateway.lost.throwIfAborted()
    client.forwardOut('127.0.0.1', 0, target.host, target.port, (problem, channel) => {
      if (!problem) return resolve(channel)
      const reason = `${nameOf(gateway.target)} says: ${problem.message}`
      // In the words of its system.
      const isSilent = /timed out|no route to host|host is down/i.test(problem.message)
      reject(unreachableFault(target, { reason, isSilent }))
    })
  })
  return unlessInterrupted(opened, [{ signal }, { signal: gateway.lost, problem: gone }], (late) => late.destroy())
}

function keyOf(target: Target): string {
  const { auth, jumps, hostKeys } = target
  const keys = auth.keys.map(({ key, passphrase }) => [textOf(key), passphrase?.reveal() ?? null])
  const own = [target.host, target.port, target.user, keys, auth.password?.reveal() ?? null, auth.agent ?? null]
  return JSON.stringify([own, hostKeys.pinned, hostKeys.knownHosts, hostKeys.trust, jumps.map(keyOf)])
}

const textOf = (key: Target['auth']['keys'][number]['key']): string => (typeof key === 'string' ? key : key.reveal())
