// What relationships of instances do: disks attached and let go, tags, external addresses, keys for SSH. Each looks before it
// acts, so that it may be done again.
import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext, Subject } from '../../contract/context.ts'
import { operation, type PluginOperation } from '../../contract/operation.ts'
import { lastPart } from '../client/operations.ts'
import { notCreated } from '../errors.ts'
import { partial } from '../disk/new-disk.ts'
import { readDisk } from '../disk/views.ts'
import { sceneOf, zoneOf, type Scene } from '../settings.ts'
import { noteDeviceOfNode } from './snapshot-operations.ts'
import { actOn, diskNameOf, findInstance, readInstance, type InstanceRef } from './views.ts'

const attachDisk = operation({
  async run(ctx, inputs) {
    const { scene, ref } = await linked(ctx, inputs)
    const { project, settings } = scene
    const given = settings.options.below('disk')
    const source = given.required('source', (name) => given.text(name))
    const name = lastPart(source)
    const attached = (await readInstance(project, ref)).disks?.find((one) => diskNameOf(one) === name)
    const deviceName = attached?.deviceName ?? given.text('deviceName') ?? name
    if (attached === undefined) {
      const { selfLink } = await readDisk(project, ref.zone, name)
      await actOn(project, ref, 'attachDisk', { body: { ...given.values, source: partial(selfLink), deviceName } })
    }
    await note(ctx, ref, deviceName, true)
    ctx.log.info(`Disk ${name} is attached to instance ${ref.name}`)
  },
})

const detachDisk = operation({
  async run(ctx, inputs) {
    const { scene, ref } = await linked(ctx, inputs)
    const { project, settings } = scene
    const name = settings.options.required('disk_name', settings.options.text)
    const instance = await findInstance(project, ref)
    const attached = instance?.disks?.find((one) => diskNameOf(one) === name)
    if (attached !== undefined) {
      await actOn(project, ref, 'detachDisk', { query: { deviceName: attached.deviceName } })
      await note(ctx, ref, attached.deviceName, false)
    }
    ctx.log.info(`Disk ${name} is off instance ${ref.name}`)
  },
})

async function note(ctx: OperationContext, { name }: InstanceRef, device: string, isThere: boolean): Promise<void> {
  const ends = [ctx.relationship?.source, ctx.relationship?.target]
  const holder = ends.find((end): end is Subject => end?.instance.runtimeProperties['name'] === name)
  if (holder === undefined) return
  noteDeviceOfNode(holder, device, isThere)
  await holder.save()
}

const changeTags = (isAdded: boolean): PluginOperation =>
  operation({
    async run(ctx, inputs) {
      const { scene, ref } = await linked(ctx, inputs)
      const { project, settings } = scene
      const instance = await findInstance(project, ref)
      if (instance === undefined) return
      const tags = settings.options.texts('tag').map((tag) => tag.toLowerCase())
      const { items = [], fingerprint = '' } = instance.tags ?? {}
      const wanted = isAdded ? [...new Set([...items, ...tags])] : items.filter((item) => !tags.includes(item))
      if (wanted.length === items.length) return
      await actOn(project, ref, 'setTags', { body: { items: wanted, fingerprint } })
      ctx.log.info(`Instance ${ref.name} has the tags ${wanted.join(', ') || 'of nobody'}`)
    },
  })

const accessName = 'External NAT'

const addExternalIp = operation({
  async run(ctx, inputs) {
    const { scene, ref } = await linked(ctx, inputs)
    const { project } = scene
    const { networkInterfaces: [first] = [] } = await readInstance(project, ref)
    if (first === undefined) throw notCreated('instance')
    const target = ctx.relationship?.target
    const address = target?.instance.runtimeProperties['address'] ?? target?.node.properties['ip_address']
    const natIP = typeof address === 'string' && address !== '' ? address : undefined
    const [known] = first.accessConfigs ?? []
    if (known === undefined || (natIP !== undefined && known.natIP !== natIP)) {
      const query = { networkInterface: first.name }
      if (known !== undefined) await dropAccess(scene, ref, first.name, known.name ?? accessName)
      const body = { type: 'ONE_TO_ONE_NAT', name: accessName, ...(natIP === undefined ? {} : { natIP }) }
      await actOn(project, ref, 'addAccessConfig', { query, body })
    }
    const now = (await readInstance(project, ref)).networkInterfaces?.[0]?.accessConfigs?.[0]?.natIP
    const source = ctx.relationship?.source
    if (source !== undefined && now !== undefined) {
      source.instance.runtimeProperties['public_ip_address'] = now
      await source.save()
    }
    ctx.log.info(`Instance ${ref.name} is reached at ${now ?? 'an external address'}`)
  },
})

const removeExternalIp = operation({
  async run(ctx, inputs) {
    const { scene, ref } = await linked(ctx, inputs)
    const [first] = (await findInstance(scene.project, ref))?.networkInterfaces ?? []
    const [known] = first?.accessConfigs ?? []
    if (first === undefined || known === undefined) return
    await dropAccess(scene, ref, first.name, known.name ?? accessName)
    ctx.log.info(`Instance ${ref.name} has no external address any more`)
  },
})

const dropAccess = ({ project }: Scene, ref: InstanceRef, networkInterface: string, accessConfig: string) =>
  actOn(project, ref, 'deleteAccessConfig', { query: { networkInterface, accessConfig } })

/** Runs on the key: its public half is added to what the instance lets in. */
const addSshKey = operation({
  async run(ctx, inputs) {
    const { scene, ref } = await linked(ctx, inputs)
    const key = ctx.instance.runtimeProperties['gcp_public_key']
    const user = scene.settings.options.text('user')
    if (typeof key !== 'string' || user === undefined) throw notCreated('key pair')
    const { metadata = {} } = await readInstance(scene.project, ref)
    const { items = [], fingerprint = '' } = metadata
    const before = items.find((item) => item.key === 'ssh-keys')?.value ?? ''
    const line = `${user}:${key.trim()}`
    if (before.split('\n').includes(line)) return
    const value = before === '' ? line : `${before}\n${line}`
    const rest = items.flatMap((item) => (item.key === 'ssh-keys' ? [] : [{ key: item.key, value: item.value }]))
    const body = { items: [...rest, { key: 'ssh-keys', value }], fingerprint }
    await actOn(scene.project, ref, 'setMetadata', { body })
    ctx.log.info(`Instance ${ref.name} lets ${user} in`)
  },
})

async function linked(
  ctx: OperationContext,
  inputs: JsonObject,
): Promise<{ readonly scene: Scene; readonly ref: InstanceRef }> {
  const scene = await sceneOf(ctx, inputs)
  const { options } = scene.settings
  const name = options.text('instance_name')
  if (name === undefined) throw notCreated('instance')
  const zone = options.text('zone')
  return { scene, ref: { name, zone: zone === undefined ? zoneOf(scene) : lastPart(zone) } }
}

/** Where a node lies within an instance, its own operations find it. */
const containedIn = operation({
  async run(ctx) {
    const target = ctx.relationship?.target.instance.runtimeProperties ?? {}
    const source = ctx.relationship?.source
    if (source === undefined || !isJsonObject(target)) return
    for (const name of ['ip', 'zone'] as const) {
      const value = target[name]
      if (value !== undefined) source.instance.runtimeProperties[name] ??= value
    }
    await source.save()
  },
})

const name = 'cloudify_gcp.compute.instance'

export const instanceLinks: Readonly<Record<string, PluginOperation>> = {
  [`${name}.attach_disk`]: attachDisk,
  [`${name}.detach_disk`]: detachDisk,
  [`${name}.add_instance_tag`]: changeTags(true),
  [`${name}.remove_instance_tag`]: changeTags(false),
  [`${name}.add_external_ip`]: addExternalIp,
  [`${name}.remove_external_ip`]: removeExternalIp,
  [`${name}.instance_remove_access_config`]: removeExternalIp,
  [`${name}.add_ssh_key`]: addSshKey,
  [`${name}.contained_in`]: containedIn,
}
