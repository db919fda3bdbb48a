// Snapshots of a domain: made, listed, gone back to and deleted by the rules of libvirt 9.0.
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  allAt,
  attributeAt,
  element,
  firstAt,
  textAt,
  type XmlElement,
} from '../../../../src/plugins/libvirt/xml/element.ts'
import { writeXml } from '../../../../src/plugins/libvirt/xml/write.ts'
import { frozenForSnapshot } from './agent-calls.ts'
import { type Disk, type Domain } from './domain.ts'
import { paused, running } from './states.ts'
import { parsed, withDiskSource, withoutSecrets } from './domain-xml.ts'
import { blankImage, readImage, writeImage, type ImageFormat } from './image.ts'
import { goOn, halt, memoryOf, off, type SavedMemory } from './power.ts'
import {
  invalidArgument,
  noSnapshot,
  operationFailed,
  systemError,
  unsupportedConfiguration,
  VirError,
} from './vir-error.ts'

export const snapshotFlags = {
  redefine: 1,
  current: 2,
  noMetadata: 4,
  halt: 8,
  diskOnly: 16,
  reuseExternal: 32,
  quiesce: 64,
  atomic: 128,
  live: 256,
  validate: 512,
} as const

export interface SnapshotDisk {
  readonly target: string
  readonly kind: 'no' | 'internal' | 'external'
  /** External: the new file, and what it was put upon. */
  readonly file?: string
  readonly format?: ImageFormat
  readonly base?: string
}

export interface Snapshot {
  readonly name: string
  readonly description: string | undefined
  readonly state: 'running' | 'paused' | 'shutoff' | 'disk-snapshot'
  parent: string | undefined
  /** Seconds. */
  readonly created: number
  readonly memory: 'no' | 'internal' | 'external'
  readonly memoryFile: string | undefined
  readonly disks: readonly SnapshotDisk[]
  readonly document: XmlElement
  readonly inactiveDocument: XmlElement
  readonly saved: SavedMemory | undefined
}

const has = (flags: number, flag: keyof typeof snapshotFlags): boolean => (flags & snapshotFlags[flag]) !== 0

/** @throws VirError 8, 9, 38, 55, 67 as libvirt does */
export async function createSnapshot(domain: Domain, xml: string, flags: number): Promise<Snapshot> {
  const wanted = parsed(xml, 'domainsnapshot')
  if (has(flags, 'quiesce') && !has(flags, 'diskOnly')) {
    throw invalidArgument('quiesce requires disk-only')
  }
  if (has(flags, 'redefine')) return redefine(domain, wanted, flags)
  const name = textAt(wanted, 'name') || String(Math.floor(Date.now() / 1000))
  if (domain.snapshots.has(name)) throw operationFailed(`domain snapshot ${name} already exists`)
  if (has(flags, 'live')) domain.mustBeActive()
  mustHaveNoBlockJob(domain)
  mustHaveNoIdleCheckpoint(domain)
  const plan = planOf(domain, wanted, name, flags)
  return domain.jobs.exclusive('remoteDispatchDomainSnapshotCreateXML', async () =>
    has(flags, 'quiesce') && domain.isActive
      ? frozenForSnapshot(domain, async () => take(domain, plan, flags))
      : take(domain, plan, flags),
  )
}

function mustHaveNoBlockJob(domain: Domain): void {
  if (domain.blockJobs.size > 0) throw new VirError(83, 'block copy still active: domain has active block job')
}

/** @throws VirError 84 */
function mustHaveNoIdleCheckpoint(domain: Domain): void {
  if (domain.isActive || domain.checkpoints.size === 0) return
  throw new VirError(84, 'Operation not supported: cannot create snapshot while checkpoint exists')
}

type Plan = Pick<Snapshot, 'name' | 'description' | 'memory' | 'memoryFile' | 'disks'>

function planOf(domain: Domain, wanted: XmlElement, name: string, flags: number): Plan {
  const memory = firstAt(wanted, 'memory')?.attributes
  const isDiskOnly = has(flags, 'diskOnly')
  const memoryKind = memory?.['snapshot'] as Plan['memory'] | undefined
  if (isDiskOnly && memoryKind !== undefined && memoryKind !== 'no') {
    throw new VirError(27, 'XML error: cannot request memory snapshot for disk-only snapshot')
  }
  const kind = memoryKind ?? (isDiskOnly || !domain.isActive ? 'no' : 'internal')
  const usual = isDiskOnly || kind === 'external' ? 'external' : 'internal'
  const disks = disksOf(domain, wanted, name, usual)
  const isExternal = disks.some((disk) => disk.kind === 'external')
  if (kind === 'internal' && isExternal) {
    throw unsupportedConfiguration('mixing internal and external targets for a snapshot is not yet supported')
  }
  if (isDiskOnly && !isExternal)
    throw unsupportedConfiguration('disk-only snapshots of active domains need at least one disk to be selected')
  if (!isDiskOnly && kind !== 'external' && domain.isActive && isExternal) {
    throw unsupportedConfiguration('internal and external snapshots cannot be mixed')
  }
  for (const disk of disks) checkFile(disk, has(flags, 'reuseExternal'))
  return { name, description: textAt(wanted, 'description'), memory: kind, memoryFile: memory?.['file'], disks }
}

function disksOf(domain: Domain, wanted: XmlElement, name: string, usual: 'internal' | 'external'): SnapshotDisk[] {
  const described = allAt(wanted, 'disks/disk')
  const named = new Map(described.map((disk) => [domain.findDisk(disk.attributes['name'] ?? '')?.target, disk]))
  for (const disk of described) {
    const given = disk.attributes['name'] ?? ''
    if (!domain.findDisk(given)) throw unsupportedConfiguration(`no disk named '${given}'`)
  }
  return domain.disks().map((disk) => diskPlan(disk, named.get(disk.target), name, usual))
}

function diskPlan(
  disk: Disk,
  wanted: XmlElement | undefined,
  name: string,
  usual: 'internal' | 'external',
): SnapshotDisk {
  const isUntouched = disk.isReadOnly || disk.device !== 'disk'
  const file = wanted && attributeAt(wanted, 'source', 'file')
  const said = wanted?.attributes['snapshot']
  const kind = said ?? (file === undefined ? (isUntouched ? 'no' : usual) : 'external')
  if (kind === 'no' || kind === 'manual') return { target: disk.target, kind: 'no' }
  if (kind === 'internal') {
    if (disk.format === 'raw') {
      throw unsupportedConfiguration(`internal snapshot for disk ${disk.target} unsupported for storage type raw`)
    }
    return { target: disk.target, kind: 'internal' }
  }
  const path = file ?? `${disk.path.replace(/\.[^./]*$/, '')}.${name}`
  return { target: disk.target, kind: 'external', file: path, format: 'qcow2', base: disk.path }
}

function checkFile({ kind, file, target }: SnapshotDisk, isReused: boolean): void {
  if (kind !== 'external' || file === undefined) return
  if (isReused && !existsSync(file)) {
    throw systemError(`missing existing file for disk ${target}: ${file}: No such file or directory`)
  }
  if (!isReused && existsSync(file)) {
    throw unsupportedConfiguration(
      `external snapshot file for disk ${target} already exists and is not a block device: ${file}`,
    )
  }
  if (!existsSync(dirname(file))) throw systemError(`failed to create file '${file}': No such file or directory`)
}

async function take(domain: Domain, plan: Plan, flags: number): Promise<Snapshot> {
  const before = domain.state
  const isPausing = domain.isActive && plan.memory !== 'no'
  if (isPausing && before === running) {
    halt(domain, 9)
    domain.tellLifecycle('suspendedPaused')
  }
  const snapshot = captured(domain, plan, before, flags)
  try {
    if (isPausing) await domain.host.takes('snapshot', domain)
    for (const disk of plan.disks) applyTo(domain, disk, plan.name, has(flags, 'reuseExternal'))
  } finally {
    if (isPausing && before === running) {
      goOn(domain, 5)
      domain.tellLifecycle('resumedUnpaused')
    }
  }
  if (!has(flags, 'noMetadata')) {
    domain.snapshots.set(plan.name, snapshot)
    domain.currentSnapshot = snapshot
  }
  if (has(flags, 'halt') && domain.isActive) {
    off(domain, 7)
    domain.tellLifecycle('stoppedFromSnapshot')
  }
  return snapshot
}

function captured(domain: Domain, plan: Plan, state: number, flags: number): Snapshot {
  const states = { [running]: 'running', [paused]: 'paused' } as const
  const isDiskOnly = has(flags, 'diskOnly') && domain.isActive
  const power = (states as Readonly<Record<number, 'running' | 'paused'>>)[state] ?? 'shutoff'
  return {
    ...plan,
    state: isDiskOnly ? 'disk-snapshot' : power,
    parent: domain.currentSnapshot?.name,
    created: Math.floor(Date.now() / 1000),
    document: domain.document,
    inactiveDocument: domain.config,
    saved: domain.isActive && plan.memory !== 'no' ? { ...memoryOf(domain), wasPaused: state === paused } : undefined,
  }
}

function applyTo(domain: Domain, { kind, target, file, base }: SnapshotDisk, name: string, isReused: boolean): void {
  if (kind === 'no') return
  const disk = domain.disk(target)
  const image = readImage(disk.path, disk.format)
  if (kind === 'internal') {
    image.saved.set(name, new Map(image.blocks))
    writeImage(disk.path, image)
    return
  }
  if (file === undefined || base === undefined) return
  domain.host.mustHaveRoom(file)
  if (!isReused) writeImage(file, blankImage('qcow2', image.capacity, { path: base, format: disk.format }))
  domain.config = withDiskSource(domain.config, target, file, 'qcow2')
  if (domain.live) domain.live = withDiskSource(domain.live, target, file, 'qcow2')
}

/** Makes known what exists already: only the record is new. */
function redefine(domain: Domain, wanted: XmlElement, flags: number): Snapshot {
  const name = textAt(wanted, 'name') ?? ''
  const existing = domain.snapshots.get(name)
  const document = firstAt(wanted, 'domain') ?? existing?.document ?? domain.config
  const snapshot: Snapshot = {
    name,
    description: textAt(wanted, 'description'),
    state: (textAt(wanted, 'state') ?? 'shutoff') as Snapshot['state'],
    parent: textAt(wanted, 'parent/name'),
    created: Number(textAt(wanted, 'creationTime') ?? Math.floor(Date.now() / 1000)),
    memory: (attributeAt(wanted, 'memory', 'snapshot') ?? 'no') as Snapshot['memory'],
    memoryFile: attributeAt(wanted, 'memory', 'file'),
    disks: allAt(wanted, 'disks/disk').map((disk) => redefinedDisk(domain, disk)),
    document,
    inactiveDocument: firstAt(wanted, 'inactiveDomain') ?? document,
    saved: existing?.saved,
  }
  domain.snapshots.set(name, snapshot)
  if (has(flags, 'current')) domain.currentSnapshot = snapshot
  return snapshot
}

function redefinedDisk(domain: Domain, disk: XmlElement): SnapshotDisk {
  const target = domain.findDisk(disk.attributes['name'] ?? '')?.target ?? disk.attributes['name'] ?? ''
  const file = attributeAt(disk, 'source', 'file')
  const kind = (disk.attributes['snapshot'] ?? 'no') as SnapshotDisk['kind']
  return file === undefined ? { target, kind } : { target, kind, file, format: 'qcow2' }
}

export function findSnapshot(domain: Domain, name: string): Snapshot {
  const found = domain.snapshots.get(name)
  if (!found) throw noSnapshot(name)
  return found
}

export const childrenOf = (domain: Domain, name: string): readonly Snapshot[] =>
  [...domain.snapshots.values()].filter((snapshot) => snapshot.parent === name)

export function descendantsOf(domain: Domain, name: string): readonly Snapshot[] {
  return childrenOf(domain, name).flatMap((child) => [child, ...descendantsOf(domain, child.name)])
}

export const isExternal = (snapshot: Snapshot): boolean =>
  snapshot.memory === 'external' || snapshot.disks.some((disk) => disk.kind === 'external')

export function snapshotXml(snapshot: Snapshot, isSecure: boolean): string {
  const shown = isSecure ? snapshot.document : withoutSecrets(snapshot.document)
  return writeXml(
    element(
      'domainsnapshot',
      {},
      element('name', {}, snapshot.name),
      snapshot.description === undefined ? undefined : element('description', {}, snapshot.description),
      element('state', {}, snapshot.state),
      snapshot.parent === undefined ? undefined : element('parent', {}, element('name', {}, snapshot.parent)),
      element('creationTime', {}, snapshot.created),
      element('memory', { snapshot: snapshot.memory, file: snapshot.memoryFile }),
      element('disks', {}, ...snapshot.disks.map(diskElement)),
      shown,
    ),
  )
}

function diskElement({ target, kind, file, format }: SnapshotDisk): XmlElement {
  if (kind !== 'external') return element('disk', { name: target, snapshot: kind })
  return element(
    'disk',
    { name: target, snapshot: kind, type: 'file' },
    element('driver', { type: format ?? 'qcow2' }),
    element('source', { file }),
  )
}
