// Whole copies of machines: a clone off a snapshot that is gone afterwards. It lives beside its machine, outlives it, and is
// never started. Found again by its mark, deleted by the id on record.
import type { Duration } from '../../../kernel/duration.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { Part, PartCheck } from '../../contract/operation.ts'
import { refIn, textAt } from '../client/element.ts'
import { anyText, struct, type Ref } from '../client/value.ts'
import type { VCenter } from '../client/vcenter.ts'
import { copyDamaged, missing } from '../errors.ts'
import { digestOf, markName } from '../mark.ts'
import { untilIdle } from './idle.ts'
import { disksOf, findMachine, machineOf, refOf, type Machine } from './machine.ts'
import { objectsNamed } from './machine-of.ts'
import { cutWhole, deleteSnapshot, findOwnSnapshot, type SaveOptions, type WholeCut, type Work } from './save.ts'

export interface CloneCopy extends WholeCut {
  readonly kind: 'vsphere.clone'
  /** undefined until it is settled. */
  readonly cloneId?: string
  readonly cloneName: string
  /** Where it goes; null: beside the machine. */
  readonly datastoreId: string | null
}

/** The instant: the guest may go on. */
export async function cutClone(
  work: Work,
  machine: Machine,
  options: SaveOptions,
  datastore: Ref | undefined,
): Promise<CloneCopy> {
  const cut = await cutWhole('vsphere.clone', work, machine, options)
  return {
    ...cut,
    cloneName: `${machine.name.slice(0, 40)}-${cut.mark.slice(0, 12)}-backup`,
    datastoreId: datastore?.id ?? null,
  }
}

/** Makes the clone, once, and takes the snapshot away. */
export async function settleClone(vcenter: VCenter, cut: CloneCopy, limit: Duration): Promise<CloneCopy & Part> {
  const machine = refOf(cut.machineId)
  await untilIdle(vcenter, machine, limit)
  const clone = (await findClone(vcenter, cut)) ?? (await makeClone(vcenter, cut, limit))
  await deleteSnapshot(vcenter, machine, cut.snapshotId, limit)
  const made = await machineOf(vcenter, clone)
  const bytes = disksOf(made).reduce((sum, disk) => sum + disk.bytes, 0)
  return { ...cut, providerId: clone.id, cloneId: clone.id, bytes, digest: null }
}

async function makeClone(vcenter: VCenter, cut: CloneCopy, limit: Duration): Promise<Ref> {
  const machine = refOf(cut.machineId)
  const { values } = await vcenter.read(machine, ['parent', 'resourcePool'])
  const folder = refIn(values.get('parent'))
  if (folder === undefined) throw missing('folder of machine', cut.machineName)
  const datastore = cut.datastoreId === null ? undefined : { type: 'Datastore', id: cut.datastoreId }
  const result = await vcenter.run(
    machine,
    'CloneVM_Task',
    [
      ['folder', folder],
      ['name', cut.cloneName],
      [
        'spec',
        struct([
          [
            'location',
            struct([
              ['datastore', datastore],
              ['diskMoveType', 'moveAllDiskBackingsAndDisallowSharing'],
              ['pool', refIn(values.get('resourcePool'))],
            ]),
          ],
          // A machine, and no template: those cannot be written back to every pool.
          ['template', false],
          ['config', struct([['extraConfig', markOption(cut.mark)]])],
          ['powerOn', false],
          ['snapshot', { type: 'VirtualMachineSnapshot', id: cut.snapshotId }],
        ]),
      ],
    ],
    { limit },
  )
  return refOf(result?.text.trim() ?? '')
}

const markOption = (mark: string) =>
  struct(
    [
      ['key', markName],
      ['value', anyText(mark)],
    ],
    'OptionValue',
  )

async function findClone(vcenter: VCenter, { cloneName, mark }: CloneCopy): Promise<Ref | undefined> {
  for (const ref of await objectsNamed(vcenter, { type: 'VirtualMachine', name: cloneName })) {
    if (await isMarkedClone(vcenter, ref, mark)) return ref
  }
  return undefined
}

async function isMarkedClone(vcenter: VCenter, ref: Ref, mark: string): Promise<boolean> {
  return (await markOf(vcenter, ref)) === mark
}

/** Of a machine that we made; undefined: it is none, or it is gone. */
export async function markOf(vcenter: VCenter, ref: Ref): Promise<string | undefined> {
  const options = (await vcenter.find(ref, ['config.extraConfig']))?.values.get('config.extraConfig')?.children ?? []
  const own = options.find((option) => textAt(option, 'key') === markName)
  return own && textAt(own, 'value')
}

export async function checkClone(vcenter: VCenter, { cloneId = '', mark }: CloneCopy): Promise<PartCheck> {
  const bad = (reason: string, isMissing = false): PartCheck => ({ isUsable: false, isMissing, reason })
  const clone = cloneId === '' ? undefined : await findMachine(vcenter, refOf(cloneId))
  if (clone === undefined) return bad(`the clone '${cloneId}' is gone`, true)
  if (!(await isMarkedClone(vcenter, clone.ref, mark))) return bad(`'${cloneId}' is another machine now`)
  // One that ran is not what was saved any more.
  if (clone.power !== 'poweredOff') return bad(`the clone '${cloneId}' is ${clone.power}`)
  return { isUsable: true, isMissing: false, reason: null }
}

/** What is gone is as good. Takes also what a cut left that was never settled. */
export async function deleteClone(vcenter: VCenter, copy: CloneCopy, limit: Duration): Promise<void> {
  await untilIdle(vcenter, refOf(copy.machineId), limit)
  const clone = copy.cloneId === undefined ? await findClone(vcenter, copy) : refOf(copy.cloneId)
  if (clone !== undefined && (await isMarkedClone(vcenter, clone, copy.mark))) {
    const { power } = await machineOf(vcenter, clone)
    if (power !== 'poweredOff') throw copyDamaged(copy.name, `the clone '${clone.id}' is ${power}: somebody uses it`)
    await vcenter.run(clone, 'Destroy_Task', [], { limit })
  }
  await deleteSnapshot(vcenter, refOf(copy.machineId), copy.snapshotId, limit)
}

/** What a piece of work made, whatever became of the answer. */
export async function undoClone(vcenter: VCenter, machine: Machine, key: string, limit: Duration): Promise<boolean> {
  const snapshotId = await findOwnSnapshot(vcenter, machine.ref, key, limit)
  const cloneName = `${machine.name.slice(0, 40)}-${digestOf(key).slice(0, 12)}-backup`
  const copy = {
    machineId: machine.ref.id,
    cloneName,
    mark: digestOf(key),
    snapshotId: snapshotId ?? '',
    name: cloneName,
  }
  const clone = await findClone(vcenter, copy as CloneCopy)
  if (clone === undefined && snapshotId === undefined) return false
  await deleteClone(vcenter, copy as CloneCopy, limit)
  return true
}

/** undefined: there is none, or it is of another kind. @throws Fault `vsphere.copy_damaged` */
export function cloneCopyIn(value: Json | undefined): CloneCopy | undefined {
  if (!isJsonObject(value) || value['kind'] !== 'vsphere.clone') return undefined
  const { providerId, machineId, mark, snapshotId, cloneName } = value
  if ([providerId, machineId, mark, snapshotId, cloneName].every((one) => typeof one === 'string')) {
    return value as unknown as CloneCopy
  }
  throw copyDamaged(String(providerId), 'what the catalog recorded of it is not complete')
}
