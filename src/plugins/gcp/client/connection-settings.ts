// How to reach a project and as whom: read out of `client_config`, or `gcp_config` as older blueprints call it.
import type { JsonObject } from '../../../kernel/json.ts'
import { readPem, type TlsSettings } from '../../http/tls.ts'
import { Reader } from '../reader.ts'
import { accountOf, urlIn, type Account, type Surroundings } from './account.ts'

export interface ConnectionSettings {
  readonly account: Account
  /** undefined: the machine's own, which only the machine knows. */
  readonly projectId: string | undefined
  /** Where things are made whose nodes name no other zone. */
  readonly zone: string | undefined
  readonly region: string | undefined
  /** Its name or address. */
  readonly network: string
  /** Without a path: Compute Engine, Cloud Monitoring. */
  readonly endpoint: string
  readonly monitoringEndpoint: string
  readonly tls: TlsSettings
  /** Requests on their way at the same time. */
  readonly maxRequests: number
}

/** Compute Engine takes more; it is one project's quota for all that work in it. */
const defaultMaxRequests = 16

/** @throws Fault `gcp.bad_property`, `gcp.unreadable_file` */
export async function connectionSettings(config: JsonObject, around: Surroundings = {}): Promise<ConnectionSettings> {
  const read = new Reader(config, 'client_config')
  const { environment = process.env } = around
  const account = await accountOf(config['auth'], around)
  const zone = read.text('zone')
  const own = urlIn(read, 'endpoint')
  return {
    account,
    projectId: read.text('project') ?? account.projectId ?? (environment['GOOGLE_CLOUD_PROJECT'] || undefined),
    zone,
    region: read.text('region') ?? zone?.replace(/-[a-z]$/, ''),
    network: read.text('network') ?? 'default',
    endpoint: own ?? 'https://compute.googleapis.com',
    monitoringEndpoint: urlIn(read, 'monitoring_endpoint') ?? own ?? 'https://monitoring.googleapis.com',
    tls: await tlsOf(read, around),
    maxRequests: read.integer('max_requests', 1, 1000) ?? defaultMaxRequests,
  }
}

async function tlsOf(read: Reader, { blueprintFile = async (file) => file }: Surroundings): Promise<TlsSettings> {
  const given = read.text('ca_cert')
  const isInsecure = read.boolean('insecure') ?? false
  if (given === undefined || given.includes('-----BEGIN')) return { isInsecure, ca: given }
  return { isInsecure, ca: await readPem(given, { blueprintFile, unreadable: 'gcp.unreadable_file' }) }
}
