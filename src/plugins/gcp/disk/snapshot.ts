// Snapshots of disks, in two halves: `cutSnapshot` resolves when the instant is past, `settleSnapshot` when all of it was
// uploaded and read back. A snapshot holds only what changed, and none needs another one of ours.
import { formatDuration, seconds, type Duration } from '../../../kernel/duration.ts'
import { Fault, fault } from '../../../kernel/fault.ts'
import type { PartCheck } from '../../contract/operation.ts'
import { checked, lastPart, type Operation } from '../client/operations.ts'
import { pathOf, type Project } from '../client/project.ts'
import { errorState } from '../errors.ts'
import { copyName, isMarked, labelNames } from '../names.ts'
import { until } from '../../http/wait.ts'
import { untilGone, untilStatus } from '../wait.ts'
import { beginOnce, labelsOf, type Work } from '../work.ts'
import { diskPath, findSnapshot, snapshotPath, type DiskView, type SnapshotView } from './views.ts'

/** Of one disk; the real rule is told in the documentation of snapshots. */
export const copiesPerHour = 6
export const copyLimit: Duration = seconds(6 * 3600)

export interface SnapshotOptions {
  readonly zone: string
  readonly disk: DiskView
  /** For people: `daily`. */
  readonly type: string
  /** The guest is told to write everything down and stand still; one that does not answer makes it fail. */
  readonly isFlushed: boolean
}

const partOf = (disk: Pick<DiskView, 'id'>): string => `snapshot/${disk.id}`

export const snapshotName = (work: Work, diskId: string): string => copyName(work.backup ?? 'copy', diskId, work.key)

/** Its name. What it made is taken back by `undoSnapshots`, also when it failed in the middle. */
export async function cutSnapshot(work: Work, { zone, disk, type, isFlushed }: SnapshotOptions): Promise<string> {
  const { project } = work
  const name = snapshotName(work, disk.id)
  const part = partOf(disk)
  const operation = await beginOnce<SnapshotView>(work, {
    part,
    kind: 'snapshot',
    name,
    find: () => findSnapshot(project, name),
    change: {
      path: `${diskPath(zone, disk.name)}/createSnapshot`,
      query: isFlushed ? { guestFlush: true } : {},
      body: { name, description: `${type} of ${disk.name}, for ${work.node}`, labels: labelsOf(work, part) },
    },
  })
  await untilCaptured(work, 'snapshot', name, operation, () => findSnapshot(project, name))
  return name
}

/**
 * Its operation lasts as long as the upload; that the instant is past is seen at the copy itself.
 *
 * @throws Fault of the operation, `gcp.error_state`, `gcp.not_reached`
 */
export async function untilCaptured(
  { project }: Work,
  kind: string,
  name: string,
  operation: Operation | undefined,
  find: () => Promise<{ readonly status: string } | undefined>,
): Promise<void> {
  const limit = seconds(600)
  const look = async (): Promise<Look> => {
    const status = (await find())?.status ?? 'not there yet'
    if (operation === undefined || isCaptured(status)) return { status }
    const place = operation.zone === undefined ? '/global' : pathOf`/zones/${lastPart(operation.zone)}`
    const path = place + pathOf`/operations/${operation.name}`
    return { status, operation: await project.request<Operation>({ method: 'GET', path }) }
  }
  await until(project, look, {
    isDone: ({ status }) => isCaptured(status),
    every: 200,
    deadline: limit,
    check({ status, operation: now }) {
      // What is said of it is no trouble in reading it.
      if (now?.status === 'DONE') checked(project.log, now)
      if (status === 'FAILED' || status === 'INVALID') throw errorState(kind, name, status, 'the cloud gives no reason')
    },
    late: (last) =>
      fault('gcp.not_reached', {
        details: {
          kind,
          name,
          status: last?.status ?? 'not to be read',
          wanted: 'captured',
          limit: formatDuration(limit),
        },
        effect: 'unknown',
      }),
  })
}

interface Look {
  readonly status: string
  readonly operation?: Operation
}

const isCaptured = (status: string): boolean => status === 'UPLOADING' || status === 'READY'

export async function settleSnapshot({ project, copyLimit: given }: Work, name: string): Promise<SnapshotView> {
  const read = async (): Promise<SnapshotView> => {
    const found = await findSnapshot(project, name)
    if (found === undefined) throw fault('gcp.missing', { details: { kind: 'snapshot', name } })
    return found
  }
  return untilStatus(project, read, {
    kind: 'snapshot',
    id: name,
    wanted: ['READY'],
    deadline: given ?? copyLimit,
    status: ({ status }) => status,
  })
}

/** Reads back, without changing anything, whether it is there and usable. */
export async function checkSnapshot(project: Project, name: string): Promise<PartCheck> {
  const found = await findSnapshot(project, name)
  if (found === undefined) return { isUsable: false, isMissing: true, reason: `snapshot '${name}' is gone` }
  const isUsable = found.status === 'READY'
  return { isUsable, isMissing: false, reason: isUsable ? null : `snapshot '${name}' is in status ${found.status}` }
}

/** What is gone is as good. */
export async function deleteSnapshot(project: Project, name: string): Promise<void> {
  const there = await findSnapshot(project, name)
  if (there === undefined) return
  // Nobody can delete it meanwhile.
  if (there.status === 'CREATING' || there.status === 'UPLOADING') {
    await until(project, () => findSnapshot(project, name), {
      isDone: (found) => found?.status !== 'CREATING' && found?.status !== 'UPLOADING',
      deadline: copyLimit,
      late: () => errorState('snapshot', name, there.status, 'it can be deleted only when it is uploaded'),
    })
  }
  await gone(project, 'snapshot', name, snapshotPath(name), () => findSnapshot(project, name))
}

/** Deletes, and reads until it is gone. */
export async function gone(
  project: Project,
  kind: string,
  name: string,
  path: string,
  find: () => Promise<{ readonly status: string } | undefined>,
): Promise<void> {
  try {
    if ((await find()) === undefined) return
    await project.change({ method: 'DELETE', path })
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'gcp.not_found') throw thrown
  }
  await untilGone(project, find, { kind, id: name, failed: () => false, status: ({ status }) => status })
}

/** What a piece of work made of these disks, whether or not its outcome is known. */
export async function undoSnapshots(
  work: Work,
  zone: string,
  disks: readonly Pick<DiskView, 'id' | 'name'>[],
): Promise<void> {
  const { project } = work
  // What was asked for and is not yet there would be there after us.
  await untilNothingBegun(project, pathOf`/zones/${zone}`, (one) =>
    disks.some(({ name }) => one.operationType === 'createSnapshot' && one.targetLink?.endsWith(`/disks/${name}`)),
  )
  const names = new Set(disks.map(({ id }) => snapshotName(work, id)))
  for await (const one of ownSnapshots(work)) names.add(one.name)
  for (const name of names) {
    const found = await findSnapshot(project, name)
    if (found !== undefined && isOfWork(work, found)) await deleteSnapshot(project, name)
  }
}

const isOfWork = (work: Work, { labels, sourceDiskId = '' }: SnapshotView): boolean =>
  isMarked(labels, { key: work.key, part: partOf({ id: sourceDiskId }) })

function ownSnapshots(work: Work): AsyncIterable<SnapshotView> {
  const label = labelsOf(work, '')[labelNames.work] ?? ''
  return work.project.pages<SnapshotView>({
    path: '/global/snapshots',
    query: { filter: `labels.${labelNames.work} = ${label}` },
  })
}

export async function untilNothingBegun(
  project: Project,
  place: string,
  isMeant: (operation: Operation) => boolean | undefined,
): Promise<void> {
  const query = { filter: 'status != DONE' }
  for await (const one of project.pages<Operation>({ path: `${place}/operations`, query })) {
    if (one.status === 'DONE' || isMeant(one) !== true) continue
    // A snapshot's operation ends with its upload, and what it makes is there long before.
    const found = await project.request<Operation>({
      method: 'POST',
      path: `${place}${pathOf`/operations/${one.name}/wait`}`,
      isRead: true,
    })
    if (found.status !== 'DONE') project.log.debug(`${one.operationType ?? 'operation'} ${one.name} is still under way`)
  }
}

/** @throws Fault `gcp.snapshot_rate`: told before anybody is frozen for it */
export async function refuseTooMany(project: Project, disk: DiskView): Promise<void> {
  const now = project.world.clock.now()
  const times: number[] = []
  const query = { filter: `sourceDiskId eq ${disk.id}` }
  for await (const { creationTimestamp = '', sourceDiskId } of project.pages<SnapshotView>({
    path: '/global/snapshots',
    query,
  })) {
    const at = Date.parse(creationTimestamp)
    if (sourceDiskId === disk.id && now - at < 3_600_000) times.push(at)
  }
  if (times.length < copiesPerHour) return
  const oldest = times.toSorted((left, right) => left - right).at(-copiesPerHour) ?? now
  throw fault('gcp.snapshot_rate', {
    details: { kind: 'disk', name: disk.name, count: times.length, most: copiesPerHour },
    after: Math.max(oldest + 3_600_000 - now, 1000),
  })
}
