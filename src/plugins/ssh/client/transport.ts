// One SSH connection as ssh2 makes it: over a socket or through a channel of the connection to the gateway.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Duplex } from 'node:stream'
import type { Client, ConnectConfig, ServerHostKeyAlgorithm } from 'ssh2'
import { asFault, fault } from '../../../kernel/fault.ts'
import type { ConnectOptions, KeySource, Target } from './connection.ts'
import { connectFault, nameOf } from './errors.ts'
import { hostKeyCheck } from './host-key.ts'

/** Takes half as long to load as everything else here together, so it is loaded by the first who connects. */
function ssh2(): typeof import('ssh2') {
  return createRequire(import.meta.url)('ssh2') as typeof import('ssh2')
}

/** Resolves with a client that is logged in. @throws Fault `ssh.*`, effect none */
export async function openClient(target: Target, over: Duplex | undefined, options: ConnectOptions): Promise<Client> {
  const check = await hostKeyCheck(target)
  const keys = await Promise.all(target.auth.keys.map((source) => readKey(source)))
  const client = new (ssh2().Client)()
  let refused: unknown
  const config: ConnectConfig = {
    host: target.host,
    port: target.port,
    username: target.user,
    readyTimeout: 0,
    keepaliveInterval: target.keepalive,
    keepaliveCountMax: 3,
    hostVerifier: (key: Buffer, verify: (isGood: boolean) => void) => {
      check.accept(key).then(
        () => verify(true),
        (problem: unknown) => {
          refused = problem
          verify(false)
        },
      )
    },
    authHandler: authMethods(target, keys) as never,
    ...(over === undefined ? {} : { sock: over }),
    ...(check.preferredTypes.length === 0
      ? {}
      : { algorithms: { serverHostKey: { prepend: [...check.preferredTypes] as ServerHostKeyAlgorithm[] } as never } }),
  }
  try {
    await ready(client, config, target, options)
  } catch (thrown) {
    client.destroy()
    // Whoever ends it while it is being made must not bring the process down with a late error.
    client.on('error', () => {})
    if (refused !== undefined) throw asFault(refused)
    throw thrown
  }
  client.setNoDelay(true)
  return client
}

async function ready(client: Client, config: ConnectConfig, target: Target, options: ConnectOptions): Promise<void> {
  const { signal, world } = options
  const over = new AbortController()
  const late = world.clock.sleep(target.connectTimeout, AbortSignal.any([signal, over.signal])).then(() => {
    throw fault('ssh.unreachable', {
      details: { host: nameOf(target), reason: `no answer within ${target.connectTimeout / 1000} s` },
      effect: 'none',
    })
  })
  const done = new Promise<void>((resolve, reject) => {
    client.once('ready', resolve)
    client.once('error', (problem) => reject(connectFault(target, problem)))
    client.once('close', () => reject(connectFault(target, new Error('the host closed the connection'))))
    client.connect(config)
  })
  try {
    await Promise.race([done, late])
  } finally {
    over.abort()
    late.catch(() => {})
    done.catch(() => {})
  }
}

interface LoadedKey {
  readonly content: Buffer | string
  readonly passphrase: string | undefined
  readonly name: string
}

/** @throws Fault `ssh.unreadable_file` */
async function readKey({ key, passphrase }: KeySource): Promise<LoadedKey> {
  if (typeof key !== 'string')
    return { content: key.reveal(), passphrase: passphrase?.reveal(), name: 'the key given as a secret' }
  const content = await readFile(key).catch((cause: unknown) => {
    throw fault('ssh.unreadable_file', { details: { path: key, reason: (cause as Error).message }, cause })
  })
  return { content, passphrase: passphrase?.reveal(), name: key }
}

// One method after the other, as ssh does: keys in their order, the agent, the password.
function authMethods(target: Target, keys: readonly LoadedKey[]): readonly object[] {
  const { agent, password } = target.auth
  const username = target.user
  return [
    ...keys.map(({ content, passphrase, name }) => {
      const parsed = ssh2().utils.parseKey(content, passphrase)
      if (parsed instanceof Error)
        throw fault('ssh.bad_key', { details: { key: name, reason: parsed.message.replace(/\s+/g, ' ') } })
      return { type: 'publickey', username, key: content, ...(passphrase === undefined ? {} : { passphrase }) }
    }),
    ...(agent === undefined ? [] : [{ type: 'agent', username, agent }]),
    ...(password === undefined
      ? []
      : [
          { type: 'password', username, password: password.reveal() },
          {
            type: 'keyboard-interactive',
            username,
            prompt: (
              _name: string,
              _text: string,
              _lang: string,
              prompts: readonly unknown[],
              finish: (answers: string[]) => void,
            ) => finish(prompts.map(() => password.reveal())),
          },
        ]),
  ]
}
