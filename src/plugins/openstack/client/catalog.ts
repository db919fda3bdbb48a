// Where a service is: its address out of the catalog, by region and interface, or the one that was given instead.
import { fault } from '../../../kernel/fault.ts'
import { badProperty } from '../errors.ts'
import { serviceNames, type ServiceName } from './cloud.ts'
import type { ConnectionSettings } from './connection-settings.ts'
import type { Endpoint, Grant } from './identity.ts'

/** What catalogs call it, best first, and the version that we speak. */
const kinds: Readonly<Record<ServiceName, { readonly types: readonly string[]; readonly version: string }>> = {
  identity: { types: ['identity'], version: 'v3' },
  compute: { types: ['compute'], version: 'v2.1' },
  volume: { types: ['block-storage', 'volumev3', 'block-store', 'volume'], version: 'v3' },
  image: { types: ['image'], version: 'v2' },
  network: { types: ['network'], version: 'v2.0' },
  dns: { types: ['dns'], version: 'v2' },
  share: { types: ['shared-file-system', 'sharev2'], version: 'v2' },
}

/** Ends with the version, or with the project behind it; no slash. */
export interface ServiceAddress {
  readonly base: string
  /** Of its version document. */
  readonly root: string
  readonly major: string
}

type Which = Pick<ConnectionSettings, 'authUrl' | 'endpoints' | 'interface' | 'region'>

/** @throws Fault `openstack.no_service`, `openstack.no_region`, `openstack.bad_property` */
export function addressOf(service: ServiceName, grant: Grant, settings: Which): ServiceAddress {
  const given = settings.endpoints[service]
  if (given !== undefined) return versioned(service, filled(given, grant))
  // Keystone's own entry often leads where only the cloud itself can go.
  if (service === 'identity') return versioned(service, settings.authUrl)
  const found = endpointOf(service, grant, settings)
  if (found !== undefined) return versioned(service, found.url)
  throw fault('openstack.no_service', {
    details: {
      service,
      region: regionOf(grant, settings) ?? 'any',
      interface: settings.interface,
      known: listed(grant.catalog.map(({ type }) => type)),
    },
  })
}

export function offers(service: ServiceName, grant: Grant, settings: Which): boolean {
  if (service === 'identity' || settings.endpoints[service] !== undefined) return true
  return endpointOf(service, grant, settings) !== undefined
}

/**
 * The one that was named, or the only one there is; null: the catalog knows none.
 *
 * @throws Fault `openstack.no_region`, `openstack.bad_property`
 */
export function regionOf({ catalog }: Pick<Grant, 'catalog'>, { region }: Pick<Which, 'region'>): string | null {
  const types = serviceNames.filter((name) => name !== 'identity').flatMap((name) => kinds[name].types)
  const known = new Set(
    catalog.filter(({ type }) => types.includes(type)).flatMap(({ endpoints }) => endpoints.map((one) => one.region)),
  )
  if (region !== undefined) {
    if (known.size > 0 && !known.has(region)) {
      throw fault('openstack.no_region', { details: { region, known: listed([...known]) } })
    }
    return region
  }
  // Catalogs have no order: the first one may be another tomorrow.
  if (known.size > 1) throw badProperty('client_config.region_name', `name one of ${listed([...known])}`)
  return [...known][0] ?? null
}

function endpointOf(service: ServiceName, grant: Grant, settings: Which): Endpoint | undefined {
  const region = regionOf(grant, settings)
  for (const type of kinds[service].types) {
    const found = grant.catalog
      .filter((known) => known.type === type)
      .flatMap(({ endpoints }) => endpoints)
      .find((one) => one.interface === settings.interface && (region === null || one.region === region))
    // `volume` alone is an API that is gone, unless its address says otherwise.
    if (found && (type !== 'volume' || /\/v3(\/|$)/.test(found.url))) return found
  }
  return undefined
}

// With the version that we speak where none is told; where there is one, what follows it is the project.
function versioned(service: ServiceName, url: string): ServiceAddress {
  const bare = url.replace(/\/+$/, '')
  const base = /\/v\d+(\.\d+)?(\/|$)/.test(bare) ? bare : `${bare}/${kinds[service].version}`
  const match = /^(.*\/v(\d+)(?:\.\d+)?)(?:\/.*)?$/.exec(base)
  return { base, root: `${match?.[1] ?? base}/`, major: match?.[2] ?? '' }
}

function filled(url: string, { projectId }: Grant): string {
  return url.replace(/[%$]\((?:project|tenant)_id\)s/g, projectId ?? '')
}

function listed(names: readonly string[]): string {
  return [...new Set(names)].toSorted().join(', ') || 'none'
}
