// Unix sockets on a host, reached through the connection: `direct-streamlocal` and `streamlocal-forward` of OpenSSH.
import type { Duplex } from 'node:stream'
import { fault } from '../../../kernel/fault.ts'
import { nameOf } from './errors.ts'
import type { ExecPlace } from './exec.ts'

/** @throws Fault `ssh.channel_refused` */
export function openSocket(
  { client, target }: ExecPlace,
  path: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<Duplex> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    client.openssh_forwardOutStreamLocal(path, (problem, channel) => {
      if (!problem) return resolve(channel)
      reject(fault('ssh.channel_refused', { details: { host: nameOf(target), reason: `${path}: ${problem.message}` } }))
    })
  })
}

/** Resolves with what ends it. The socket's folder must be there. @throws Fault `ssh.channel_refused` */
export async function listenOnSocket(
  { client, target }: ExecPlace,
  path: string,
  onConnection: (socket: Duplex) => void,
): Promise<() => Promise<void>> {
  await new Promise<void>((resolve, reject) => {
    client.openssh_forwardInStreamLocal(path, (problem) => {
      if (!problem) return resolve()
      reject(fault('ssh.channel_refused', { details: { host: nameOf(target), reason: `${path}: ${problem.message}` } }))
    })
  })
  const accept = (info: { readonly socketPath: string }, take: () => Duplex): void => {
    if (info.socketPath === path) onConnection(take())
  }
  client.on('unix connection', accept as never)
  return async () => {
    client.off('unix connection', accept as never)
    await new Promise<void>((resolve) => client.openssh_unforwardInStreamLocal(path, () => resolve()))
  }
}
