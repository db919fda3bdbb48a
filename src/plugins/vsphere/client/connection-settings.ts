// How to reach a vCenter and as whom: read out of `connection_config`, whose keys are those of the original, and out of the
// file that the original took its defaults from.
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { load } from 'js-yaml'
import { fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { Secret } from '../../../kernel/secret.ts'
import { wordsOf } from '../../../kernel/words.ts'
import { readPem, type TlsSettings } from '../../http/tls.ts'
import { Reader } from '../reader.ts'

export interface ConnectionSettings {
  /** `https://vcenter.example.com:443` */
  readonly origin: string
  readonly username: string
  readonly password: Secret
  readonly tls: VCenterTls
  /** Requests on their way at the same time. */
  readonly maxRequests: number
}

export interface VCenterTls extends TlsSettings {
  /** SHA-1 or SHA-256, as vSphere shows it: `AB:CD:...`. */
  readonly thumbprint: string | undefined
}

export interface Surroundings {
  /** Default: of this process. */
  readonly environment?: NodeJS.ProcessEnv
  /** Where a relative path leads. Default: where this process stands. */
  blueprintFile?(path: string): Promise<string>
}

const defaultMaxRequests = 16

/** @throws Fault `vsphere.bad_property`, `vsphere.unreadable_file` */
export async function connectionSettings(
  connectionConfig: JsonObject,
  { environment = process.env, blueprintFile = async (file) => file }: Surroundings = {},
): Promise<ConnectionSettings> {
  const read = new Reader({ ...(await fromFile(environment)), ...filled(connectionConfig) }, 'connection_config')
  const host = read.required('host', read.text)
  const port = read.integer('port', 1, 65_535) ?? 443
  const address = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  if (!/^(\[[0-9a-f:.]+\]|[\w.-]+)$/i.test(address))
    throw read.bad('host', 'expected a name or an address, nothing else')
  return {
    origin: `https://${address}:${port}`,
    username: read.required('username', read.text),
    password: new Secret(read.required('password', read.text)),
    tls: await tlsOf(read, blueprintFile),
    maxRequests: read.integer('max_requests', 1, 1000) ?? defaultMaxRequests,
  }
}

async function fromFile(environment: NodeJS.ProcessEnv): Promise<JsonObject> {
  const path = environment['CFY_VSPHERE_CONFIG_PATH'] ?? environment['CONNECTION_CONFIG_PATH']
  if (path === undefined || path === '') return {}
  try {
    const values = load(await readFile(path, 'utf8')) as Json
    if (!isJsonObject(values)) throw new Error('expected a mapping')
    return filled(values)
  } catch (thrown) {
    throw unreadable(path, thrown)
  }
}

async function tlsOf(read: Reader, blueprintFile: (file: string) => Promise<string>): Promise<VCenterTls> {
  const path = read.text('certificate_path')
  const ca =
    read.text('certificate_data') ??
    (path === undefined ? undefined : await readPem(path, { blueprintFile, unreadable: 'vsphere.unreadable_file' }))
  const isInsecure = read.boolean('allow_insecure') ?? false
  const thumbprint = thumbprintOf(read)
  if (ca !== undefined) assertPem(read, ca)
  if (isInsecure && (ca !== undefined || thumbprint !== undefined)) {
    throw read.bad('allow_insecure', 'a certificate is named as well; leave out one of the two')
  }
  return { isInsecure, ca, thumbprint }
}

function assertPem(read: Reader, text: string): void {
  try {
    void new X509Certificate(text)
  } catch {
    throw read.bad('certificate_data', 'it holds no certificate in PEM form')
  }
}

function thumbprintOf(read: Reader): string | undefined {
  const digits = read.text('thumbprint')?.replace(/[:\s]/g, '').toUpperCase()
  if (digits === undefined) return undefined
  if (!/^([0-9A-F]{40}|[0-9A-F]{64})$/.test(digits)) {
    throw read.bad('thumbprint', 'expected the 20 bytes of SHA-1 or the 32 of SHA-256, as AB:CD:...')
  }
  return digits.match(/../g)?.join(':')
}

function unreadable(path: string, thrown: unknown) {
  return fault('vsphere.unreadable_file', { details: { path, reason: wordsOf(thrown) }, cause: thrown })
}

function filled(values: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== ''))
}
