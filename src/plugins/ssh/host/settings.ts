// Reads how a host is reached from the properties of its node: address, credentials, ways, host keys, sudo.
import { isAbsolute, join } from 'node:path'
import { seconds, type Duration } from '../../../kernel/duration.ts'
import { fault, type Fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { Secret } from '../../../kernel/secret.ts'
import type { ExecOptions, KeySource, Target } from '../client/connection.ts'
import { keySource, targetOf, thisAccount, type TargetSettings } from '../client/target.ts'

export interface HostSettings {
  readonly target: Target
  /** How commands become root's; absent: they run as the user who logs in. */
  readonly sudo?: NonNullable<ExecOptions['sudo']>
}

export interface SettingsPlace {
  /** Absolute path of a file that the blueprint brings. */
  blueprintFile(path: string): Promise<string>
}

/** @throws Fault `ssh.bad_property`, and what `targetOf` throws. */
export async function readHostSettings(properties: JsonObject, place: SettingsPlace): Promise<HostSettings> {
  const reader = new Reader(properties, place)
  const target = await targetOf(await targetSettings(reader))
  const sudo = reader.value('sudo') ?? false
  if (sudo === false || sudo === '') return { target }
  if (sudo !== true && typeof sudo !== 'string') throw reader.bad('sudo', 'expected true, false, or the name of a user')
  const password = reader.secret('sudo_password')
  return { target, sudo: { ...(sudo === true ? {} : { user: sudo }), ...(password ? { password } : {}) } }
}

/** Of a host whose address the caller knows; as properties of a host over SSH say it. @throws Fault `ssh.bad_property` */
export function readTargetSettings(properties: JsonObject, place: SettingsPlace): Promise<TargetSettings> {
  return targetSettings(new Reader(properties, place))
}

async function targetSettings(reader: Reader): Promise<TargetSettings> {
  const host = reader.text('ip')
  if (host === undefined) throw reader.bad('ip', 'it is missing: the address of the host is not known')
  const keys = await keysFrom(reader)
  const knownHosts = reader.texts('known_hosts').map((path) => reader.expand(path))
  const hostKeys = reader.texts('host_key')
  const agent = reader.value('use_agent')
  return {
    host,
    ...defined({
      port: reader.number('port'),
      user: reader.text('user'),
      password: reader.secret('password'),
      jumps: await jumpsFrom(reader),
      keys: keys.length > 0 ? keys : undefined,
      knownHosts: knownHosts.length > 0 ? knownHosts : undefined,
      hostKeys: hostKeys.length > 0 ? hostKeys : undefined,
      trustOnFirstUse: reader.value('trust_on_first_use') === true ? true : undefined,
      agent: agent === false ? (false as const) : agent === true ? process.env['SSH_AUTH_SOCK'] : undefined,
      connectTimeout: inSeconds(reader.number('connect_timeout')),
      keepalive: inSeconds(reader.number('keepalive')),
    }),
  }
}

/** Undefined: as ssh_config says. An empty list: straight there. */
async function jumpsFrom(reader: Reader): Promise<TargetSettings['jumps']> {
  const given = reader.value('jumps')
  if (given === undefined || given === '') return undefined
  const wrong = 'expected a list of user@host:port, or of mappings with ip, user, key and so on, outermost first'
  if (!Array.isArray(given)) throw reader.bad('jumps', wrong)
  const jumps: (TargetSettings | string)[] = []
  for (const [index, one] of given.entries()) {
    if (typeof one === 'string') jumps.push(one)
    else if (isJsonObject(one)) jumps.push(await targetSettings(reader.below(one, `jumps.${index}.`)))
    else throw reader.bad('jumps', wrong)
  }
  return jumps
}

async function keysFrom(reader: Reader): Promise<readonly KeySource[]> {
  const passphrase = reader.secret('passphrase')
  const sources = reader.texts('key').map(async (text) => {
    const source = keySource(text, passphrase)
    return typeof source.key === 'string' ? { ...source, key: await reader.file(text) } : source
  })
  return Promise.all(sources)
}

type Defined<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> }

function defined<Values extends object>(values: Values): Defined<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<Values>
}

const inSeconds = (count: number | undefined): Duration | undefined =>
  count === undefined ? undefined : seconds(count)

class Reader {
  readonly #place: SettingsPlace
  readonly #values: JsonObject
  readonly #prefix: string

  constructor(values: JsonObject, place: SettingsPlace, prefix = '') {
    this.#values = values
    this.#place = place
    this.#prefix = prefix
  }

  below(values: JsonObject, prefix: string): Reader {
    return new Reader(values, this.#place, prefix)
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

  number(name: string): number | undefined {
    const value = this.value(name)
    if (value === undefined || value === '') return undefined
    const number = Number(value)
    if (typeof value === 'boolean' || !Number.isFinite(number) || number < 0) throw this.bad(name, 'expected a number')
    return number
  }

  secret(name: string): Secret | undefined {
    const text = this.text(name)
    return text === undefined ? undefined : new Secret(text)
  }

  expand(path: string): string {
    return path.startsWith('~/') ? join(thisAccount().home, path.slice(2)) : path
  }

  async file(path: string): Promise<string> {
    const expanded = this.expand(path)
    return isAbsolute(expanded) ? expanded : this.#place.blueprintFile(expanded)
  }

  bad(name: string, reason: string): Fault {
    return fault('ssh.bad_property', { details: { property: `${this.#prefix}${name}`, reason } })
  }
}
