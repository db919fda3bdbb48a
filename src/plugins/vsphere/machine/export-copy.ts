// Whole copies of machines as files: the disks of a snapshot, streamed into a folder of our own, with the description by which
// a machine is made of them again. The snapshot is gone afterwards; what is whole already is not fetched again.
import { basename, join } from 'node:path'
import { seconds, type Duration } from '../../../kernel/duration.ts'
import { Fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { Part, PartCheck } from '../../contract/operation.ts'
import { textAt } from '../client/element.ts'
import { inLease, newLease, type LeasedDisk, type LeaseWork } from '../client/lease.ts'
import { badAnswer } from '../client/network-faults.ts'
import { struct, type Ref } from '../client/value.ts'
import type { VCenter } from '../client/vcenter.ts'
import { copyDamaged } from '../errors.ts'
import { digestOf } from '../mark.ts'
import {
  descriptorName,
  isFolder,
  makeFolder,
  manifestIn,
  problemWith,
  removeFolder,
  saveDisk,
  saveManifest,
  saveText,
  wholeDisk,
  type SavedDisk,
} from './export-folder.ts'
import { placeOfMachine, type MachinePlace } from './export-place.ts'
import { untilIdle } from './idle.ts'
import { disksOf, machineOf, refOf, type Machine } from './machine.ts'
import { cutWhole, deleteSnapshot, findOwnSnapshot, type SaveOptions, type WholeCut, type Work } from './save.ts'

/** A vCenter drops one of which it hears nothing after five minutes. */
const longestLeftLease = seconds(400)

export interface ExportCopy extends WholeCut {
  readonly kind: 'vsphere.export'
  /** Whole path. */
  readonly folder: string
  /** Where it stood. */
  readonly place: MachinePlace
}

/** The instant: the guest may go on. */
export async function cutExport(
  work: Work,
  machine: Machine,
  options: SaveOptions,
  directory: string,
): Promise<ExportCopy> {
  return {
    ...(await cutWhole('vsphere.export', work, machine, options)),
    folder: folderOf(directory, machine.name, work.key),
    place: await placeOfMachine(work.vcenter, machine.ref),
  }
}

function folderOf(directory: string, machineName: string, key: string): string {
  const plain = machineName.slice(0, 40).replace(/[^\w.-]/g, '_')
  return join(directory, `${plain}-${digestOf(key).slice(0, 12)}`)
}

/** Carries on where an attempt before ended, and takes the snapshot away. */
export async function settleExport(vcenter: VCenter, cut: ExportCopy, limit: Duration): Promise<ExportCopy & Part> {
  await makeFolder(cut.folder)
  const known = (await manifestIn(cut.folder, cut.mark)) ?? (await fetchAll(vcenter, cut, limit))
  await deleteSnapshot(vcenter, refOf(cut.machineId), cut.snapshotId, limit)
  const bytes = known.manifest.disks.reduce((sum, disk) => sum + disk.bytes, 0)
  return { ...cut, providerId: cut.folder, bytes, digest: known.sha256 }
}

async function fetchAll(vcenter: VCenter, cut: ExportCopy, limit: Duration) {
  await untilIdle(vcenter, refOf(cut.machineId), limit)
  const snapshot = { type: 'VirtualMachineSnapshot', id: cut.snapshotId }
  const total = disksOf(await machineOf(vcenter, refOf(cut.machineId))).reduce((sum, disk) => sum + disk.bytes, 0)
  const lease = await leaseOf(vcenter, snapshot)
  return inLease(vcenter, lease, limit, async (leased) => {
    const disks: SavedDisk[] = []
    let bytes = 0
    const told = (more: number): void => {
      bytes += more
      if (total > 0) leased.progress((bytes * 100) / total)
    }
    for (const [index, disk] of leased.disks.entries()) {
      disks.push(await fetchDisk(vcenter, cut, { leased, disk, index, told }))
    }
    if (disks.length === 0) throw unclear('ExportSnapshot', 'it names no disks')
    const descriptor = await saveText(cut.folder, descriptorName, await describe(vcenter, cut, disks))
    const manifest = { format: 1, mark: cut.mark, machineName: cut.machineName, disks, descriptor } as const
    return { manifest, sha256: await saveManifest(cut.folder, manifest) }
  })
}

// Whoever was killed has left a lease behind, and until the vCenter drops it no other is given out.
async function leaseOf(vcenter: VCenter, snapshot: Ref): Promise<Ref> {
  const { clock } = vcenter.world
  const end = clock.monotonic() + longestLeftLease
  for (let pause = seconds(1); ; pause = Math.min(pause * 2, seconds(30))) {
    try {
      return await newLease(vcenter, snapshot, 'ExportSnapshot')
    } catch (thrown) {
      const isTaken = thrown instanceof Fault && ['vsphere.busy', 'vsphere.wrong_state'].includes(thrown.code)
      if (!isTaken || clock.monotonic() + pause > end) throw thrown
      vcenter.log.debug(`${snapshot.id} is exported by somebody: ${thrown.message}`)
      await clock.sleep(pause, vcenter.signal)
    }
  }
}

interface Fetch {
  readonly leased: LeaseWork
  readonly disk: LeasedDisk
  readonly index: number
  readonly told: (bytes: number) => void
}

async function fetchDisk(vcenter: VCenter, { folder }: ExportCopy, { leased, disk, index, told }: Fetch) {
  const saved = { name: `disk-${index}.vmdk`, device: disk.key }
  const whole = await wholeDisk(folder, saved.name, saved.device)
  if (whole !== undefined) {
    vcenter.log.debug(`${saved.name} is whole already`)
    told(whole.bytes)
    return whole
  }
  return vcenter.transfer({
    call: { name: `GET ${saved.name}`, isRead: true, origin: new URL(disk.url).origin },
    url: disk.url,
    method: 'GET',
    signal: leased.signal,
    thumbprint: disk.thumbprint,
    take: (body, length) => saveDisk(folder, saved, body, { length, told }),
  })
}

async function describe(vcenter: VCenter, cut: ExportCopy, disks: readonly SavedDisk[]): Promise<string> {
  const files = disks.map(({ name, device, bytes }) =>
    struct([
      ['deviceId', device],
      ['path', name],
      ['size', bytes],
    ]),
  )
  const answer = await vcenter.call(await vcenter.manager('ovfManager'), 'CreateDescriptor', [
    ['obj', refOf(cut.machineId)],
    [
      'cdp',
      struct([
        ['ovfFiles', files],
        ['name', cut.machineName],
        ['includeImageFiles', false],
        ['snapshot', { type: 'VirtualMachineSnapshot', id: cut.snapshotId } satisfies Ref],
      ]),
    ],
  ])
  const text = textAt(answer, 'returnval', 'ovfDescriptor') ?? ''
  const problem = textAt(answer, 'returnval', 'error', 'localizedMessage')
  if (text === '' || problem !== undefined) throw unclear('CreateDescriptor', problem ?? 'it describes nothing')
  return text
}

const unclear = (name: string, reason: string) => badAnswer({ name, isRead: true, origin: '' }, reason)

/** Reads every byte back. */
export async function checkExport(copy: ExportCopy, signal?: AbortSignal): Promise<PartCheck> {
  const bad = (reason: string, isMissing = false): PartCheck => ({ isUsable: false, isMissing, reason })
  if (!(await isFolder(copy.folder))) return bad(`the folder '${copy.folder}' is gone`, true)
  const known = await manifestIn(copy.folder, copy.mark)
  if (known === undefined) return bad(`'${copy.folder}' holds no manifest of this backup`)
  const digest = (copy as Partial<Part>).digest
  if (typeof digest === 'string' && digest !== known.sha256) return bad(`the manifest in '${copy.folder}' was changed`)
  for (const file of [known.manifest.descriptor, ...known.manifest.disks]) {
    // What the manifest names lies in its folder.
    if (basename(file.name) !== file.name) return bad(`the manifest names '${file.name}'`)
    const problem = await problemWith(copy.folder, file, signal)
    if (problem !== undefined) return bad(problem)
  }
  return { isUsable: true, isMissing: false, reason: null }
}

/** What is gone is as good. Takes also what a cut left that was never settled. */
export async function deleteExport(vcenter: VCenter, copy: ExportCopy, limit: Duration): Promise<void> {
  await removeFolder(copy.folder)
  await deleteSnapshot(vcenter, refOf(copy.machineId), copy.snapshotId, limit)
}

/** What a piece of work made, whatever became of the answer. */
export async function undoExport(
  vcenter: VCenter,
  machine: Machine,
  { key, directory, limit }: { readonly key: string; readonly directory: string; readonly limit: Duration },
): Promise<boolean> {
  const snapshotId = await findOwnSnapshot(vcenter, machine.ref, key, limit)
  const folder = folderOf(directory, machine.name, key)
  const isThere = await isFolder(folder)
  if (isThere) await removeFolder(folder)
  if (snapshotId !== undefined) await deleteSnapshot(vcenter, machine.ref, snapshotId, limit)
  return isThere || snapshotId !== undefined
}

/** undefined: there is none, or it is of another kind. @throws Fault `vsphere.copy_damaged` */
export function exportCopyIn(value: Json | undefined): ExportCopy | undefined {
  if (!isJsonObject(value) || value['kind'] !== 'vsphere.export') return undefined
  const { providerId, machineId, mark, snapshotId, folder } = value
  const isWhole = [providerId, machineId, mark, snapshotId, folder].every((one) => typeof one === 'string')
  if (isWhole && isJsonObject(value['place'])) return value as unknown as ExportCopy
  throw copyDamaged(String(providerId), 'what the catalog recorded of it is not complete')
}
