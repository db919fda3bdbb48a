// A daemon of another machine, over SSH: its socket is forwarded when it is named, else a program there finds it.
import { fault, Fault } from '../../../../kernel/fault.ts'
import type { Connection, Target } from '../../../ssh/client/connection.ts'
import { quoteWord } from '../../../ssh/client/quote.ts'
import { keySource, targetOf } from '../../../ssh/client/target.ts'
import { connectTo } from '../../../ssh/host/shared-connections.ts'
import { isYes, type Access, type LibvirtUri } from '../uri.ts'
import type { Transport, TransportOptions } from './transport.ts'
import { socketPaths } from './unix.ts'

/** The machine that a `+ssh` URI names, and how we log in there. @throws Fault `ssh.*` */
export function sshTargetOf({ host = '', user, port, parameters }: LibvirtUri, access: Access): Promise<Target> {
  const { keyfile, known_hosts: knownHosts, known_hosts_verify: verify, no_verify: noVerify } = parameters
  return targetOf({
    host,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port }),
    ...(keyfile === undefined ? {} : { keys: [keySource(keyfile)] }),
    ...(knownHosts === undefined ? {} : { knownHosts: [knownHosts] }),
    // A key that changed is refused even then.
    ...(isYes(noVerify) || verify === 'auto' || verify === 'ignore' ? { trustOnFirstUse: true } : {}),
    ...access.ssh,
  })
}

export async function openSsh(options: TransportOptions): Promise<Transport> {
  const { uri, access, signal, world } = options
  const target = await sshTargetOf(uri, access)
  const connection = await connectTo({ target }, { signal, world })
  try {
    return { ...(await reach(connection, options)), isLocal: false, release: () => connection.release() }
  } catch (thrown) {
    connection.release()
    throw thrown
  }
}

async function reach(
  connection: Connection,
  options: TransportOptions,
): Promise<Pick<Transport, 'socket' | 'lastWords'>> {
  const { uri, signal } = options
  const { socket: path, proxy } = uri.parameters
  if (proxy !== undefined && !['auto', 'netcat', 'native'].includes(proxy)) {
    const details = { uri: uri.shown, reason: `proxy '${proxy}' is not one of auto, netcat, native`, expected: '' }
    throw fault('libvirt.bad_uri', { details })
  }
  if (path !== undefined && proxy === undefined) {
    try {
      return { socket: await connection.openSocket(path, { signal }) }
    } catch (thrown) {
      // Servers may forbid forwarding and still let a program reach the socket.
      if (!(thrown instanceof Fault) || thrown.code !== 'ssh.channel_refused') throw thrown
    }
  }
  const program = await connection.openProgram(farCommand(options), { signal })
  return { socket: program.stream, lastWords: () => program.errors() }
}

/** Finds the socket on the far side, in any shell: libvirt's own helper where it is, else netcat. */
export function farCommand({ uri, isReadOnly }: Pick<TransportOptions, 'uri' | 'isReadOnly'>): string {
  const { socket, proxy, netcat = 'nc' } = uri.parameters
  const nc = quoteWord(netcat)
  const helper = `virt-ssh-helper ${isReadOnly ? '-r ' : ''}${quoteWord(uri.name)}`
  const paths = socket === undefined ? farPaths(uri, isReadOnly) : [quoteWord(socket)]
  const netcatLine = [
    // Some end when their input does, some want to be told so.
    `q=; ${nc} -h 2>&1 | grep -e '-q' >/dev/null && q=-q0`,
    `for s in ${paths.join(' ')}; do [ -S "$s" ] && exec ${nc} $q -U "$s"; done`,
    `echo "no socket of libvirt among: ${paths.join(' ').replaceAll(/["`\\]/g, '')}" >&2; exit 1`,
  ].join('; ')
  const byHelper = `exec ${helper}`
  const line =
    proxy === 'native'
      ? byHelper
      : proxy === 'netcat' || socket !== undefined
        ? netcatLine
        : `command -v virt-ssh-helper >/dev/null 2>&1 && ${byHelper}; ${netcatLine}`
  return `sh -c ${quoteWord(line)}`
}

// The far side's own environment says where the sockets of a session are.
function farPaths(uri: LibvirtUri, isReadOnly: boolean): readonly string[] {
  if (!uri.isSession) return socketPaths(uri, isReadOnly).map(quoteWord)
  const folder = '"${XDG_RUNTIME_DIR:-$HOME/.cache}/libvirt'
  return [`${folder}/libvirt-sock"`, `${folder}/virtqemud-sock"`]
}
