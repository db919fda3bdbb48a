// A daemon of this machine, over its unix socket: the one that is named, else the first that is there.
import { createConnection } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { LibvirtUri } from '../uri.ts'
import { connected } from './socket.ts'
import { socketReason, unreachable, type Transport, type TransportOptions } from './transport.ts'

export async function openUnix({ uri, signal, isReadOnly }: TransportOptions): Promise<Transport> {
  const reasons: string[] = []
  for (const path of socketPaths(uri, isReadOnly)) {
    try {
      return { socket: await connected(createConnection(path), 'connect', signal), isLocal: true }
    } catch (thrown) {
      if (signal.aborted) throw thrown
      reasons.push(socketReason(thrown))
    }
  }
  throw unreachable(uri, reasons.join('; '))
}

/** Where daemons listen: the one for everything, then the one of QEMU alone. */
export function socketPaths(
  { parameters, isSession, name }: LibvirtUri,
  isReadOnly: boolean,
  environment: NodeJS.ProcessEnv = process.env,
): readonly string[] {
  if (parameters.socket !== undefined) return [parameters.socket]
  const folder = isSession ? join(runtimeFolder(environment), 'libvirt') : '/run/libvirt'
  // One's own daemon has no socket for reading alone.
  const end = isReadOnly && !isSession ? '-ro' : ''
  const own = name.startsWith('qemu:') ? ['virtqemud-sock'] : []
  return ['libvirt-sock', ...own].map((socket) => join(folder, `${socket}${end}`))
}

function runtimeFolder({ XDG_RUNTIME_DIR: runtime, HOME: home }: NodeJS.ProcessEnv): string {
  return runtime || join(home || homedir(), '.cache')
}
