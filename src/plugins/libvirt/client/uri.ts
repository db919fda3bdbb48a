// What a libvirt URI says: which hypervisor, over which way, with which settings.
import { fault, type Fault } from '../../../kernel/fault.ts'
import type { Secret } from '../../../kernel/secret.ts'
import type { TargetSettings } from '../../ssh/client/target.ts'

/** What the way to a hypervisor needs beside its URI; what is given here wins. */
export interface Access {
  /** For `+ssh`: keys, password, jumps, host keys. */
  readonly ssh?: Partial<TargetSettings>
  /** For `+tls`: contents or paths of PEM files. */
  readonly tls?: {
    readonly ca?: string
    readonly certificate?: string
    readonly key?: string | Secret
  }
}

const drivers = ['qemu', 'test', 'lxc', 'xen', 'ch', 'bhyve', 'vz', 'vbox'] as const
const ways = ['unix', 'tcp', 'tls', 'ssh'] as const
export type Way = (typeof ways)[number]

const parameterNames = [
  'socket',
  'name',
  'keyfile',
  'known_hosts',
  'known_hosts_verify',
  'no_verify',
  'pkipath',
  'proxy',
  'netcat',
  // These say how the C library goes about it; here they change nothing.
  'mode',
  'no_tty',
  'no_sanity',
] as const
type ParameterName = (typeof parameterNames)[number]

export interface LibvirtUri {
  /** As it was given, without a password; for people. */
  readonly shown: string
  readonly way: Way
  /** Absent for unix sockets of this machine. */
  readonly host?: string
  readonly port?: number
  readonly user?: string
  /** What the daemon is told to open: `qemu:///system`. */
  readonly name: string
  readonly isSession: boolean
  readonly parameters: Readonly<Partial<Record<ParameterName, string>>>
}

const expected =
  'write qemu:///system, qemu:///session, qemu+unix:///system?socket=PATH, qemu+ssh://user@host/system, ' +
  'qemu+tls://host/system, qemu+tcp://host/system or test:///default'

/** Asked for with every operation, and a process knows few. */
const parsed = new Map<string, LibvirtUri>()

/** @throws Fault `libvirt.bad_uri` */
export function parseUri(text: string): LibvirtUri {
  const known = parsed.get(text) ?? parse(text)
  parsed.set(text, known)
  return known
}

function parse(text: string): LibvirtUri {
  const shown = withoutPassword(text)
  const bad = (reason: string): Fault => fault('libvirt.bad_uri', { details: { uri: shown, reason, expected } })
  const url = URL.parse(text)
  const scheme = /^([a-z]+)(?:\+([a-z0-9]+))?:$/.exec(url?.protocol ?? '')
  if (!url || !scheme || !/^[^:]+:\/\//.test(text)) throw bad('it does not begin with a hypervisor such as qemu://')
  const [, driver = '', named] = scheme
  if (!(drivers as readonly string[]).includes(driver)) throw bad(`'${driver}' is not one of ${drivers.join(', ')}`)
  if (url.password !== '') throw bad('a password does not belong there')
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const way = named ?? (host === '' ? 'unix' : 'tls')
  if (!isWay(way)) throw bad(`'+${way}' is not one of ${ways.map((one) => `+${one}`).join(', ')}`)
  if (way === 'unix' && host !== '') throw bad('a unix socket is on this machine: no host can be named')
  if (way !== 'unix' && host === '') throw bad(`+${way} needs a host`)
  if (host.startsWith('-')) throw bad('the name of a host does not begin with a dash')
  if (driver === 'qemu' && url.pathname !== '/system' && url.pathname !== '/session')
    throw bad(`'${url.pathname}' is neither /system nor /session`)
  if (driver === 'test' && url.pathname.length < 2) throw bad('nothing is named after test://')
  const parameters = parametersOf(url.searchParams, bad)
  return {
    shown,
    way,
    ...(host === '' ? {} : { host }),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    ...(url.username === '' ? {} : { user: decodeURIComponent(url.username) }),
    name: parameters.name ?? `${driver}://${url.pathname}`,
    isSession: url.pathname === '/session',
    parameters,
  }
}

function parametersOf(given: URLSearchParams, bad: (reason: string) => Fault): LibvirtUri['parameters'] {
  const parameters: Partial<Record<ParameterName, string>> = {}
  for (const [name, value] of given) {
    if (!isParameter(name)) throw bad(`parameter '${name}' is not one of ${parameterNames.join(', ')}`)
    if (value.includes('\0')) throw bad(`parameter '${name}' cannot be a path`)
    parameters[name] = value
  }
  return parameters
}

/** Yes in the words of libvirt's own parser: any number but 0. */
export const isYes = (value: string | undefined): boolean => value !== undefined && value !== '' && value !== '0'

const isWay = (text: string): text is Way => (ways as readonly string[]).includes(text)
const isParameter = (text: string): text is ParameterName => (parameterNames as readonly string[]).includes(text)

function withoutPassword(text: string): string {
  return text.replace(/^([^/]*\/\/[^/@:]*):[^/@]*@/, '$1@')
}
