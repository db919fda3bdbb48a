// The options of `fleet run`: which hosts, how they are reached, what they run, and how many may fail.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { FleetHosts, FleetLogin } from '../engine/fleet-api.ts'
import { parseDuration } from '../kernel/duration.ts'
import { fault } from '../kernel/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { Call } from './call.ts'
import type { OptionDefinition } from './definition.ts'
import { readHost, readHosts } from './fleet-hosts.ts'

export const hostOptions: readonly OptionDefinition[] = [
  { flags: '--hosts <hosts>', description: 'a file with one host on each line, or a,b,user@c:2222' },
  { flags: '--group <group>', description: 'with -d: only members of this group of the blueprint', isRepeatable: true },
  { flags: '--from <plugin:query>', description: 'ask a plugin for the hosts, in its own words' },
]

export const loginOptions: readonly OptionDefinition[] = [
  { flags: '--user <name>', description: 'who logs in (default: root)' },
  { flags: '--key <file>', description: 'private key', isRepeatable: true },
  { flags: '--key-secret <name>', description: 'private key out of a secret of fermata' },
  { flags: '--password-secret <name>', description: 'password out of a secret of fermata' },
  { flags: '--agent', description: 'ask the agent behind SSH_AUTH_SOCK, too' },
  { flags: '--jump <host>', description: 'a host on the way, outermost first', isRepeatable: true },
  { flags: '--jump-key <file>', description: 'private key for the hosts on the way (default: as --key)' },
  { flags: '--known-hosts <file>', description: 'keys that hosts are known by', isRepeatable: true },
  { flags: '--trust-on-first-use', description: 'take the key of a host that nobody knows yet, and record it' },
]

export const runningOptions: readonly OptionDefinition[] = [
  { flags: '--script <file>', description: 'run this instead of a command; the words behind -- are its arguments' },
  { flags: '--env <name=value>', description: 'environment of the command', isRepeatable: true },
  { flags: '--sudo [user]', description: 'as root, or as that user' },
  { flags: '--sudo-password-secret <name>', description: 'what sudo asks for, out of a secret of fermata' },
  { flags: '--timeout <time>', description: 'how long the command may take on one host; then it is ended there' },
  { flags: '--reboot', description: 'boot each host anew afterwards, and wait for it' },
  { flags: '--reboot-command <command>', description: 'what boots it' },
  { flags: '--reboot-timeout <time>', description: 'how long a host may take to come back (default: 10m)' },
  { flags: '--check <command>', description: 'a command that must succeed at the very end' },
  { flags: '--concurrency <count>', description: 'hosts at once (default: 50)' },
  { flags: '--canary <count>', description: 'so many hosts come first and alone; one failure stops' },
  { flags: '--batch <amount>', description: 'hosts in a batch: a number, or a share such as 25%' },
  { flags: '--budget <amount>', description: 'failures that are tolerated in all (default: any)' },
  { flags: '--batch-budget <amount>', description: 'failures that are tolerated in one batch' },
]

const usualConcurrency = 50

/** @throws Fault `usage.bad_argument`, `fleet.bad_inventory` */
export async function readTarget(call: Call): Promise<FleetHosts> {
  const [hosts, deploymentId, from] = [call.text('hosts'), call.text('deploymentId'), call.text('from')]
  if ([hosts, deploymentId, from].filter((given) => given !== undefined).length !== 1)
    throw wrong('say which hosts: exactly one of --hosts, -d and --from')
  if (deploymentId !== undefined) return { deploymentId }
  const login = await readLogin(call)
  if (hosts !== undefined) return { hosts: await readHosts(hosts), login }
  const [plugin = '', ...query] = (from ?? '').split(':')
  return { plugin, query: query.join(':'), login }
}

async function readLogin(call: Call): Promise<FleetLogin> {
  const jumpKey = call.text('jumpKey')
  const jumps = call
    .list('jump')
    .flatMap((text) => text.split(','))
    .map((text) => ({ ...readHost(text, '--jump'), ...(jumpKey === undefined ? {} : { key: placed(jumpKey) }) }))
  return {
    keys: call.list('key').map(placed),
    knownHosts: call.list('knownHosts').map(placed),
    ...(jumps.length > 0 ? { jumps } : {}),
    ...(call.flag('agent') ? { useAgent: true } : {}),
    ...(call.flag('trustOnFirstUse') ? { trustOnFirstUse: true } : {}),
    ...texts(call, {
      user: 'user',
      keySecret: 'keySecret',
      passwordSecret: 'passwordSecret',
      sudoPasswordSecret: 'sudoPasswordSecret',
    }),
  }
}

export interface Running {
  readonly parameters: JsonObject
  readonly taskThreadPoolSize: number
}

/** @throws Fault `usage.bad_argument`, `usage.unreadable_file` */
export async function readRunning(call: Call): Promise<Running> {
  const concurrency = call.wholeNumber('concurrency', '--concurrency', 1) ?? usualConcurrency
  const canary = call.wholeNumber('canary', '--canary', 0) ?? 0
  for (const name of ['timeout', 'rebootTimeout']) {
    const length = call.text(name)
    if (length !== undefined) parseDuration(length)
  }
  const user = call.text('sudo')
  const parameters = {
    ...(await readCommand(call)),
    env: environment(call.list('env')),
    concurrency,
    canary,
    reboot: call.flag('reboot'),
    groups: call.list('group') as Json,
    ...(user !== undefined ? { sudo: user } : call.flag('sudo') ? { sudo: true } : {}),
    ...texts(call, {
      timeout: 'timeout',
      batch: 'batch',
      budget: 'budget',
      batch_budget: 'batchBudget',
      reboot_command: 'rebootCommand',
      reboot_timeout: 'rebootTimeout',
      check: 'check',
    }),
  }
  return { parameters, taskThreadPoolSize: concurrency }
}

/** One word is for the host's shell to read; several are a command with its arguments, and no shell reads them. */
async function readCommand(call: Call): Promise<JsonObject> {
  const { words } = call
  const script = call.text('script')
  if (script === undefined) {
    const [only] = words
    if (only === undefined && (call.flag('reboot') || call.text('check') !== undefined)) return {}
    if (only === undefined) throw wrong('say what to run: -- COMMAND, or --script FILE')
    return { commands: [words.length === 1 ? only : [...words]] }
  }
  const text = await readFile(script, 'utf8').catch((cause: unknown) => {
    throw fault('usage.unreadable_file', { details: { path: script, reason: (cause as Error).message }, cause })
  })
  return { commands: [text], args: [...words] }
}

function environment(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw wrong(`--env wants NAME=VALUE, not '${pair}'`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

function texts(call: Call, names: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([key, option]) => {
      const value = call.text(option)
      return value === undefined ? [] : [[key, value]]
    }),
  )
}

const placed = (path: string): string => (path.startsWith('~/') ? path : resolve(path))

const wrong = (message: string): Error => fault('usage.bad_argument', { details: { message } })
