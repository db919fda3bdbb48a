// Decides on the key that a host shows: known, pinned, met for the first time, or refused.
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { fault, type Fault } from '../../../kernel/fault.ts'
import type { Target } from './connection.ts'
import { nameOf } from './errors.ts'
import {
  checkHostKey,
  fingerprint,
  isPinned,
  readKnownHosts,
  recordHostKey,
  typeOf,
  type KnownHost,
} from './known-hosts.ts'

export interface HostKeyCheck {
  /** What we take, best first. The host is asked first for a key it is known by, so that it shows none we never saw. */
  readonly algorithms: readonly ServerHostKeyAlgorithm[]
  /** Resolves when the key is good. @throws Fault `ssh.unknown_host_key`, `ssh.host_key_changed`, `ssh.host_certificate` */
  accept(key: Buffer): Promise<void>
}

/** @throws Fault `ssh.unreadable_file` when a known_hosts file cannot be read. */
export async function hostKeyCheck(target: Target): Promise<HostKeyCheck> {
  const { knownHosts, pinned } = target.hostKeys
  const files = await readKnownHosts(knownHosts).catch((cause: NodeJS.ErrnoException) => {
    throw fault('ssh.unreadable_file', { details: { path: cause.path ?? '', reason: cause.message }, cause })
  })
  const known = files.flatMap((file) => file.entriesFor(target.host, target.port))
  return {
    algorithms: algorithmsFor(pinned.length > 0 ? pinned.map(typeOfPinned) : typesOf(known)),
    async accept(key) {
      const problem = await refusal(target, known, key)
      if (problem) throw problem
    },
  }
}

async function refusal(target: Target, known: readonly KnownHost[], key: Buffer): Promise<Fault | undefined> {
  const { pinned, trust, knownHosts } = target.hostKeys
  const details = { host: nameOf(target), type: typeOf(key), fingerprint: fingerprint(key) }
  if (pinned.length > 0) {
    return pinned.some((one) => isPinned(one, key)) ? undefined : fault('ssh.host_key_changed', { details })
  }
  const answer = checkHostKey(known, key)
  if (answer === 'known') return undefined
  if (answer === 'by-authority') return fault('ssh.host_certificate', { details })
  if (answer !== 'unknown') return fault('ssh.host_key_changed', { details })
  const [file] = knownHosts
  if (trust !== 'first-use' || file === undefined) return fault('ssh.unknown_host_key', { details })
  await recordHostKey(file, target.host, target.port, key)
  return undefined
}

const typesOf = (entries: readonly KnownHost[]): string[] =>
  entries.filter(({ marker }) => marker === null).map(({ type }) => type)

function typeOfPinned(pinned: string): string {
  const [type = '', key] = pinned.trim().split(/\s+/)
  return key === undefined ? '' : type
}

const allAlgorithms: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
]

/** Algorithms of the known types first; a type that is not ours changes nothing. One RSA key signs in several ways. */
function algorithmsFor(knownTypes: readonly string[]): ServerHostKeyAlgorithm[] {
  const isKnown = (algorithm: string): boolean =>
    knownTypes.includes(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm)
  return [...allAlgorithms.filter(isKnown), ...allAlgorithms.filter((algorithm) => !isKnown(algorithm))]
}
