// known_hosts of OpenSSH: which key a host is known by. The format is that of sshd(8), SSH_KNOWN_HOSTS FILE FORMAT.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ReadFiles, type See } from './file-states.ts'

export interface KnownHost {
  readonly marker: 'revoked' | 'cert-authority' | null
  readonly patterns: readonly string[]
  readonly type: string
  /** The raw key, as it goes over the wire. */
  readonly key: Buffer
}

/** `by-authority`: only a certificate could tell. */
export type HostKeyAnswer = 'known' | 'unknown' | 'changed' | 'revoked' | 'by-authority'

/** Lines that are no entries are left out, as OpenSSH does. */
export function parseKnownHosts(text: string): readonly KnownHost[] {
  const entries: KnownHost[] = []
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/)
    if (words[0] === '' || words[0]?.startsWith('#')) continue
    const marker = words[0]?.startsWith('@') ? words.shift()?.slice(1) : undefined
    const [patterns, type, key] = words
    if (patterns === undefined || type === undefined || key === undefined) continue
    if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') continue
    entries.push({ marker: marker ?? null, patterns: patterns.split(','), type, key: Buffer.from(key, 'base64') })
  }
  return entries
}

/** As it stands in known_hosts. */
export function hostName(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`
}

/** What some files know. A fleet asks it once for each of thousands of hosts. */
export class KnownHosts {
  readonly #byName = new Map<string, KnownHost[]>()
  /** Those that have to be tried one by one: patterns and hashed names. */
  readonly #others: KnownHost[] = []

  constructor(entries: readonly KnownHost[]) {
    for (const entry of entries) {
      if (entry.patterns.some((pattern) => /[*?!]|^\|/.test(pattern))) {
        this.#others.push(entry)
        continue
      }
      for (const pattern of entry.patterns) {
        const name = pattern.toLowerCase()
        const found = this.#byName.get(name)
        if (found) found.push(entry)
        else this.#byName.set(name, [entry])
      }
    }
  }

  entriesFor(host: string, port: number): readonly KnownHost[] {
    const name = hostName(host, port)
    const others = this.#others.filter(({ patterns }) => isMeant(patterns, name))
    return [...(this.#byName.get(name.toLowerCase()) ?? []), ...others]
  }
}

export function checkHostKey(entries: readonly KnownHost[], key: Buffer): HostKeyAnswer {
  if (entries.some((entry) => entry.marker === 'revoked' && isSame(entry.key, key))) return 'revoked'
  const plain = entries.filter((entry) => entry.marker === null)
  if (plain.some((entry) => isSame(entry.key, key))) return 'known'
  if (plain.length > 0) return 'changed'
  return entries.some(({ marker }) => marker === 'cert-authority') ? 'by-authority' : 'unknown'
}

/** `SHA256:…`, as ssh-keygen -l prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** `pinned` is a key (`ssh-ed25519 AAAA…`) or a fingerprint. */
export function isPinned(pinned: string, key: Buffer): boolean {
  const text = pinned.trim()
  if (text.startsWith('SHA256:')) return text.replace(/=+$/, '') === fingerprint(key)
  return isSame(Buffer.from(text.split(/\s+/)[1] ?? '', 'base64'), key)
}

/** The algorithm's name is the first field of every key blob. */
export function typeOf(key: Buffer): string {
  return key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1')
}

const kept = new ReadFiles<KnownHosts>()

/** A file that is not there knows nobody. */
export function readKnownHosts(files: readonly string[]): Promise<readonly KnownHosts[]> {
  return Promise.all(files.map((file) => kept.of(file, (see) => readOne(file, see))))
}

async function readOne(file: string, see: See): Promise<KnownHosts> {
  see(file)
  const text = await readFile(file, 'utf8').catch((problem: NodeJS.ErrnoException) => {
    if (problem.code === 'ENOENT') return ''
    throw problem
  })
  return new KnownHosts(parseKnownHosts(text))
}

export async function recordHostKey(file: string, host: string, port: number, key: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const begun = await readFile(file, 'latin1').catch(() => '')
  // A last line that somebody did not end must not swallow ours.
  const gap = begun === '' || begun.endsWith('\n') ? '' : '\n'
  await appendFile(file, `${gap}${hostName(host, port)} ${typeOf(key)} ${key.toString('base64')}\n`, { mode: 0o600 })
}

function isSame(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}

function isMeant(patterns: readonly string[], name: string): boolean {
  let meant = false
  for (const pattern of patterns) {
    if (pattern.startsWith('!') && matches(pattern.slice(1), name)) return false
    if (!pattern.startsWith('!') && matches(pattern, name)) meant = true
  }
  return meant
}

function matches(pattern: string, name: string): boolean {
  if (pattern.startsWith('|1|')) {
    const [, , salt = '', hash = ''] = pattern.split('|')
    const digest = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest()
    return isSame(digest, Buffer.from(hash, 'base64'))
  }
  const source = [...pattern.toLowerCase()]
    .map((letter) => (letter === '*' ? '.*' : letter === '?' ? '.' : letter.replace(/[.+^${}()|[\]\\]/, '\\$&')))
    .join('')
  return new RegExp(`^${source}$`).test(name.toLowerCase())
}
