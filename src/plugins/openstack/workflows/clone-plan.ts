// What a clone of a server is made with: like its source in all that a snapshot does not hold, but for what was asked for.
import type { Cloud } from '../client/cloud.ts'
import { ambiguous, badProperty, missing } from '../errors.ts'
import { definitionOf, type ServerDefinition } from '../server/definition.ts'
import { serverOf, type Server } from '../server/server.ts'

export interface CloneWishes {
  readonly name: string
  /** Name or id; undefined: as the source. */
  readonly flavor?: string | undefined
  readonly zone?: string | undefined
  /** Undefined: as the source's, without what is the source's alone. */
  readonly meta?: Readonly<Record<string, string>> | undefined
}

/** The same however often it is asked for. Without user data, which may hold secrets. */
export interface ServerPlan extends ServerDefinition {
  readonly securityGroups: readonly string[]
}

/** An alias in the name service of CERN, which must not lead to two. */
const aliasName = 'landb-alias'

/** @throws Fault `openstack.missing`, `openstack.ambiguous`, `openstack.bad_property` for what the cloud does not have */
export async function planClone(cloud: Cloud, sourceId: string, wishes: CloneWishes): Promise<ServerPlan> {
  const source = await serverOf(cloud, sourceId)
  const definition = await definitionOf(cloud, source)
  if (wishes.zone !== undefined) await checkZone(cloud, wishes.zone)
  await checkNameIsFree(cloud, wishes.name)
  return {
    ...definition,
    name: wishes.name,
    flavorId: wishes.flavor === undefined ? definition.flavorId : await flavorNamed(cloud, wishes.flavor),
    metadata: wishes.meta ?? inheritedMetadata(source),
    zone: wishes.zone ?? definition.zone,
    // Older clouds show them, and take none for a new server.
    tags: (await cloud.supports('compute', '2.52')) ? definition.tags : [],
    securityGroups: [...new Set((source.security_groups ?? []).map(({ name }) => name))],
  }
}

// Our marks say which server a snapshot is of: a clone that had them would take the source's snapshots for its own.
function inheritedMetadata({ metadata }: Server): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(metadata).filter(([name]) => name !== aliasName && !name.startsWith('fermata_')),
  )
}

async function checkZone(cloud: Cloud, zone: string): Promise<void> {
  const { body } = await cloud.request<{
    readonly availabilityZoneInfo: readonly {
      readonly zoneName: string
      readonly zoneState: { readonly available: boolean }
    }[]
  }>({ service: 'compute', method: 'GET', path: '/os-availability-zone' })
  const zones = body.availabilityZoneInfo.filter(({ zoneState }) => zoneState.available).map(({ zoneName }) => zoneName)
  if (!zones.includes(zone))
    throw badProperty('avz_name', `the cloud has no zone '${zone}'; it has ${zones.join(', ')}`)
}

// A second one of that name could not be told from the first by those who go by names.
async function checkNameIsFree(cloud: Cloud, name: string): Promise<void> {
  for await (const server of cloud.pages<Server>({ service: 'compute', path: '/servers/detail' }, 'servers')) {
    if (server.name === name) throw badProperty('clone_name', `there is a server '${name}' already (${server.id})`)
  }
}

interface Flavor {
  readonly id: string
  readonly name: string
}

async function flavorNamed(cloud: Cloud, nameOrId: string): Promise<string> {
  const found: string[] = []
  for await (const { id, name } of cloud.pages<Flavor>({ service: 'compute', path: '/flavors/detail' }, 'flavors')) {
    if (id === nameOrId) return id
    if (name === nameOrId) found.push(id)
  }
  const [id, other] = found
  if (id === undefined) throw missing('flavor', nameOrId)
  if (other !== undefined) throw ambiguous('flavor', nameOrId, found)
  return id
}
