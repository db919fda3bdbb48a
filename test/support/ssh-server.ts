// SSH servers in this process for tests: real handshakes, real shells, and trouble on demand.
import { spawn, type ChildProcess } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { createRequire } from 'node:module'
import type * as ssh2 from 'ssh2'
import type { AuthContext, Connection as ServerConnection, ServerChannel } from 'ssh2'
import { Secret } from '../../src/kernel/secret.ts'
import type { Target } from '../../src/plugins/ssh/client/connection.ts'

const { Server, utils } = createRequire(import.meta.url)('ssh2') as typeof ssh2

export interface KeyPair {
  readonly private: string
  readonly public: string
}

export function newKey(type: 'ed25519' | 'rsa' = 'ed25519', passphrase?: string): KeyPair {
  for (;;) {
    const pair =
      type === 'rsa'
        ? utils.generateKeyPairSync('rsa', { bits: 2048 })
        : utils.generateKeyPairSync('ed25519', passphrase ? { passphrase, cipher: 'aes256-cbc', rounds: 1 } : {})
    // ssh2 writes one in 256 of these keys so that nobody can read it.
    if (!(utils.parseKey(pair.private, passphrase) instanceof Error)) return pair
  }
}

const usualHostKey = newKey()
const usualUserKey = newKey()

export interface SshServerOptions {
  readonly hostKeys?: readonly KeyPair[]
  /** Which ways to log in are taken; default: the usual key. Undefined: it answers itself, or never. */
  login?(context: AuthContext): boolean | undefined
  readonly logins?: readonly ssh2.AuthenticationType[]
  /** Instead of a shell. Returning false runs the shell after all. */
  exec?(command: string, accept: () => ServerChannel): boolean | void
  /** Asked before a channel to another host is opened; a promise that never resolves drops it. */
  forward?(): Promise<void>
  /** Whether unix sockets of the host are forwarded; default: yes. */
  readonly forwardsSockets?: boolean
  readonly env?: Readonly<Record<string, string>>
}

export interface SshServer extends AsyncDisposable {
  readonly port: number
  readonly hostKey: KeyPair
  readonly userKey: KeyPair
  /** Lines as they came for the host's shell. */
  readonly commands: readonly string[]
  /** Methods by which somebody tried to log in. */
  readonly attempts: readonly string[]
  readonly connections: ReadonlySet<ServerConnection>
  /** How many connections there ever were, and the most at once that were not logged in yet. */
  readonly count: { readonly connections: number; readonly mostUnknown: number; readonly channels: number }
  /** Breaks every connection, as a pulled plug with a reset. */
  drop(): void
  /** A target that this server lets in. */
  target(changes?: Partial<Target>): Target
}

// ssh2 keeps it to itself.
const socketOf = (client: ServerConnection): Socket => (client as unknown as { readonly _sock: Socket })._sock

export async function sshServer(options: SshServerOptions = {}): Promise<SshServer> {
  const hostKeys = options.hostKeys ?? [usualHostKey]
  const commands: string[] = []
  const attempts: string[] = []
  const connections = new Set<ServerConnection>()
  const children = new Set<ChildProcess>()
  const count = { connections: 0, mostUnknown: 0, channels: 0 }
  let unknown = 0
  const server = new Server({ hostKeys: hostKeys.map((key) => key.private) }, (client) => {
    connections.add(client)
    socketOf(client).setNoDelay(true)
    count.connections++
    count.mostUnknown = Math.max(count.mostUnknown, ++unknown)
    let isUnknown = true
    const known = (): void => {
      if (isUnknown) unknown--
      isUnknown = false
    }
    client.on('authentication', (context) => {
      if (context.method !== 'none') attempts.push(context.method)
      const isIn = options.login ? options.login(context) : isUsualKey(context)
      if (isIn === true) context.accept()
      if (isIn === false) context.reject([...(options.logins ?? ['publickey'])])
    })
    client.on('ready', () => {
      known()
      client.on('session', (acceptSession) => {
        const session = acceptSession()
        session.on('exec', (accept, _reject, { command }) => {
          commands.push(command)
          if (options.exec && options.exec(command, accept) !== false) return
          children.add(runShell(accept(), command, options.env))
        })
        session.on('pty', (accept) => accept())
        // `script` has a terminal for the shell.
        session.on('shell', (accept) => {
          children.add(runShell(accept(), 'exec script -qec \'env -u ENV PS1="host$ " sh -i\' /dev/null', options.env))
        })
      })
      client.on('openssh.streamlocal', (accept, reject, { socketPath }) => {
        if (options.forwardsSockets === false) return reject()
        count.channels++
        const socket = connect(socketPath)
        socket.once('error', () => reject())
        socket.once('connect', () => {
          const channel = accept()
          socket.pipe(channel).pipe(socket)
          channel.on('error', () => {})
        })
      })
      client.on('tcpip', (accept, reject, { destIP, destPort }) => {
        count.channels++
        const opened = options.forward?.() ?? Promise.resolve()
        void opened.then(() => {
          const socket = connect(destPort, destIP)
          socket.once('error', () => reject())
          socket.once('connect', () => {
            const channel = accept()
            socket.pipe(channel).pipe(socket)
            channel.on('error', () => {})
          })
        })
      })
    })
    client.on('error', () => {})
    client.on('close', () => {
      known()
      connections.delete(client)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const drop = (): void => {
    for (const client of connections) socketOf(client).resetAndDestroy()
  }
  return {
    port,
    hostKey: hostKeys[0] as KeyPair,
    userKey: usualUserKey,
    commands,
    attempts,
    connections,
    count,
    drop,
    target: (changes = {}) => ({
      host: '127.0.0.1',
      port,
      user: 'someone',
      auth: { keys: [{ key: new Secret(usualUserKey.private) }] },
      jumps: [],
      hostKeys: { knownHosts: [], pinned: hostKeys.map((key) => key.public), trust: 'known' },
      connectTimeout: 10_000,
      keepalive: 0,
      ...changes,
    }),
    async [Symbol.asyncDispose]() {
      for (const child of children) end(child)
      drop()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function isUsualKey(context: AuthContext): boolean {
  return context.method === 'publickey' && isKey(context, usualUserKey)
}

export function isKey(context: ssh2.PublicKeyAuthContext, key: KeyPair): boolean {
  const parsed = utils.parseKey(key.public)
  if (parsed instanceof Error || !parsed.getPublicSSH().equals(context.key.data)) return false
  return !context.signature || parsed.verify(context.blob as Buffer, context.signature, context.hashAlgo)
}

// In a session of its own, as sshd does it.
function runShell(channel: ServerChannel, command: string, env: SshServerOptions['env']): ChildProcess {
  const child = spawn('/bin/sh', ['-c', command], { detached: true, env: { ...process.env, ...env } })
  child.stdout.pipe(channel, { end: false })
  child.stderr.pipe(channel.stderr, { end: false })
  channel.pipe(child.stdin)
  child.stdin.on('error', () => {})
  channel.on('error', () => {})
  channel.on('close', () => child.stdin.end())
  child.on('close', (code, signal) => {
    channel.exit((code ?? signal?.slice(3)) as never)
    channel.end()
  })
  return child
}

function end(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}
