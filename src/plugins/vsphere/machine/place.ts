// Where a new machine goes: folder, resource pool, host, datastore, by the names in the blueprint.
import { refIn } from '../client/element.ts'
import type { Ref } from '../client/value.ts'
import type { VCenter } from '../client/vcenter.ts'
import { ambiguous, missing } from '../errors.ts'
import type { VsphereSettings } from '../settings.ts'
import { objectNamed } from './machine-of.ts'
import { decodedName } from './machine.ts'

export interface Place {
  readonly folder: Ref
  readonly pool: Ref
  readonly host: Ref | undefined
  /** undefined: beside the template. */
  readonly datastore: Ref | undefined
}

/** @throws Fault `vsphere.missing`, `vsphere.ambiguous` */
export async function placeOf(vcenter: VCenter, settings: VsphereSettings): Promise<Place> {
  const { connection, options } = settings
  const datacenter = await objectNamed(vcenter, {
    type: 'Datacenter',
    name: connection.required('datacenter_name', connection.text),
    kind: 'datacenter',
  })
  const folderName = options.values['vm_folder'] === false ? undefined : options.text('vm_folder')
  const { values } = await vcenter.read(datacenter, ['vmFolder'])
  const top = refIn(values.get('vmFolder'))
  if (top === undefined) throw missing('folder of machines', datacenter.id)
  const folder =
    folderName === undefined
      ? top
      : await objectNamed(vcenter, { type: 'Folder', name: folderName.split('/').at(-1) ?? '', kind: 'folder' }, top)
  const allowedHosts = options.texts('allowed_hosts')
  const host = await firstNamed(vcenter, 'HostSystem', allowedHosts, datacenter)
  const pool = await poolOf(vcenter, settings, datacenter, host)
  const datastore = await firstNamed(vcenter, 'Datastore', options.texts('allowed_datastores'), datacenter)
  return { folder, pool, host, datastore }
}

async function poolOf(
  vcenter: VCenter,
  { connection, options }: VsphereSettings,
  datacenter: Ref,
  host: Ref | undefined,
): Promise<Ref> {
  const wanted = connection.text('resource_pool_name') ?? 'Resources'
  const clusters = options.texts('allowed_clusters')
  const ofHost = host === undefined ? undefined : refIn((await vcenter.read(host, ['parent'])).values.get('parent'))
  const fitting: Ref[] = []
  for await (const { ref, values } of vcenter.list({ type: 'ResourcePool', paths: ['name', 'owner'] }, datacenter)) {
    const owner = refIn(values.get('owner'))
    if (decodedName(values.get('name')?.text ?? '') !== wanted || owner === undefined) continue
    if (ofHost !== undefined && owner.id !== ofHost.id) continue
    if (clusters.length > 0) {
      const name = decodedName((await vcenter.read(owner, ['name'])).values.get('name')?.text ?? '')
      if (!clusters.includes(name)) continue
    }
    fitting.push(ref)
  }
  const [pool] = fitting
  if (pool === undefined) throw missing('resource pool', wanted)
  // Which of several, nobody but the blueprint may say: unless it leaves that to the vCenter.
  const isFree = connection.boolean('auto_placement') ?? false
  if (fitting.length > 1 && !isFree) {
    throw ambiguous(
      'resource pool',
      wanted,
      fitting.map(({ id }) => id),
    )
  }
  return pool
}

async function firstNamed(
  vcenter: VCenter,
  type: 'HostSystem' | 'Datastore',
  names: readonly string[],
  below: Ref,
): Promise<Ref | undefined> {
  const [name] = names
  return name === undefined
    ? undefined
    : objectNamed(vcenter, { type, name, kind: type === 'Datastore' ? 'datastore' : 'host' }, below)
}
