// Makes a target out of what a blueprint, an inventory or a command line says of a host; ssh_config fills the rest.
import { access } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Duration } from '../../../kernel/duration.ts'
import { fault } from '../../../kernel/fault.ts'
import { Secret } from '../../../kernel/secret.ts'
import type { HostKeyPolicy, KeySource, Target } from './connection.ts'
import { parseAddress, type Address } from './address.ts'
import { readSshConfig, type HostConfig, type LocalAccount, type SshConfig } from './ssh-config.ts'

/** What is not said is taken from ssh_config, then from what ssh itself would do. */
export interface TargetSettings extends Address {
  readonly keys?: readonly KeySource[]
  readonly password?: Secret
  /** Path of the agent's socket; false: no agent. */
  readonly agent?: string | false
  /** Outermost first; a text is `user@host:port`. An empty list: no jump, whatever ssh_config says. */
  readonly jumps?: readonly (TargetSettings | string)[]
  readonly knownHosts?: readonly string[]
  /** Keys the host may show: `ssh-ed25519 AAAA…` or `SHA256:…`. */
  readonly hostKeys?: readonly string[]
  readonly trustOnFirstUse?: boolean
  readonly connectTimeout?: Duration
  readonly keepalive?: Duration
}

const usual = { port: 22, connectTimeout: 20_000, keepalive: 15_000 } as const
const mostJumps = 8

/** Asked of the machine once: it is read from files, which a fleet would have read for each host. */
let username: string | undefined

/** Whoever runs this process. */
export function thisAccount(environment: NodeJS.ProcessEnv = process.env): LocalAccount {
  const home = environment.HOME ?? homedir()
  username ??= userInfo().username
  return {
    home,
    user: username,
    agent: environment.SSH_AUTH_SOCK || undefined,
    configs: [join(home, '.ssh/config'), '/etc/ssh/ssh_config'],
  }
}

/** A key as it is given: its content, or the path of its file. */
export function keySource(key: string | Secret, passphrase?: Secret): KeySource {
  const text = typeof key === 'string' ? key : key.reveal()
  const isContent = text.includes('PRIVATE KEY-----') || text.startsWith('PuTTY-User-Key-File')
  return { key: isContent ? new Secret(text) : text, ...(passphrase === undefined ? {} : { passphrase }) }
}

/** @throws Fault `ssh.bad_address`, `ssh.bad_config`, `ssh.unreadable_file` */
export async function targetOf(settings: TargetSettings, account: LocalAccount = thisAccount()): Promise<Target> {
  return resolve(settings, { account, config: await readSshConfig(account) }, 0)
}

interface Place {
  readonly account: LocalAccount
  readonly config: SshConfig
}

async function resolve(settings: TargetSettings, place: Place, depth: number): Promise<Target> {
  const { account } = place
  const config = place.config.of(settings.host, settings.user)
  const user = settings.user ?? first(config, 'user') ?? account.user
  const port = settings.port ?? (Number(first(config, 'port') ?? 0) || usual.port)
  const host = (first(config, 'hostname') ?? '%h').replaceAll('%h', settings.host).replaceAll('%%', '%')
  const tokens = { h: host, n: settings.host, p: String(port), r: user, u: account.user, d: account.home, '%': '%' }
  const spell = (text: string): string => expand(text, tokens, account)
  return {
    host,
    port,
    user,
    auth: await authOf(settings, config, account, spell),
    jumps: await jumpsOf(settings, config, place, depth),
    hostKeys: hostKeysOf(settings, config, spell),
    connectTimeout: settings.connectTimeout ?? (Number(first(config, 'connecttimeout')) * 1000 || usual.connectTimeout),
    keepalive: settings.keepalive ?? (Number(first(config, 'serveraliveinterval')) * 1000 || usual.keepalive),
  }
}

async function authOf(
  settings: TargetSettings,
  config: HostConfig,
  account: LocalAccount,
  spell: (text: string) => string,
): Promise<Target['auth']> {
  const { keys, password } = settings
  const isGiven = keys !== undefined || password !== undefined
  const agent = settings.agent === undefined && !isGiven ? agentOf(config, account, spell) : settings.agent || undefined
  return {
    keys: keys ?? (isGiven ? [] : await keysOf(config, account, spell)),
    ...(password === undefined ? {} : { password }),
    ...(agent === undefined ? {} : { agent }),
  }
}

function agentOf(config: HostConfig, account: LocalAccount, spell: (text: string) => string): string | undefined {
  const named = first(config, 'identityagent')
  if (named === 'none') return undefined
  if (named !== undefined && named !== 'SSH_AUTH_SOCK') return spell(named)
  // The agent would offer all of its keys.
  return isYes(first(config, 'identitiesonly')) ? undefined : account.agent
}

// Those that are there, as ssh does; one of them that cannot be read without its passphrase stands in nobody's way.
async function keysOf(
  config: HostConfig,
  account: LocalAccount,
  spell: (text: string) => string,
): Promise<readonly KeySource[]> {
  const named = config.get('identityfile')?.filter((path) => path !== 'none')
  const usualNames = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(account.home, '.ssh', name))
  const paths = (named ?? usualNames).map(spell)
  const isThere = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  )
  return paths.filter((_, index) => isThere[index]).map((key) => ({ key, isOptional: true }))
}

async function jumpsOf(
  settings: TargetSettings,
  config: HostConfig,
  place: Place,
  depth: number,
): Promise<readonly Target[]> {
  const named = settings.jumps ?? configuredJumps(settings, config)
  if (named.length === 0) return []
  const tooMany = (): Error =>
    fault('ssh.bad_config', {
      details: { path: 'ProxyJump', reason: `${settings.host} is behind more than ${mostJumps} jumps` },
    })
  if (depth >= mostJumps) throw tooMany()
  const jumps: Target[] = []
  for (const [index, one] of named.entries()) {
    const jump = typeof one === 'string' ? parseAddress(one) : one
    // The way to the first is its own; the others are reached through the one before.
    const target = await resolve(index === 0 ? jump : { ...jump, jumps: [] }, place, depth + 1)
    jumps.push(...target.jumps, { ...target, jumps: [] })
  }
  if (jumps.length > mostJumps) throw tooMany()
  return jumps
}

function configuredJumps({ host }: TargetSettings, config: HostConfig): readonly string[] {
  const jump = first(config, 'proxyjump')
  const command = config.get('proxycommand')?.join(' ')
  if (jump === undefined && command !== undefined && command !== 'none') {
    const reason = `it wants the command '${command}' for ${host}, and commands of ssh_config are not run; name its jumps`
    throw fault('ssh.bad_config', { details: { path: 'ProxyCommand', reason } })
  }
  return jump === undefined || jump === 'none' ? [] : jump.split(',')
}

function hostKeysOf(settings: TargetSettings, config: HostConfig, spell: (text: string) => string): HostKeyPolicy {
  const own = config.get('userknownhostsfile') ?? ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']
  const everyone = config.get('globalknownhostsfile') ?? ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']
  const isTrusting = settings.trustOnFirstUse ?? first(config, 'stricthostkeychecking') === 'accept-new'
  return {
    knownHosts: settings.knownHosts ?? [...own, ...everyone].filter((path) => path !== 'none').map(spell),
    pinned: settings.hostKeys ?? [],
    trust: isTrusting ? 'first-use' : 'known',
  }
}

const first = (config: HostConfig, name: string): string | undefined => config.get(name)?.[0]
const isYes = (text: string | undefined): boolean => text?.toLowerCase() === 'yes'

function expand(text: string, tokens: Readonly<Record<string, string>>, { home }: LocalAccount): string {
  return text.replace(/^~(?=\/|$)/, home).replace(/%([a-zA-Z%])/g, (whole, token: string) => tokens[token] ?? whole)
}
