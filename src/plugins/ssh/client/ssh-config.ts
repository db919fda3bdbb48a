// What ssh_config(5) says of a host: names, ports, users, keys, jumps. No command of it is ever run.
import { glob as filesLike, readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import type { Line, Match, Section } from 'ssh-config'
import { fault } from '../../../kernel/fault.ts'
import { ReadFiles, type See } from './file-states.ts'

export interface LocalAccount {
  readonly user: string
  readonly home: string
  /** Path of the agent's socket. */
  readonly agent?: string | undefined
  /** Files in the format of ssh_config; earlier ones win. */
  readonly configs: readonly string[]
}

/** By directive, in lower case. What can be named several times has all of its values. */
export type HostConfig = ReadonlyMap<string, readonly string[]>

/** A line as it is asked: a setting, or lines that count for some hosts only. */
type Entry =
  | { readonly name: string; readonly values: readonly string[] }
  | { readonly isMeant: (asked: Asked) => boolean; readonly entries: readonly Entry[] }

interface Asked {
  readonly host: string
  readonly user: string | undefined
  readonly localUser: string
  readonly found: ReadonlyMap<string, readonly string[]>
}

type Language = typeof import('ssh-config')

/** As in OpenSSH, so that files that include each other end. */
const deepest = 16
/** Settings of which every one counts, not the first alone. */
const collected = new Set(['identityfile', 'certificatefile'])

export interface SshConfig {
  /** `user` where it is known before the file is asked. */
  of(host: string, user?: string): HostConfig
}

const kept = new ReadFiles<SshConfig>()

/** A file that is not there says nothing. @throws Fault `ssh.bad_config`, `ssh.unreadable_file` */
export function readSshConfig(account: LocalAccount): Promise<SshConfig> {
  const id = JSON.stringify([account.configs, account.home, account.user])
  return kept.of(id, (see) => read(account, see))
}

async function read(account: LocalAccount, see: See): Promise<SshConfig> {
  const language = await import('ssh-config')
  const files = await Promise.all(account.configs.map((path) => entriesOf(path, { account, language, see, depth: 0 })))
  const entries = files.flat()
  return {
    of(host, user) {
      const found = new Map<string, string[]>()
      collect(entries, { host, user, localUser: account.user, found }, found)
      return found
    },
  }
}

interface Reading {
  readonly account: LocalAccount
  readonly language: Language
  readonly see: See
  readonly depth: number
}

async function entriesOf(path: string, reading: Reading): Promise<Entry[]> {
  reading.see(path)
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return ''
    throw fault('ssh.unreadable_file', { details: { path, reason: cause.message }, cause })
  })
  return translate(parsed(text, path, reading.language), path, reading)
}

function parsed(text: string, path: string, language: Language): readonly Line[] {
  try {
    return [...language.parse(text)]
  } catch (cause) {
    throw fault('ssh.bad_config', { details: { path, reason: (cause as Error).message }, cause })
  }
}

async function translate(lines: readonly Line[], path: string, reading: Reading): Promise<Entry[]> {
  const entries: Entry[] = []
  for (const line of lines) {
    if (!('param' in line)) continue
    const name = line.param.trim().toLowerCase()
    if (name === 'include') {
      for (const file of await filesOf(valuesOf(line), path, reading)) {
        entries.push(...(await entriesOf(file, { ...reading, depth: reading.depth + 1 })))
      }
    } else if ('config' in line) {
      const inner = await translate([...line.config], path, reading)
      entries.push({ isMeant: conditionOf(line, name, reading.language), entries: inner })
    } else {
      entries.push({ name, values: valuesOf(line) })
    }
  }
  return entries
}

function valuesOf({ value }: { readonly value: Section['value'] }): string[] {
  return typeof value === 'string' ? [value] : value.map(({ val }) => val)
}

async function filesOf(patterns: readonly string[], path: string, { account, see, depth }: Reading): Promise<string[]> {
  if (depth >= deepest)
    throw fault('ssh.bad_config', { details: { path, reason: `more than ${deepest} files include each other` } })
  const files: string[] = []
  for (const pattern of patterns) {
    const inHome = pattern.replace(/^~(?=\/)/, account.home)
    const whole = isAbsolute(inHome) ? inHome : join(dirname(path), inHome)
    see(dirname(whole))
    const found: string[] = []
    for await (const file of filesLike(whole)) found.push(file)
    files.push(...found.toSorted())
  }
  return files
}

/** `Match exec` and everything that would need a connection or a lookup first is not met. */
function conditionOf(line: Section | Match, name: string, { glob }: Language): (asked: Asked) => boolean {
  if (name === 'host') {
    const patterns = valuesOf(line)
    // Most are plain names, and a fleet has thousands of them.
    const isPlain = patterns.every((pattern) => !/[*?!]/.test(pattern))
    return ({ host }) => (isPlain ? patterns.includes(host) : glob(patterns, host))
  }
  const criteria = Object.entries('criteria' in line ? line.criteria : {})
  return (asked) =>
    criteria.every(([word, value]) => {
      const patterns = typeof value === 'string' ? value : value.map(({ val }) => val)
      const isNot = word.startsWith('!')
      const subject = subjectOf(word.replace(/^!/, '').toLowerCase(), asked)
      if (subject === undefined) return false
      return (subject === true || glob(patterns, subject)) !== isNot
    })
}

function subjectOf(criterion: string, { host, user, localUser, found }: Asked): string | true | undefined {
  if (criterion === 'all') return true
  if (criterion === 'originalhost') return host
  if (criterion === 'localuser') return localUser
  if (criterion === 'user') return user ?? found.get('user')?.[0] ?? localUser
  if (criterion !== 'host') return undefined
  return found.get('hostname')?.[0]?.replaceAll('%h', host) ?? host
}

// The first value of a setting wins.
function collect(entries: readonly Entry[], asked: Asked, found: Map<string, string[]>): void {
  for (const entry of entries) {
    if ('entries' in entry) {
      if (entry.isMeant(asked)) collect(entry.entries, asked, found)
      continue
    }
    const values = found.get(entry.name)
    if (!values) found.set(entry.name, [...entry.values])
    else if (collected.has(entry.name)) values.push(...entry.values)
  }
}
