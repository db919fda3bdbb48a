// Channels beside commands: unix sockets on a host (`direct-streamlocal`, `streamlocal-forward` of OpenSSH), a shell, programs.
import type { Duplex } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import type { OpenProgram, ShellOptions } from './connection.ts'
import { channelFault, lostFault, reasonOf } from './errors.ts'
import type { ExecPlace } from './exec.ts'
import { unlessInterrupted } from './interrupted.ts'

type Answer<Channel> = (problem: Error | null | undefined, channel: Channel) => void

/** @throws Fault `ssh.channel_refused`, `ssh.connection_lost` */
export function openSocket(
  place: ExecPlace,
  path: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<Duplex> {
  return open<Duplex>(place, signal, path, (answer) => place.client.openssh_forwardOutStreamLocal(path, answer))
}

/** A terminal as a person would have it. @throws Fault `ssh.channel_refused`, `ssh.connection_lost` */
export function openShell(place: ExecPlace, { signal, columns = 200, rows = 50 }: ShellOptions): Promise<Duplex> {
  const window = { term: 'vt100', cols: columns, rows }
  return open<Duplex>(place, signal, 'a shell', (answer) => place.client.shell(window, answer))
}

const longestErrors = 4 * 1024

/** @throws Fault `ssh.channel_refused`, `ssh.connection_lost` */
export async function openProgram(
  place: ExecPlace,
  line: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<OpenProgram> {
  const stream = await open<ClientChannel>(place, signal, 'a program', (answer) => place.client.exec(line, answer))
  let errors = ''
  stream.stderr.on('data', (chunk: Buffer) => (errors = `${errors}${chunk.toString('utf8')}`.slice(-longestErrors)))
  return { stream, errors: () => errors.trim() }
}

/** Resolves with what ends it. The socket's folder must be there. @throws Fault `ssh.channel_refused` */
export async function listenOnSocket(
  place: ExecPlace,
  path: string,
  onConnection: (socket: Duplex) => void,
): Promise<() => Promise<void>> {
  const { client } = place
  const never = new AbortController().signal
  const accept = (info: { readonly socketPath: string }, take: () => Duplex): void => {
    if (info.socketPath === path) onConnection(take())
  }
  client.on('unix connection', accept as never)
  try {
    await open<void>(place, never, path, (answer) =>
      client.openssh_forwardInStreamLocal(path, (problem) => answer(problem, undefined)),
    )
  } catch (thrown) {
    client.off('unix connection', accept as never)
    throw thrown
  }
  return async () => {
    client.off('unix connection', accept as never)
    // With a connection that is gone, so is the listening.
    await open<void>(place, never, path, (answer) =>
      client.openssh_unforwardInStreamLocal(path, (problem) => answer(problem, undefined)),
    ).catch(() => {})
  }
}

function open<Channel extends Duplex | void>(
  place: ExecPlace,
  signal: AbortSignal,
  what: string,
  begin: (answer: Answer<Channel>) => void,
): Promise<Channel> {
  signal.throwIfAborted()
  const { target, lost } = place
  const opened = new Promise<Channel>((resolve, reject) => {
    const refuse = (problem: unknown): void => reject(channelFault(target, `${what}: ${reasonOf(problem)}`, problem))
    try {
      begin((problem, channel) => (problem ? refuse(problem) : resolve(channel)))
    } catch (problem) {
      // ssh2 throws at once when the connection is gone or cannot do it.
      refuse(problem)
    }
  })
  const gone = (reason: unknown): Error => lostFault(target, String(reason))
  return unlessInterrupted(opened, [{ signal }, { signal: lost, problem: gone }], (late) => late?.destroy())
}
