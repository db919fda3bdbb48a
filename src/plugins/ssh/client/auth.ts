// How we log in: the ways a target gives, one after the other, and which of them the host takes.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { AnyAuthMethod, AuthenticationType, ParsedKey } from 'ssh2'
import { fault } from '../../../kernel/fault.ts'
import type { KeySource, Target } from './connection.ts'
import { nameOf } from './errors.ts'
import { ReadFiles } from './file-states.ts'
import { readyToSign, ssh2 } from './ssh2.ts'

interface Way {
  /** For messages. */
  readonly name: string
  /** As the host calls it. */
  readonly wireName: AuthenticationType
  readonly attempt: AnyAuthMethod
}

interface ReadKey {
  readonly name: string
  readonly parsed: ParsedKey
}

export interface Login {
  readonly handler: (
    allowed: readonly AuthenticationType[] | null,
    partial: boolean,
    next: (attempt: AnyAuthMethod | false) => void,
  ) => void
  /** Why we were not let in, for people. */
  refusal(): string
}

/** @throws Fault `ssh.unreadable_file`, `ssh.bad_key` */
export async function loginTo(target: Target): Promise<Login> {
  const leftOut: string[] = []
  const keys: ReadKey[] = []
  for (const source of target.auth.keys) {
    try {
      keys.push(await readKey(source))
    } catch (thrown) {
      if (!source.isOptional) throw thrown
      leftOut.push((thrown as Error).message)
    }
  }
  const ways = waysOf(target, keys)
  const tried: string[] = []
  let taken: readonly string[] | null = null
  return {
    handler(allowed, _partial, next) {
      taken = allowed ?? taken
      let way = ways.shift()
      // What the host does not take is not sent: it would only see a password that is none of its business.
      while (way && allowed && !allowed.includes(way.wireName)) way = ways.shift()
      if (way) tried.push(way.name)
      next(way?.attempt ?? false)
    },
    refusal() {
      const words = [
        tried.length === 0 ? 'we have nothing to log in with' : `tried ${tried.join(', ')}`,
        ...(taken === null ? [] : [`it takes ${taken.join(', ')}`]),
        ...leftOut,
      ]
      return words.join('; ')
    },
  }
}

async function readKey({ key, passphrase }: KeySource): Promise<ReadKey> {
  const name = typeof key === 'string' ? key : 'given as a secret'
  const content = typeof key === 'string' ? await readKeyFile(key) : key.reveal()
  const parsed = parse(content, passphrase?.reveal())
  const reason = parsed instanceof Error ? parsed.message : parsed.isPrivateKey() ? undefined : 'it is a public key'
  if (reason !== undefined) throw fault('ssh.bad_key', { details: { key: name, reason: reason.replace(/\s+/g, ' ') } })
  return { name, parsed: parsed as ParsedKey }
}

/** Keys that were read: to unlock one takes a tenth of a second each time, which is much for a fleet. */
const parsedKeys = new Map<string, ParsedKey>()
const mostParsed = 50

function parse(content: Buffer | string, passphrase: string | undefined): ParsedKey | Error {
  const id = createHash('sha256')
    .update(content)
    .update(passphrase === undefined ? '' : `\0${passphrase}`)
    .digest('hex')
  const known = parsedKeys.get(id)
  if (known) return known
  const parsed = parseOnce(content, passphrase)
  if (parsed instanceof Error) return parsed
  const problem = readyToSign(parsed)
  if (problem) return problem
  if (parsedKeys.size >= mostParsed) parsedKeys.clear()
  parsedKeys.set(id, parsed)
  return parsed
}

function parseOnce(content: Buffer | string, passphrase?: string): ParsedKey | Error {
  const read: unknown = ssh2().parseKey(content, passphrase)
  return (Array.isArray(read) ? read[0] : read) as ParsedKey | Error
}

const keyFiles = new ReadFiles<Buffer>()

function readKeyFile(path: string): Promise<Buffer> {
  const read = keyFiles.of(path, (see) => {
    see(path)
    return readFile(path)
  })
  return read.catch((cause: unknown) => {
    throw fault('ssh.unreadable_file', { details: { path, reason: (cause as Error).message }, cause })
  })
}

// In the order of ssh: keys, the agent, the password.
function waysOf({ auth, user: username }: Target, keys: readonly ReadKey[]): Way[] {
  const { agent, password } = auth
  const ways: Way[] = keys.map(({ name, parsed }) => ({
    name: `key ${name}`,
    wireName: 'publickey',
    attempt: { type: 'publickey', username, key: parsed },
  }))
  if (agent !== undefined)
    ways.push({ name: `agent ${agent}`, wireName: 'publickey', attempt: { type: 'agent', username, agent } })
  if (password === undefined) return ways
  ways.push(
    {
      name: 'password',
      wireName: 'password',
      attempt: { type: 'password', username, password: password.reveal() },
    },
    {
      name: 'password at a prompt',
      wireName: 'keyboard-interactive',
      attempt: {
        type: 'keyboard-interactive',
        username,
        // A question whose answer may be seen is not the one for the password.
        prompt: (_name, _text, _language, prompts, finish) =>
          finish(prompts.map(({ echo }) => (echo ? '' : password.reveal()))),
      },
    },
  )
  return ways
}

/** What `ssh.refused` says of a target. */
export function refusedFault(target: Target, reason: string, cause?: unknown): Error {
  return fault('ssh.refused', { details: { host: nameOf(target), reason }, cause, effect: 'none' })
}
