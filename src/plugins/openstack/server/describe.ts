// What a new server is made of: what the blueprint says in the words of either generation, and what its relationships lead to.
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { flavors } from '../compute/flavors.ts'
import { keyPairs } from '../compute/key-pairs.ts'
import { serverGroups } from '../compute/server-groups.ts'
import { badProperty } from '../errors.ts'
import { networks } from '../network/networks.ts'
import { ports } from '../network/ports.ts'
import { securityGroups } from '../network/security-groups.ts'
import { Reader } from '../reader.ts'
import { idOfNamed } from '../resource/api.ts'
import { relatedTo, type Related } from '../resource/related.ts'
import type { Cloud } from '../client/cloud.ts'
import { volumes } from '../volume/volumes.ts'
import { imageIdOf } from './image-named.ts'
import type { NodeCloud } from './server-of.ts'
import { newestCompute } from './server.ts'

export interface ServerBody extends JsonObject {
  readonly server: JsonObject
}

export interface NewServer {
  readonly name: string
  readonly body: ServerBody
  readonly microversion: string | undefined
}

/** What is said in other words, or is no business of Nova's. */
const ownWords = new Set(
  `id name image image_id imageRef flavor flavor_id flavorRef user_data userdata metadata meta networks nics key_name
   security_groups block_device_mapping_v2 scheduler_hints os:scheduler_hints kwargs management_network_name`.split(
    /\s+/,
  ),
)

/** Told of no network, Nova takes the only one there is; newer versions want to be told. */
const lastUntold = '2.36'
const newerWords = ['tags', 'trusted_image_certificates', 'host', 'hypervisor_hostname', 'hostname']

/** @throws Fault `openstack.bad_property`, `openstack.missing`, `openstack.ambiguous` */
export async function describeServer(ctx: OperationContext, node: NodeCloud): Promise<NewServer> {
  const { cloud, settings } = node
  const wanted = new Reader(settings.resource, 'resource_config')
  const related = await relatedTo(ctx, ['bootable', 'boot'])
  const of = (type: string): readonly Related[] => related.filter((one) => one.type === type)
  const name = wanted.text('name') ?? settings.resourceName ?? ctx.instance.id
  const disks = disksIn(wanted, of(volumes.type))
  const groups = groupsIn(wanted, of(securityGroups.type))
  const keyName = wanted.text('key_name') ?? of(keyPairs.type)[0]?.name
  const userData = userDataIn(wanted, settings.options.boolean('encode_user_data') ?? true)
  const hints = hintsIn(wanted, of(serverGroups.type))
  const nets = await networksIn(cloud, wanted, { ports: of(ports.type), networks: of(networks.type) })
  const rest = Object.fromEntries(Object.entries(wanted.values).filter(([key]) => !ownWords.has(key)))
  const flavor = wanted.text('flavor_id') ?? wanted.text('flavor') ?? wanted.text('flavorRef')
  const server: JsonObject = {
    ...rest,
    name,
    flavorRef: await idOfNamed(cloud, flavors, required(flavor ?? settings.options.text('flavor'), 'flavor_id')),
    ...(disks.some(isBoot) ? {} : { imageRef: await imageOf(cloud, wanted, settings.options.text('image')) }),
    ...(disks.length === 0 ? {} : { block_device_mapping_v2: disks }),
    ...(groups.length === 0 ? {} : { security_groups: groups.map((one) => ({ name: one })) }),
    ...(keyName === undefined ? {} : { key_name: keyName }),
    ...(userData === undefined ? {} : { user_data: userData }),
    ...(nets !== undefined ? { networks: nets } : newerWords.some((word) => word in rest) ? { networks: 'auto' } : {}),
    metadata: metadataIn(wanted),
  }
  return {
    name,
    body: { server, ...(hints === undefined ? {} : { 'os:scheduler_hints': hints }) },
    microversion: await cloud.bestVersion('compute', server['networks'] === undefined ? lastUntold : newestCompute),
  }
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw badProperty(`resource_config.${name}`, 'it is missing')
  return value
}

function imageOf(cloud: Cloud, wanted: Reader, property: string | undefined): Promise<string> {
  const named = wanted.text('image_id') ?? wanted.text('image') ?? wanted.text('imageRef') ?? property
  return imageIdOf(cloud, required(named, 'image_id'))
}

const isBoot = (disk: JsonObject): boolean => disk['boot_index'] === 0 || disk['boot_index'] === '0'

/** A related volume that can be booted from is what the server boots from, as in the original. */
function disksIn(wanted: Reader, related: readonly Related[]): readonly JsonObject[] {
  const given = wanted.list('block_device_mapping_v2').map(({ values }) => values)
  // Older blueprints name it and lead to it, both.
  const isGiven = (id: string): boolean => given.some((one) => one['uuid'] === id)
  const bootable = related.filter(
    ({ id, attributes: { bootable, boot } }) => [bootable, boot].some(isTrue) && !isGiven(id),
  )
  const first = given.length
  return [
    ...given,
    ...bootable.map(({ id }, index) => ({
      boot_index: first + index,
      uuid: id,
      source_type: 'volume',
      destination_type: 'volume',
      delete_on_termination: false,
    })),
  ]
}

const isTrue = (value: Json | undefined): boolean => value === true || value === 'true' || value === 'True'

function groupsIn(wanted: Reader, related: readonly Related[]): readonly string[] {
  const value = wanted.value('security_groups')
  const list: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]) : value === undefined ? [] : [value]
  const given = list.map((one, index) => {
    const name = isJsonObject(one) ? one['name'] : one
    if (typeof name === 'string' && name !== '') return name
    throw wanted.bad(`security_groups[${index}]`, 'expected a name, or a mapping with a name')
  })
  return [...new Set([...given, ...related.map(({ id }) => id)])]
}

function userDataIn(wanted: Reader, isEncoded: boolean): string | undefined {
  const text = wanted.text('user_data') ?? wanted.text('userdata')
  if (text === undefined) return undefined
  const isBase64 = text.length % 4 === 0 && /^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text)
  return isEncoded && !isBase64 ? Buffer.from(text, 'utf8').toString('base64') : text
}

/** Nova takes texts alone. */
function metadataIn(wanted: Reader): Record<string, string> {
  const given = { ...wanted.below('meta').values, ...wanted.below('metadata').values }
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
}

function hintsIn(wanted: Reader, related: readonly Related[]): JsonObject | undefined {
  const given = { ...wanted.below('os:scheduler_hints').values, ...wanted.below('scheduler_hints').values }
  const [group] = related
  const hints = { ...given, ...(group === undefined ? {} : { group: group.id }) }
  return Object.keys(hints).length === 0 ? undefined : hints
}

interface Links {
  readonly ports: readonly Related[]
  readonly networks: readonly Related[]
}

/** undefined: nobody says anything. */
async function networksIn(cloud: Cloud, wanted: Reader, links: Links): Promise<Json | undefined> {
  const value = wanted.value('networks') ?? wanted.value('nics')
  if (typeof value === 'string') return value
  const given: JsonObject[] = []
  for (const one of wanted.list(wanted.has('networks') ? 'networks' : 'nics')) {
    const { 'net-id': net, 'port-id': port, 'v4-fixed-ip': ip, ...same } = one.values
    given.push({
      ...same,
      ...(net === undefined ? {} : { uuid: net }),
      ...(port === undefined ? {} : { port }),
      ...(ip === undefined ? {} : { fixed_ip: ip }),
    })
  }
  const linked = links.ports.map(({ id }): JsonObject => ({ port: id }))
  const isGiven = (port: JsonObject): boolean => given.some((one) => one['port'] === port['port'])
  const all = [...given, ...linked.filter((port) => !isGiven(port))]
  if (all.length === 0) all.push(...links.networks.map(({ id }) => ({ uuid: id })))
  const management = wanted.text('management_network_name')
  if (all.length === 0 && management !== undefined) all.push({ uuid: await idOfNamed(cloud, networks, management) })
  return all.length === 0 ? undefined : all
}
