// Reads how a host is reached from the properties of its node: address, credentials, ways, host keys, sudo.
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { seconds, type Duration } from '../../../kernel/duration.ts'
import { fault, type Fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { Secret } from '../../../kernel/secret.ts'
import type { ExecOptions, KeySource, Target } from '../client/connection.ts'

export interface HostSettings {
  readonly target: Target
  /** How commands become root's; absent: they run as the user who logs in. */
  readonly sudo?: NonNullable<ExecOptions['sudo']>
}

export interface SettingsPlace {
  /** Absolute path of a file that the blueprint brings. */
  blueprintFile(path: string): Promise<string>
  /** Names of variables of our own environment: HOME, SSH_AUTH_SOCK. */
  readonly own: Readonly<Record<string, string | undefined>>
}

const usualTimeout: Duration = seconds(20)
const usualKeepalive: Duration = seconds(15)

/** @throws Fault `ssh.bad_property` */
export async function readHostSettings(properties: JsonObject, place: SettingsPlace): Promise<HostSettings> {
  const reader = new Reader(properties, place)
  const jumps: Target[] = []
  // Innermost knows nothing of the others: each is written out, and what it leaves out is as for the host itself.
  for (const [index, given] of reader.objects('jumps').entries()) {
    jumps.push(await targetFrom(new Reader({ ...common(properties), ...given }, place, `jumps.${index}.`), []))
  }
  const target = await targetFrom(reader, jumps)
  const sudo = reader.value('sudo') ?? false
  if (sudo === false || sudo === '') return { target }
  if (sudo !== true && typeof sudo !== 'string') throw reader.bad('sudo', 'expected true, false, or the name of a user')
  const password = reader.secret('sudo_password')
  return { target, sudo: { ...(sudo === true ? {} : { user: sudo }), ...(password ? { password } : {}) } }
}

/** What a jump host shares with the host behind it when it says nothing else. */
function common(properties: JsonObject): JsonObject {
  const names = ['user', 'key', 'passphrase', 'use_agent', 'known_hosts', 'trust_on_first_use', 'connect_timeout']
  return Object.fromEntries(names.flatMap((name) => (name in properties ? [[name, properties[name] ?? null]] : [])))
}

async function targetFrom(reader: Reader, jumps: readonly Target[]): Promise<Target> {
  const host = reader.text('ip')
  if (host === undefined) throw reader.bad('ip', 'it is missing: the address of the host is not known')
  const password = reader.secret('password')
  const agent = reader.value('use_agent') === true ? reader.place.own['SSH_AUTH_SOCK'] : undefined
  const knownHosts = reader.texts('known_hosts').map((path) => reader.expand(path))
  return {
    host,
    port: reader.number('port', 22),
    user: reader.text('user') ?? 'root',
    auth: {
      keys: await keysFrom(reader),
      ...(password ? { password } : {}),
      ...(agent === undefined ? {} : { agent }),
    },
    jumps,
    hostKeys: {
      knownHosts:
        knownHosts.length > 0 ? knownHosts : [join(reader.home, '.ssh/known_hosts'), '/etc/ssh/ssh_known_hosts'],
      pinned: reader.texts('host_key'),
      trust: reader.value('trust_on_first_use') === true ? 'first-use' : 'known',
    },
    connectTimeout: seconds(reader.number('connect_timeout', usualTimeout / 1000)),
    keepalive: seconds(reader.number('keepalive', usualKeepalive / 1000)),
  }
}

async function keysFrom(reader: Reader): Promise<readonly KeySource[]> {
  const passphrase = reader.secret('passphrase')
  const sources = reader.texts('key').map(async (text) => ({
    key: text.includes('-----BEGIN') ? new Secret(ended(text)) : await reader.file(text),
    ...(passphrase ? { passphrase } : {}),
  }))
  return Promise.all(sources)
}

// A value from a store of secrets often has lost its last line end, which some formats of keys need.
const ended = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`)

class Reader {
  readonly place: SettingsPlace
  readonly #values: JsonObject
  readonly #prefix: string

  constructor(values: JsonObject, place: SettingsPlace, prefix = '') {
    this.#values = values
    this.place = place
    this.#prefix = prefix
  }

  get home(): string {
    return this.place.own['HOME'] ?? homedir()
  }

  value(name: string): Json | undefined {
    const value = this.#values[name]
    return value === null ? undefined : value
  }

  text(name: string): string | undefined {
    const value = this.value(name)
    if (value === undefined || value === '') return undefined
    if (typeof value !== 'string' || value.includes('\0')) throw this.bad(name, 'expected a text')
    return value
  }

  /** One text, or a list of them. */
  texts(name: string): readonly string[] {
    const value = this.value(name)
    if (value === undefined || value === '') return []
    const list = Array.isArray(value) ? value : [value]
    if (!list.every((item) => typeof item === 'string' && item !== ''))
      throw this.bad(name, 'expected a text or a list of texts')
    return list as string[]
  }

  objects(name: string): readonly JsonObject[] {
    const value = this.value(name) ?? []
    if (!Array.isArray(value) || !value.every(isJsonObject))
      throw this.bad(name, 'expected a list of hosts, outermost first')
    return value
  }

  number(name: string, usual: number): number {
    const value = this.value(name)
    if (value === undefined || value === '') return usual
    const number = Number(value)
    if (typeof value === 'boolean' || !Number.isFinite(number) || number < 0) throw this.bad(name, 'expected a number')
    return number
  }

  secret(name: string): Secret | undefined {
    const text = this.text(name)
    return text === undefined ? undefined : new Secret(text)
  }

  expand(path: string): string {
    return path.startsWith('~/') ? join(this.home, path.slice(2)) : path
  }

  async file(path: string): Promise<string> {
    const expanded = this.expand(path)
    return isAbsolute(expanded) ? expanded : this.place.blueprintFile(expanded)
  }

  bad(name: string, reason: string): Fault {
    return fault('ssh.bad_property', { details: { property: `${this.#prefix}${name}`, reason } })
  }
}
