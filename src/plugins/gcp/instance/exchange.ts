// Disks of an instance exchanged for new ones made of copies: each comes to where the old one was, under the same device name.
// Nothing of the old is deleted before all of the new is in place; when it fails, the old is put back.
import { asFault, Fault } from '../../../kernel/fault.ts'
import type { Json } from '../../../kernel/json.ts'
import type { DiskCopy } from '../disk/copy.ts'
import { diskFromCopy, dropDisk, newDiskName, partial, partOfCopy } from '../disk/new-disk.ts'
import { checkSnapshot, untilNothingBegun } from '../disk/snapshot.ts'
import { findDisk, readDisk, type DiskView } from '../disk/views.ts'
import { pathOf, type Project } from '../client/project.ts'
import { copyDamaged, notRestorable } from '../errors.ts'
import type { Memory } from '../memory.ts'
import type { Work } from '../work.ts'
import { begunIn, type Begun, type Exchange, type Place } from './begun.ts'
import { whileOff, type IdleOptions } from './idle.ts'
import { checkImage } from './machine-image.ts'
import {
  actOn,
  deviceAt,
  diskNameOf,
  instanceAt,
  instancePath,
  readInstance,
  untilQuiet,
  type InstanceRef,
} from './views.ts'

export interface ExchangeOptions extends IdleOptions {
  /** Which disk had which place: an attempt that died may have left it empty. */
  readonly places: Memory
  /** Keeps what the new disks are called, in the same breath in which the places are forgotten. */
  record?(disks: readonly DiskView[]): void
}

/** What is put back, and whose place it takes: a disk that is there now. */
export interface Wanted {
  readonly copy: DiskCopy
  /** Its name now; undefined: it is gone, and nothing has its place. */
  readonly current: string | undefined
}

/** Resolves with the disks that are there now, in the order of what was wanted. */
export async function exchangeDisks(
  work: Work,
  wanted: readonly Wanted[],
  options: ExchangeOptions,
): Promise<readonly DiskView[]> {
  const { project } = work
  await requireUsable(
    project,
    wanted.map(({ copy }) => copy),
  )
  const same = await begun(work, wanted, options)
  const exchanges = same.begun.exchanges ?? (await prepared(same, wanted, options))
  try {
    await inPlace(project, exchanges, options)
  } catch (thrown) {
    await withdrawn(work, exchanges, options, thrown)
    throw thrown
  }
  for (const { zone, old, fresh } of exchanges) if (old.id !== fresh.id) await dropDisk(work, zone, old)
  const disks = await Promise.all(exchanges.map(({ zone, fresh }) => readDisk(project, zone, fresh.name)))
  options.record?.(disks)
  await options.places.write(undefined)
  return disks
}

/** @throws Fault `gcp.copy_damaged` */
export async function requireUsable(project: Project, copies: readonly DiskCopy[]): Promise<void> {
  for (const { snapshot, machineImage } of copies) {
    const { isUsable, reason } =
      machineImage === null ? await checkSnapshot(project, snapshot ?? '') : await checkImage(project, machineImage)
    if (!isUsable) throw copyDamaged(snapshot ?? machineImage ?? '', reason ?? 'nobody knows why')
  }
}

interface Same {
  /** Under the key of the attempt that began it. */
  readonly work: Work
  readonly begun: Begun
}

// An attempt that died is carried on under its own key; what it was to put back may not be what is to be put back now.
async function begun(work: Work, wanted: readonly Wanted[], options: ExchangeOptions): Promise<Same> {
  const { places } = options
  const from = wanted.map(({ copy }) => partOfCopy(copy))
  const kept = begunIn(places.read())
  if (kept !== undefined && kept.from.join() === from.join()) {
    return { work: { ...work, key: kept.key, inDoubt: true }, begun: kept }
  }
  if (kept?.exchanges) {
    const { exchanges } = kept
    const before = await Promise.all(exchanges.map(({ zone, old }) => findDisk(work.project, zone, old.name)))
    // Once the first of the old is deleted, all of the new is in place.
    if (!before.includes(undefined)) await inPlace(work.project, exchanges.map(turned), options)
  }
  if (kept !== undefined) await dropBegun(work.project, kept, wanted)
  const disks = wanted.map(({ copy }) => ({ zone: copy.disk.zone, name: newDiskName(work, copy) }))
  const fresh: Begun = { key: work.key, from, disks, exchanges: null }
  await places.write(fresh)
  return { work, begun: fresh }
}

const turned = ({ old, fresh, ...rest }: Exchange): Exchange => ({ ...rest, old: fresh, fresh: old })

async function dropBegun(project: Project, { disks }: Begun, wanted: readonly Wanted[]): Promise<void> {
  for (const { zone, name } of disks) {
    await untilNothingBegun(project, pathOf`/zones/${zone}`, ({ targetLink }) => targetLink?.endsWith(`/disks/${name}`))
    const disk = await findDisk(project, zone, name)
    const isNeeded = (disk?.users ?? []).length > 0 || wanted.some(({ current }) => current === name)
    if (disk !== undefined && !isNeeded) await dropDisk({ project }, zone, disk)
  }
}

// The new disks are made while instances still run: they are away only while disks change places.
async function prepared(
  { work, begun: record }: Same,
  wanted: readonly Wanted[],
  { lasting, places }: ExchangeOptions,
): Promise<readonly Exchange[]> {
  const { project } = work
  const exchanges: Exchange[] = []
  try {
    for (const { copy, current } of wanted) {
      const { zone } = copy.disk
      const old = current === undefined ? undefined : await findDisk(project, zone, current)
      if (old === undefined && copy.deviceName !== null) {
        throw notRestorable(copy.disk.name, `the instance has nothing at ${copy.deviceName} any more`)
      }
      const where = old === undefined ? [] : await placesOf(project, old)
      const { id, name } = await diskFromCopy(work, copy, old?.sizeGb)
      exchanges.push({ zone, old: { id: old?.id ?? id, name: old?.name ?? name }, fresh: { id, name }, places: where })
    }
    await places.write({ ...record, exchanges })
    return exchanges
  } catch (thrown) {
    await bestEffort(lasting, 'What was made for it', async () => {
      await dropBegun(lasting, record, wanted)
      await places.write(undefined)
    })
    throw thrown
  }
}

async function placesOf(project: Project, disk: DiskView): Promise<readonly Place[]> {
  const places: Place[] = []
  for (const user of disk.users ?? []) {
    const ref = instanceAt(user)
    if (ref === undefined) throw notRestorable(disk.name, `it is used by ${user}`)
    const attached = (await readInstance(project, ref)).disks?.find((one) => diskNameOf(one) === disk.name)
    if (attached === undefined) continue
    const { deviceName, mode, boot = false, autoDelete = false, interface: bus = null } = attached
    places.push({ zone: ref.zone, instance: ref.name, deviceName, mode, boot, autoDelete, interface: bus })
  }
  return places
}

async function inPlace(project: Project, exchanges: readonly Exchange[], options: ExchangeOptions): Promise<void> {
  const users = new Map<string, InstanceRef>()
  for (const { places } of exchanges) {
    for (const { zone, instance: name } of places) users.set(instancePath({ zone, name }), { zone, name })
  }
  await whileOff(project, [...users.values()], options, async () => {
    try {
      for (const exchange of exchanges) await seat(project, exchange, 'fresh')
    } catch (thrown) {
      // Before the instance runs again, and after what was asked for without an answer.
      for (const ref of users.values())
        await bestEffort(options.lasting, ref.name, () => untilQuiet(options.lasting, ref))
      for (const exchange of exchanges) {
        await bestEffort(options.lasting, `disk ${exchange.old.name}`, () => seat(options.lasting, exchange, 'old'))
      }
      throw thrown
    }
  })
}

/** In each place of the one stands the other, whatever an attempt before has come to. */
async function seat(project: Project, { zone, places, ...both }: Exchange, which: 'old' | 'fresh'): Promise<void> {
  const { name } = both[which]
  for (const place of places) {
    const { instance, deviceName, mode, boot, autoDelete, interface: bus } = place
    const ref = { zone: place.zone, name: instance }
    const now = deviceAt(await readInstance(project, ref), deviceName)
    if (now !== undefined && diskNameOf(now) === name) continue
    if (now !== undefined) await actOn(project, ref, 'detachDisk', { query: { deviceName } })
    const disk = await readDisk(project, zone, name)
    const own = bus === null ? {} : { interface: bus }
    const body = { source: partial(disk.selfLink), deviceName, mode, boot, autoDelete, ...own }
    await attached(project, ref, body)
  }
}

async function attached(
  project: Project,
  ref: InstanceRef,
  body: { readonly source: string; readonly deviceName: string } & Readonly<Record<string, Json>>,
): Promise<void> {
  try {
    await actOn(project, ref, 'attachDisk', { body })
  } catch (thrown) {
    // The answer was lost, perhaps not the effect.
    const isLost = thrown instanceof Fault && thrown.effect === 'unknown' && !project.signal.aborted
    if (isLost) await untilQuiet(project, ref)
    const now = isLost ? deviceAt(await readInstance(project, ref), body.deviceName) : undefined
    if (now === undefined || !body.source.endsWith(`/${diskNameOf(now)}`)) throw thrown
  }
}

// Where the old disks are in place, nothing of the new is left; where they are not, nobody knows what is needed.
async function withdrawn(
  work: Work,
  exchanges: readonly Exchange[],
  { lasting, places }: ExchangeOptions,
  thrown: unknown,
): Promise<void> {
  for (const { zone, old, fresh } of exchanges) {
    if (old.id === fresh.id) continue
    const there = await findDisk(lasting, zone, fresh.name).catch(() => undefined)
    if (there === undefined || (there.users ?? []).length > 0) {
      lasting.log.error(`Disk ${fresh.name} keeps the place of ${old.name}: ${asFault(thrown).message}`)
      return
    }
  }
  for (const { zone, old, fresh } of exchanges) {
    if (old.id === fresh.id) continue
    await bestEffort(lasting, `disk ${fresh.name}`, () => dropDisk({ ...work, project: lasting }, zone, fresh))
  }
  await places.write(undefined)
}

// What failed first is what must be told.
async function bestEffort(project: Project, what: string, act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (problem) {
    project.log.error(`${what} is left as it is: ${asFault(problem).message}`)
  }
}
