// As whom one comes to Google Cloud: a service account's key, a person's refresh token, or the machine's own account.
import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { Secret } from '../../../kernel/secret.ts'
import { fault } from '../../../kernel/fault.ts'
import { wordsOf } from '../../../kernel/words.ts'
import { badProperty } from '../errors.ts'
import { Reader } from '../reader.ts'

export type Account =
  | {
      readonly kind: 'service_account'
      readonly email: string
      /** PEM. */
      readonly key: Secret
      readonly keyId: string | undefined
      readonly tokenUrl: string
      readonly projectId: string | undefined
    }
  | {
      readonly kind: 'user'
      readonly clientId: string
      readonly clientSecret: Secret
      readonly refreshToken: Secret
      readonly tokenUrl: string
      readonly projectId: string | undefined
    }
  /** Of the machine that this runs on; `host` answers for it. */
  | { readonly kind: 'metadata'; readonly host: string; readonly projectId: undefined }

export interface Surroundings {
  /** Default: of this process. */
  readonly environment?: NodeJS.ProcessEnv
  /** Where a relative path leads. Default: where this process stands. */
  blueprintFile?(path: string): Promise<string>
}

const usualTokenUrl = 'https://oauth2.googleapis.com/token'

/**
 * `auth`: what a key file holds, as a mapping, as text, below `value`, or the path of the file; `metadata` for the machine's own
 * account. Without it, what GOOGLE_APPLICATION_CREDENTIALS names, or else what gcloud has left, or else the machine's own.
 *
 * @throws Fault `gcp.bad_property`, `gcp.unreadable_file`
 */
export async function accountOf(auth: Json | undefined, around: Surroundings): Promise<Account> {
  const { environment = process.env, blueprintFile = async (file) => file } = around
  if (auth === undefined || auth === null || auth === '') return surroundingAccount(environment)
  if (auth === 'metadata') return machineAccount(environment)
  if (isJsonObject(auth)) {
    const { value } = auth
    // Plugin properties come wrapped.
    return value === undefined ? accountIn(auth, 'client_config.auth') : accountOf(value, around)
  }
  if (typeof auth !== 'string') throw badProperty('client_config.auth', 'expected a mapping or a text')
  if (auth.trimStart().startsWith('{')) return accountIn(parsed(auth, 'client_config.auth'), 'client_config.auth')
  return accountInFile(auth.startsWith('/') ? auth : await blueprintFile(auth))
}

async function surroundingAccount(environment: NodeJS.ProcessEnv): Promise<Account> {
  const named = environment['GOOGLE_APPLICATION_CREDENTIALS']
  if (named !== undefined && named !== '') return accountInFile(named)
  const folder = environment['CLOUDSDK_CONFIG'] ?? join(environment['HOME'] ?? homedir(), '.config', 'gcloud')
  const file = join(folder, 'application_default_credentials.json')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text === undefined ? machineAccount(environment) : accountIn(parsed(text, file), file)
}

function machineAccount(environment: NodeJS.ProcessEnv): Account {
  const host = environment['GCE_METADATA_HOST'] ?? 'metadata.google.internal'
  return { kind: 'metadata', host, projectId: undefined }
}

async function accountInFile(file: string): Promise<Account> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (thrown) {
    throw fault('gcp.unreadable_file', { details: { path: file, reason: wordsOf(thrown) }, cause: thrown })
  }
  return accountIn(parsed(text, file), file)
}

function parsed(text: string, where: string): JsonObject {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    // What the parser says would quote it.
    throw badProperty(where, 'it is no JSON')
  }
  if (!isJsonObject(value)) throw badProperty(where, 'expected a JSON object')
  return value
}

function accountIn(values: JsonObject, where: string): Account {
  const read = new Reader(values, where)
  const type = read.text('type') ?? 'service_account'
  const tokenUrl = urlIn(read, 'token_uri') ?? usualTokenUrl
  const projectId = read.text('project_id') ?? read.text('quota_project_id')
  const required = (name: string): string => read.required(name, (key) => read.text(key))
  switch (type) {
    case 'service_account': {
      const email = required('client_email')
      const key = new Secret(keyIn(read))
      return { kind: 'service_account', email, key, keyId: read.text('private_key_id'), tokenUrl, projectId }
    }
    case 'authorized_user':
      return {
        kind: 'user',
        clientId: required('client_id'),
        clientSecret: new Secret(required('client_secret')),
        refreshToken: new Secret(required('refresh_token')),
        tokenUrl,
        projectId,
      }
    default:
      throw read.bad('type', `expected service_account or authorized_user, not ${type}`)
  }
}

// In blueprints, and in the environment, line ends often come as two characters.
function keyIn(read: Reader): string {
  const key = read.required('private_key', (name) => read.text(name)).replaceAll('\\n', '\n')
  try {
    createPrivateKey(key)
  } catch {
    throw read.bad('private_key', 'it is no private key in PEM')
  }
  return key
}

export function urlIn(read: Reader, name: string): string | undefined {
  const text = read.text(name)
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw read.bad(name, 'expected an address with http or https')
  if (url.username !== '' || url.password !== '') throw read.bad(name, 'it must hold no user or password')
  return text.replace(/\/+$/, '')
}

export function secretsOf(account: Account): readonly string[] {
  switch (account.kind) {
    case 'service_account':
      return [account.key.reveal()]
    case 'user':
      return [account.clientSecret.reveal(), account.refreshToken.reveal()]
    case 'metadata':
      return []
  }
}
