// What an instance is to be like, out of its node's properties: the original's own, with the API's fields on top.
import { readFile } from 'node:fs/promises'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { lastPart } from '../client/operations.ts'
import { badProperty } from '../errors.ts'
import { relatedTo } from '../resource/related.ts'
import { regionOf, zoneOf, type Scene } from '../settings.ts'

export interface DescribedInstance {
  readonly body: JsonObject
  /** Devices whose disks are nodes of their own. */
  readonly nodeDevices: readonly string[]
}

export async function describeInstance(scene: Scene, called: string): Promise<DescribedInstance> {
  const { settings } = scene
  const { options, additional } = settings
  const zone = zoneOf(scene)
  const type = options.text('instance_type') ?? 'n1-standard-1'
  const { disks, devices } = await disksOf(scene, zone)
  const body: JsonObject = {
    name: called,
    description: options.text('description') ?? 'made by fermata',
    machineType: type.includes('/') ? type : `zones/${zone}/machineTypes/${type}`,
    canIpForward: options.boolean('can_ip_forward') ?? false,
    tags: { items: tagsOf(scene) },
    metadata: { items: await metadataOf(scene) },
    serviceAccounts: serviceAccounts(scene),
    networkInterfaces: [await networkOf(scene)],
    disks,
    ...additional,
  }
  return { body, nodeDevices: devices }
}

async function disksOf(
  { ctx, settings }: Scene,
  zone: string,
): Promise<{ readonly disks: readonly JsonObject[]; readonly devices: readonly string[] }> {
  const related = await relatedTo(ctx, 'compute#disk')
  const attached = related.map(({ attributes }) => attributes['gcp_disk']).filter(isObject)
  const image = settings.options.text('image_id')
  const isGiven = 'disks' in settings.additional || attached.some(({ boot }) => boot === true)
  if (!isGiven && image === undefined) {
    throw badProperty('image_id', 'it is missing, and no disk to boot from is connected to the instance')
  }
  const own = {
    boot: true,
    mode: 'READ_WRITE',
    autoDelete: true,
    initializeParams: { sourceImage: image ?? '', diskType: `zones/${zone}/diskTypes/pd-standard` },
  }
  // The one that is booted from comes first.
  const sorted = [...attached.filter(({ boot }) => boot === true), ...attached.filter(({ boot }) => boot !== true)]
  return { disks: isGiven ? sorted : [own, ...sorted], devices: attached.map(({ deviceName }) => String(deviceName)) }
}

const isObject = (value: Json | undefined): value is JsonObject => value !== undefined && isJsonObject(value)

/** A list, or texts with commas. */
export function tagsOf({ settings: { options } }: Pick<Scene, 'settings'>): readonly string[] {
  return options
    .texts('tags')
    .flatMap((text) => text.split(','))
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
}

async function metadataOf({ ctx, settings }: Scene): Promise<readonly JsonObject[]> {
  const { options } = settings
  const script = options.value('startup_script')
  const items: JsonObject[] = []
  if (options.boolean('block_project_ssh_keys') ?? false) items.push({ key: 'block-project-ssh-keys', value: 'true' })
  if (script === undefined) return items
  if (typeof script === 'string') return [...items, { key: 'startup-script', value: script }]
  const read = options.below('startup_script')
  const text = read.required('script', (name) => read.text(name))
  const isFile = read.oneOf('type', ['string', 'file']) === 'file'
  const value = isFile ? await readFile(await ctx.blueprintFile(text), 'utf8') : text
  return [...items, { key: 'startup-script', value }]
}

const usualScopes = [
  'https://www.googleapis.com/auth/devstorage.read_write',
  'https://www.googleapis.com/auth/logging.write',
]

function serviceAccounts({ settings: { options } }: Scene): readonly JsonObject[] {
  const given = options.texts('scopes')
  return [{ email: 'default', scopes: given.length === 0 ? usualScopes : [...given] }]
}

async function networkOf(scene: Scene): Promise<JsonObject> {
  const { ctx, project, settings } = scene
  const related = await relatedTo(ctx, 'compute#network', 'compute#subnetwork')
  const subnet = related.find(({ kind }) => kind === 'compute#subnetwork')
  const network = related.find(({ kind }) => kind === 'compute#network')
  const nat = { type: 'ONE_TO_ONE_NAT', name: 'External NAT' }
  const accessConfigs = (settings.options.boolean('external_ip') ?? false) ? [nat] : []
  if (subnet !== undefined) {
    const subnetwork = subnet.selfLink || `regions/${regionOf(scene)}/subnetworks/${subnet.name}`
    return { subnetwork, accessConfigs }
  }
  return { network: network?.selfLink || networkNamed(project.network), accessConfigs }
}

export const networkNamed = (name: string): string => (name.includes('/') ? name : `global/networks/${lastPart(name)}`)
