// How to reach a cloud and as whom: read out of `client_config`, whose keys are those of both generations of the original, of
// clouds.yaml, and of the OS_* variables.
import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import { Secret } from '../../../kernel/secret.ts'
import { readPem, type TlsSettings } from '../../http/tls.ts'
import { Reader } from '../reader.ts'
import { serviceNames, type ServiceName } from './cloud.ts'
import { cloudFromFiles } from './clouds-file.ts'
import { identityOf } from './credentials.ts'
import type { Credentials, Scope } from './identity.ts'
import { fromEnvironment } from './os-environment.ts'

export interface ConnectionSettings {
  /** Ends with `/v3`. */
  readonly authUrl: string
  readonly credentials: Credentials
  readonly scope: Scope
  readonly region: string | undefined
  readonly interface: 'public' | 'internal' | 'admin'
  readonly endpoints: Readonly<Partial<Record<ServiceName, string>>>
  readonly tls: TlsSettings
  /** Requests on their way at the same time. */
  readonly maxRequests: number
}

export interface Surroundings {
  /** Default: of this process. */
  readonly environment?: NodeJS.ProcessEnv
  /** Where a relative path leads. Default: where this process stands. */
  blueprintFile?(path: string): Promise<string>
}

const defaultMaxRequests = 16

/**
 * A `client_config` with an `auth_url` stands for itself. One that names a `cloud` fills up what clouds.yaml says of it; one
 * with neither fills up OS_CLOUD, or else the OS_* variables.
 *
 * @throws Fault `openstack.bad_property`, `openstack.no_cloud`, `openstack.unreadable_file`
 */
export async function connectionSettings(
  clientConfig: JsonObject,
  { environment = process.env, blueprintFile = async (file) => file }: Surroundings = {},
): Promise<ConnectionSettings> {
  const config = await wholeConfig(flattened(clientConfig), environment)
  const read = new Reader(config, 'client_config')
  const authUrl = authUrlOf(read)
  const { credentials, scope } = identityOf(read, authUrl.isVersioned)
  return {
    authUrl: authUrl.url,
    credentials,
    scope,
    region: read.text('region_name'),
    interface: interfaceOf(read),
    endpoints: endpointsOf(read),
    tls: await tlsOf(read, blueprintFile),
    maxRequests: read.integer('max_requests', 1, 1000) ?? defaultMaxRequests,
  }
}

async function wholeConfig(config: JsonObject, environment: NodeJS.ProcessEnv): Promise<JsonObject> {
  const { insecure: _default, ...rest } = config
  // Node types fill in false where nobody has said anything.
  const given = new Reader(config, 'client_config').boolean('insecure') === false ? rest : config
  const own = new Reader(given)
  const fromOutside = own.has('auth_url') && !own.has('cloud') ? {} : fromEnvironment(environment)
  const cloud = own.text('cloud') ?? (fromOutside['cloud'] as string | undefined)
  if (cloud === undefined) return layered([fromOutside, given])
  return layered([flattened(await cloudFromFiles(cloud, environment)), given])
}

// `auth` holds what tells who one is, `kwargs` what the original handed on unread: both as if they were not below anything.
function flattened(config: JsonObject): JsonObject {
  const { auth, kwargs, ...rest } = config
  const [own, above] = [auth, kwargs].map((part) => (part !== undefined && isJsonObject(part) ? part : {}))
  return layered([{ ...own, ...rest }, above ?? {}])
}

/** Several ways to say the same: who says it in one of them does not mean what was said below in another. */
const alternatives: readonly (readonly string[])[] = [
  ['project_id', 'project_name', 'tenant_id', 'tenant_name', 'trust_id'],
  ['project_domain_id', 'project_domain_name'],
  ['user_id', 'username'],
  ['user_domain_id', 'user_domain_name'],
  ['password', 'token', 'application_credential_id', 'application_credential_name', 'auth_type'],
  ['ca_cert', 'cacert'],
  ['insecure', 'verify'],
  ['interface', 'endpoint_type'],
]

/** Later ones win. */
function layered(layers: readonly JsonObject[]): JsonObject {
  return layers.reduce<JsonObject>((below, layer) => {
    const own = Object.fromEntries(Object.entries(layer).filter(([, value]) => value !== null && value !== ''))
    const hidden = alternatives.filter((names) => names.some((name) => name in own)).flat()
    return { ...Object.fromEntries(Object.entries(below).filter(([name]) => !hidden.includes(name))), ...own }
  }, {})
}

function authUrlOf(read: Reader): { readonly url: string; readonly isVersioned: boolean } {
  const given = read.text('auth_url')
  if (given === undefined) {
    throw read.bad('auth_url', 'it is missing, and neither clouds.yaml nor OS_AUTH_URL names one')
  }
  const text = given
    .trim()
    .replace(/\/+$/, '')
    .replace(/\/(auth\/)?tokens$/, '')
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw read.bad('auth_url', 'expected an address with http or https')
  if (url.username !== '' || url.password !== '') throw read.bad('auth_url', 'it must hold no user or password')
  if (/\/v2(\.0)?$/.test(url.pathname)) {
    throw read.bad('auth_url', 'clouds no longer have version 2 of Keystone; name the address of version 3')
  }
  const isVersioned = url.pathname.endsWith('/v3')
  return { url: isVersioned ? text : `${text}/v3`, isVersioned }
}

function interfaceOf(read: Reader): ConnectionSettings['interface'] {
  const text = read.text('interface') ?? read.text('endpoint_type') ?? 'public'
  const known = (['public', 'internal', 'admin'] as const).find((name) => name === text.replace(/URL$/, ''))
  if (known === undefined) throw read.bad('interface', 'expected public, internal or admin')
  return known
}

function endpointsOf(read: Reader): ConnectionSettings['endpoints'] {
  const names = (service: ServiceName): readonly string[] =>
    service === 'volume' ? ['volume', 'volumev3', 'block_storage'] : [service]
  return Object.fromEntries(
    serviceNames.flatMap((service) => {
      const key = names(service)
        .map((name) => `${name}_endpoint_override`)
        .find((name) => read.has(name))
      if (key === undefined) return []
      const url = read.text(key) ?? ''
      if (!/^https?:\/\//.test(url)) throw read.bad(key, 'expected an address with http or https')
      return [[service, url]]
    }),
  )
}

async function tlsOf(read: Reader, blueprintFile: (file: string) => Promise<string>): Promise<TlsSettings> {
  const pem = async (...names: readonly string[]): Promise<string | undefined> => {
    const text = names.map((name) => read.text(name)).find((value) => value !== undefined)
    return text === undefined || text.includes('-----BEGIN')
      ? text
      : readPem(text, { blueprintFile, unreadable: 'openstack.unreadable_file' })
  }
  const key = await pem('key')
  return {
    isInsecure: read.boolean('insecure') ?? read.boolean('verify') === false,
    ca: await pem('ca_cert', 'cacert'),
    certificate: await pem('cert'),
    key: key === undefined ? undefined : new Secret(key),
  }
}
