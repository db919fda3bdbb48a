// Snapshots of machines: taken, read back, deleted. Found again by the mark in their description, deleted by the ids on record.
import type { Duration } from '../../../kernel/duration.ts'
import { Fault, fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { OperationContext, OperationLog } from '../../contract/context.ts'
import type { Part, PartCheck, Receipt } from '../../contract/operation.ts'
import type { Ref } from '../client/value.ts'
import type { VCenter } from '../client/vcenter.ts'
import { copyDamaged } from '../errors.ts'
import { digestOf, isMarked, markedDescription } from '../mark.ts'
import { untilIdle } from './idle.ts'
import {
  disksOf,
  everySnapshot,
  findMachine,
  refOf,
  snapshotsIn,
  type Machine,
  type MachinePower,
  type SnapshotNode,
} from './machine.ts'

export type QuiescePolicy = 'prefer' | 'require' | 'never'

export interface SnapshotCopy extends Receipt {
  readonly kind: 'vsphere.snapshot'
  /** For people. */
  readonly name: string
  readonly machineId: string
  readonly instanceUuid: string
  /** What the machine did when it was taken, and does again when it was put back. */
  readonly power: MachinePower
  readonly isQuiesced: boolean
  readonly hasMemory: boolean
  /** Labels of disks that no snapshot holds. */
  readonly left: readonly string[]
}

/** What stays of the snapshot that a whole copy is made of. */
export interface WholeCut extends Receipt {
  readonly name: string
  readonly machineId: string
  readonly machineName: string
  readonly instanceUuid: string
  readonly power: MachinePower
  readonly isQuiesced: boolean
  readonly left: readonly string[]
  /** What it is made of; gone once it is. */
  readonly snapshotId: string
  /** Of the digest of the work, by which the copy is known. */
  readonly mark: string
}

export interface SaveOptions {
  readonly name: string
  readonly type: string
  readonly quiesce: QuiescePolicy
  readonly withMemory: boolean
  readonly limit: Duration
}

export interface Work {
  readonly vcenter: VCenter
  readonly key: string
  readonly log: OperationLog
  readonly once: OperationContext['once']
}

/** The instant of a whole copy: the guest may go on. */
export async function cutWhole<Kind extends string>(
  kind: Kind,
  work: Work,
  machine: Machine,
  options: SaveOptions,
): Promise<WholeCut & { readonly kind: Kind }> {
  const snapshot = await takeSnapshot(work, machine, { ...options, withMemory: false })
  const { providerId, power, isQuiesced, left, consistency } = snapshot
  return {
    kind,
    providerId,
    name: options.name,
    machineId: machine.ref.id,
    machineName: machine.name,
    instanceUuid: machine.instanceUuid,
    power,
    isQuiesced,
    left,
    snapshotId: providerId,
    mark: digestOf(work.key),
    ...(consistency === undefined ? {} : { consistency }),
  }
}

/** @throws Fault `vsphere.*` */
export async function takeSnapshot(work: Work, machine: Machine, options: SaveOptions): Promise<SnapshotCopy> {
  const { vcenter, key, log } = work
  const { ref } = machine
  const left = disksOf(machine).flatMap(({ isIndependent, label }) => (isIndependent ? [label] : []))
  if (left.length > 0) log.warning(`Independent disks of ${machine.name} are in no snapshot: ${left.join(', ')}`)
  const id = await work.once({
    lookUp: () => findOwnSnapshot(vcenter, ref, key, options.limit),
    create: () => create(work, machine, options),
  })
  const node = await snapshotIn(vcenter, ref, id)
  if (node === undefined) throw copyDamaged(id, 'it was gone as soon as it was made')
  return {
    kind: 'vsphere.snapshot',
    providerId: id,
    name: options.name,
    machineId: ref.id,
    instanceUuid: machine.instanceUuid,
    power: machine.power,
    isQuiesced: node.isQuiesced,
    hasMemory: machine.power === 'poweredOn' && node.power === 'poweredOn',
    left,
    ...(node.isQuiesced ? { consistency: 'filesystem' as const } : {}),
  }
}

async function create({ vcenter, key, log }: Work, machine: Machine, options: SaveOptions): Promise<string> {
  const { ref, power, hasTools, name } = machine
  const memory = options.withMemory && power === 'poweredOn'
  const canQuiesce = power === 'poweredOn' && !memory
  if (canQuiesce && options.quiesce === 'require' && !hasTools) {
    const message = 'its tools do not run'
    throw fault('vsphere.quiesce_failed', {
      details: { call: `CreateSnapshot_Task ${name}`, message, fault: 'ToolsUnavailable' },
    })
  }
  const take = async (quiesce: boolean): Promise<string> => {
    const args = [
      ['name', options.name],
      ['description', markedDescription(options.type, key)],
      ['memory', memory],
      ['quiesce', quiesce],
    ] as const
    // One that hangs may hold its guest still, and nobody waits for it any more.
    const result = await vcenter.run(ref, 'CreateSnapshot_Task', args, { limit: options.limit, isCancelledLate: true })
    return result?.text.trim() ?? ''
  }
  const quiesce = canQuiesce && hasTools && options.quiesce !== 'never'
  try {
    return await take(quiesce)
  } catch (thrown) {
    const isOptional = quiesce && options.quiesce === 'prefer'
    if (!isOptional || !(thrown instanceof Fault) || thrown.code !== 'vsphere.quiesce_failed') throw thrown
    log.warning(`${thrown.message}; the snapshot is taken as after a power cut`)
    return take(false)
  }
}

/** What this work made, whatever became of the answer; undefined: nothing. */
export async function findOwnSnapshot(
  vcenter: VCenter,
  ref: Ref,
  key: string,
  limit?: Duration,
): Promise<string | undefined> {
  await untilIdle(vcenter, ref, limit)
  for (const node of everySnapshot(await snapshotsIn(vcenter, ref)))
    if (isMarked(node.description, key)) return node.ref.id
  return undefined
}

async function snapshotIn(vcenter: VCenter, ref: Ref, id: string): Promise<SnapshotNode | undefined> {
  return [...everySnapshot(await snapshotsIn(vcenter, ref))].find((node) => node.ref.id === id)
}

export async function settleSnapshot(vcenter: VCenter, copy: SnapshotCopy): Promise<SnapshotCopy & Part> {
  const check = await checkSnapshot(vcenter, copy)
  if (!check.isUsable) throw copyDamaged(copy.name, check.reason ?? 'it is not there')
  return { ...copy, bytes: null, digest: null }
}

/** Reads back, without changing anything, whether it is there and can be put back. */
export async function checkSnapshot(vcenter: VCenter, { providerId, machineId }: SnapshotCopy): Promise<PartCheck> {
  const node = await snapshotIn(vcenter, refOf(machineId), providerId)
  if (node !== undefined) return { isUsable: true, isMissing: false, reason: null }
  return { isUsable: false, isMissing: true, reason: `machine ${machineId} has no snapshot '${providerId}'` }
}

/** What is gone is as good. Snapshots that were taken after it stay. @throws Fault `vsphere.not_consolidated` */
export async function deleteSnapshot(vcenter: VCenter, ref: Ref, id: string, limit: Duration): Promise<void> {
  await untilIdle(vcenter, ref, limit)
  // Gone by an attempt of ours whose disks may still lie in pieces.
  if ((await snapshotIn(vcenter, ref, id)) === undefined) return consolidate(vcenter, ref, limit)
  try {
    await vcenter.run(
      { type: 'VirtualMachineSnapshot', id },
      'RemoveSnapshot_Task',
      [
        ['removeChildren', false],
        ['consolidate', true],
      ],
      { limit },
    )
  } catch (thrown) {
    const isGone = thrown instanceof Fault && thrown.code === 'vsphere.not_found'
    if (!isGone) throw thrown
  }
  await consolidate(vcenter, ref, limit)
}

// A snapshot may be gone from the tree while its files are still written to: unseen they grow until the datastore is full.
async function consolidate(vcenter: VCenter, ref: Ref, limit: Duration): Promise<void> {
  const machine = await findMachine(vcenter, ref)
  if (machine?.needsConsolidation !== true) return
  await vcenter.run(ref, 'ConsolidateVMDisks_Task', [], { limit })
  if ((await findMachine(vcenter, ref))?.needsConsolidation !== true) return
  throw fault('vsphere.not_consolidated', {
    details: { name: machine.name, reason: 'the vCenter could not merge them' },
  })
}

/** undefined: there is none, or it is of another kind. @throws Fault `vsphere.copy_damaged` */
export function snapshotCopyIn(value: Json | undefined): SnapshotCopy | undefined {
  if (!isJsonObject(value) || value['kind'] !== 'vsphere.snapshot') return undefined
  const { providerId, machineId, power } = value
  if ([providerId, machineId, power].every((one) => typeof one === 'string')) return value as unknown as SnapshotCopy
  throw copyDamaged(String(providerId), 'what the catalog recorded of it is not complete')
}
