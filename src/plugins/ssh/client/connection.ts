// What a connection to a host is, for whoever runs commands there: the target, the connection, a command's outcome.
import type { Duplex } from 'node:stream'
import type { Duration } from '../../../kernel/duration.ts'
import type { Secret } from '../../../kernel/secret.ts'
import type { World } from '../../../world/world.ts'

/** A private key: the path of its file, or its content. */
export interface KeySource {
  readonly key: string | Secret
  readonly passphrase?: Secret
  /** One that cannot be used is left out: it was found, not asked for. */
  readonly isOptional?: boolean
}

export interface HostKeyPolicy {
  /** Files in the format of known_hosts. */
  readonly knownHosts: readonly string[]
  /** `ssh-ed25519 AAAA…` or `SHA256:…`. Any of them is enough; none of known_hosts is asked then. */
  readonly pinned: readonly string[]
  /** `first-use`: a key that nobody knows yet is recorded in the first of `knownHosts`. A changed key is always refused. */
  readonly trust: 'known' | 'first-use'
}

export interface Target {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly auth: {
    readonly keys: readonly KeySource[]
    readonly password?: Secret
    /** Path of the agent's socket. */
    readonly agent?: string
  }
  /** Outermost first. Targets with the same ways share the connection to their gateway. */
  readonly jumps: readonly Target[]
  readonly hostKeys: HostKeyPolicy
  readonly connectTimeout: Duration
  readonly keepalive: Duration
}

export interface ConnectOptions {
  readonly signal: AbortSignal
  readonly world: World
}

/** All connections of one engine: hosts are connected once, gateways shared, with a limit of channels on each. */
export interface Connections {
  /** @throws Fault `ssh.*` */
  connect(target: Target, options: ConnectOptions): Promise<Connection>
  /**
   * Begins to connect for somebody who will ask soon. When that fails he is told, once, so that no host is tried twice for
   * one question.
   */
  prepare(target: Target, options: ConnectOptions): void
  close(): Promise<void>
}

export interface ExecOptions {
  readonly signal: AbortSignal
  readonly stdin?: string | Uint8Array
  /** Set for the command alone; values appear in no process list. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly sudo?: { readonly user?: string; readonly password?: Secret }
  readonly timeout?: Duration
  /** When it is given up nothing is ended on the host: it sees to its end itself. */
  readonly isLeftAlone?: boolean
  /** Bytes kept of each stream, default 1 MiB; what is beyond is counted. */
  readonly outputLimit?: number
  /** Text as it comes, whole characters. */
  onOutput?(stream: 'stdout' | 'stderr', text: string): void
}

/** `code` is null when a signal ended the command. */
export interface ExecResult {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: Buffer
  readonly stderr: Buffer
  /** All bytes that came, kept or not. */
  readonly stdoutBytes: number
  readonly stderrBytes: number
}

export interface ShellOptions {
  readonly signal: AbortSignal
  readonly columns?: number
  readonly rows?: number
}

export interface OpenProgram {
  readonly stream: Duplex
  errors(): string
}

export interface Connection {
  /**
   * A text is read by the host's shell; a list is quoted by us and meets it as one word each. A command that is
   * cancelled or takes too long is ended on the host, too, which may take 5 s more. Over a connection that was lost
   * nothing can be ended: whatever must not outlive it has to watch itself.
   *
   * @throws Fault `ssh.timeout`, `ssh.connection_lost` (effect unknown). A code other than 0 is a result.
   */
  exec(command: string | readonly string[], options: ExecOptions): Promise<ExecResult>
  /** Writes a file that nobody else can read before it is whole. */
  upload(
    content: string | Uint8Array,
    path: string,
    mode: number,
    options: { readonly signal: AbortSignal },
  ): Promise<void>
  /** A shell on a terminal: what is written meets it as if typed, what it prints comes back, echo included. */
  openShell(options: ShellOptions): Promise<Duplex>
  /** Starts a program whose input and output are the stream; `errors` is the end of what it said beside that. */
  openProgram(line: string, options: { readonly signal: AbortSignal }): Promise<OpenProgram>
  /** Connects to a unix socket on the host. */
  openSocket(path: string, options: { readonly signal: AbortSignal }): Promise<Duplex>
  /** Listens on a unix socket on the host; what it returns ends that. */
  listen(remotePath: string, onConnection: (socket: Duplex) => void): Promise<() => Promise<void>>
  /** Gives it back; it may be kept for the next one. */
  release(): void
}
