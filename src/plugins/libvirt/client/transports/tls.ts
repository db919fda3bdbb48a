// A daemon over TLS: both sides show certificates, and the daemon says with one byte that it takes ours.
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { fault } from '../../../../kernel/fault.ts'
import { unlessInterrupted } from '../../../ssh/client/interrupted.ts'
import { isYes, type LibvirtUri } from '../uri.ts'
import { connected } from './socket.ts'
import { socketReason, unreachable, type Transport, type TransportOptions } from './transport.ts'

const usualPort = 16_514
const accepted = 1

export async function openTls(options: TransportOptions): Promise<Transport> {
  const { uri, signal } = options
  const host = uri.host ?? ''
  const credentials = await credentialsOf(options)
  // Loaded by whoever needs it: a deadman beside a socket must be quick to begin.
  const { connect } = await import('node:tls')
  const socket = connect({
    ...credentials,
    host,
    port: uri.port ?? usualPort,
    rejectUnauthorized: !isYes(uri.parameters.no_verify),
    // Names are sent and compared; an address is compared by Node itself.
    ...(isIP(host) === 0 ? { servername: host } : {}),
  })
  socket.setNoDelay(true)
  try {
    await connected(socket, 'secureConnect', signal)
  } catch (thrown) {
    throw signal.aborted ? thrown : unreachable(uri, socketReason(thrown), thrown)
  }
  try {
    await unlessInterrupted(acceptance(socket), [{ signal }])
  } catch (thrown) {
    socket.destroy()
    if (signal.aborted) throw thrown
    const reason = `it did not take our certificate${credentials.cert === undefined ? ': we have none to show' : ''}`
    throw fault('libvirt.refused', { details: { uri: uri.shown, reason }, cause: thrown })
  }
  return { socket, isLocal: false }
}

function acceptance(socket: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (problem?: Error): void => {
      socket.off('readable', read)
      socket.off('close', closed)
      if (problem) reject(problem)
      else resolve()
    }
    const read = (): void => {
      const byte = socket.read(1) as Buffer | null
      if (byte === null) return
      leave(byte[0] === accepted ? undefined : new Error(`it answered with ${byte[0]}`))
    }
    const closed = (): void => leave(new Error('it closed the connection'))
    // It stays: what goes wrong later is told by the close that follows.
    socket.on('error', () => {})
    socket.on('readable', read)
    socket.on('close', closed)
    read()
  })
}

type Credentials = Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>

async function credentialsOf({ uri, access: { tls = {} } }: TransportOptions): Promise<Credentials> {
  const folders = foldersOf(uri)
  const key = typeof tls.key === 'object' ? tls.key.reveal() : tls.key
  const [ca, cert, secret] = await Promise.all([
    pem(
      tls.ca,
      folders.map(({ ca: path }) => path),
    ),
    pem(
      tls.certificate,
      folders.map(({ cert: path }) => path),
    ),
    pem(
      key,
      folders.map(({ key: path }) => path),
    ),
  ])
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(secret === undefined ? {} : { key: secret }),
  }
}

interface PkiFiles {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** Where libvirt looks: the folder that is named, else one's own, else the machine's. */
function foldersOf({ parameters }: LibvirtUri): readonly PkiFiles[] {
  const inFolder = (folder: string): PkiFiles => ({
    ca: join(folder, 'cacert.pem'),
    cert: join(folder, 'clientcert.pem'),
    key: join(folder, 'clientkey.pem'),
  })
  if (parameters.pkipath !== undefined) return [inFolder(parameters.pkipath)]
  return [
    inFolder(join(homedir(), '.pki/libvirt')),
    {
      ca: '/etc/pki/CA/cacert.pem',
      cert: '/etc/pki/libvirt/clientcert.pem',
      key: '/etc/pki/libvirt/private/clientkey.pem',
    },
  ]
}

/** Content as it is; else the file that is named; else the first of the usual ones that is there. */
async function pem(given: string | undefined, usual: readonly string[]): Promise<string | undefined> {
  if (given?.includes('-----BEGIN')) return given
  if (given !== undefined) return readPem(given)
  for (const path of usual) {
    try {
      return await readFile(path, 'utf8')
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, thrown)
    }
  }
  return undefined
}

function readPem(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((thrown: unknown) => {
    throw unreadable(path, thrown)
  })
}

const unreadable = (path: string, cause: unknown): Error =>
  fault('libvirt.unreadable_file', { details: { path, reason: socketReason(cause) }, cause })
