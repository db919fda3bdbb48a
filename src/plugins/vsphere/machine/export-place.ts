// Where a machine stands, by ids: an exported one is put back there, though it may be gone by then.
import { refIn, type Element } from '../client/element.ts'
import type { Ref } from '../client/value.ts'
import type { VCenter } from '../client/vcenter.ts'
import { missing } from '../errors.ts'
import { decodedName } from './machine.ts'

export type MachinePlace = {
  readonly folderId: string
  readonly pool: { readonly type: string; readonly id: string }
  readonly datastoreId: string
  readonly networks: readonly { readonly name: string; readonly type: string; readonly id: string }[]
}

/** @throws Fault `vsphere.missing` */
export async function placeOfMachine(vcenter: VCenter, machine: Ref): Promise<MachinePlace> {
  const { values } = await vcenter.read(machine, ['parent', 'resourcePool', 'datastore', 'network'])
  const folder = refIn(values.get('parent'))
  const pool = refIn(values.get('resourcePool'))
  const [datastore] = refsIn(values.get('datastore'))
  if (folder === undefined || pool === undefined || datastore === undefined) {
    throw missing('place of machine', machine.id)
  }
  const networks: MachinePlace['networks'][number][] = []
  for (const { type, id } of refsIn(values.get('network'))) {
    const name = decodedName((await vcenter.read({ type, id }, ['name'])).values.get('name')?.text ?? '')
    networks.push({ name, type, id })
  }
  return { folderId: folder.id, pool: { type: pool.type, id: pool.id }, datastoreId: datastore.id, networks }
}

const refsIn = (list: Element | undefined): readonly Ref[] =>
  (list?.children ?? []).flatMap((child) => refIn(child) ?? [])
