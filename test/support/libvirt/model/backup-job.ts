// A push backup: what the disks hold at its instant is copied to its targets, by a job that goes on after the call.
import { existsSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { allAt, attributeAt, element, textAt, type XmlElement } from '../../../../src/plugins/libvirt/xml/element.ts'
import { writeXml } from '../../../../src/plugins/libvirt/xml/write.ts'
import { findCheckpoint, plannedCheckpoint, type Checkpoint } from './checkpoints.ts'
import type { Disk, Domain } from './domain.ts'
import { parsed } from './domain-xml.ts'
import { blankImage, contentOf, readImage, writeImage, type Blocks, type ImageFormat } from './image.ts'
import { jobOperation, jobType, type JobStats } from './job-stats.ts'
import { internalError, invalidArgument, systemError, unsupportedConfiguration, VirError } from './vir-error.ts'

const reuseExternal = 1
const blockJobBackup = 5

interface Target {
  readonly disk: Disk
  readonly file: string
  readonly format: ImageFormat
  readonly blocks: Blocks
  readonly capacity: number
  /** Was there before, and stays when the backup fails. */
  readonly isReused: boolean
}

export class BackupJob {
  readonly incremental: string | undefined
  readonly #domain: Domain
  readonly #targets: readonly Target[]
  readonly #end: () => void
  readonly #abort = new AbortController()
  #isGone = false

  constructor(domain: Domain, targets: readonly Target[], incremental: string | undefined, end: () => void) {
    this.#domain = domain
    this.#targets = targets
    this.incremental = incremental
    this.#end = end
  }

  /** A daemon that was restarted may have lost sight of a disk whose copying ended meanwhile; then the job never ends. */
  hasLostSight = false

  copies(target: string): boolean {
    return !this.hasLostSight && this.#targets.some(({ disk }) => disk.target === target)
  }

  get total(): number {
    return this.#targets.reduce((sum, { capacity }) => sum + capacity, 0)
  }

  get stats(): JobStats {
    return { type: jobType.unbounded, operation: jobOperation.backup, elapsed: 1, total: this.total, processed: 0 }
  }

  /** Asked for by a client: ends as cancelled. */
  cancel(): void {
    this.#abort.abort()
  }

  /** QEMU is gone, and the job with it. */
  interrupt(): void {
    this.#isGone = true
    this.#abort.abort()
  }

  async run(): Promise<void> {
    let error: string | undefined
    try {
      await this.#domain.host.takes('backup', this.#domain, this.#abort.signal)
      for (const target of this.#targets) this.#fill(target)
    } catch (thrown) {
      error = this.#isGone ? '' : this.#abort.signal.aborted ? 'Operation canceled' : wordsOf(thrown)
    }
    this.#finish(error)
  }

  #fill({ file, format, blocks, capacity }: Target): void {
    this.#domain.host.mustHaveRoom(file)
    const image = existsSync(file) && format === 'qcow2' ? readImage(file) : blankImage(format, capacity)
    image.blocks = new Map([...image.blocks, ...blocks])
    writeImage(file, image)
  }

  #removeTargets(): void {
    for (const { file, isReused } of this.#targets) if (!isReused) rmSync(file, { force: true })
  }

  #finish(error: string | undefined): void {
    const domain = this.#domain
    const isCancelled = this.#abort.signal.aborted
    const stats: JobStats = {
      type: error === undefined ? jobType.completed : isCancelled ? jobType.cancelled : jobType.failed,
      operation: jobOperation.backup,
      elapsed: 28,
      total: this.total,
      processed: error === undefined ? this.total : 0,
      isSuccess: error === undefined,
      ...(error ? { error } : {}),
    }
    if (error !== undefined) this.#removeTargets()
    if (domain.backup === this) domain.backup = undefined
    domain.completedJob = stats
    this.#end()
    domain.tell({ id: 21, fields: { params: domain.host.parametersOf(stats) } })
    if (this.#isGone) return
    const status = error === undefined ? 0 : isCancelled ? 2 : 1
    for (const { disk } of this.#targets) {
      domain.tell({ id: 8, fields: { path: disk.path, type: blockJobBackup, status } })
      domain.tell({ id: 16, fields: { dst: disk.target, type: blockJobBackup, status } })
    }
  }

  xml(): string {
    const disks = this.#targets.map(({ disk, file, format }) =>
      element(
        'disk',
        {
          name: disk.target,
          backup: 'yes',
          type: 'file',
          backupmode: this.incremental === undefined ? 'full' : 'incremental',
          ...(this.incremental === undefined ? {} : { incremental: this.incremental }),
          index: 1,
        },
        element('driver', { type: format }),
        element('target', { file }),
      ),
    )
    return writeXml(
      element(
        'domainbackup',
        { mode: 'push' },
        this.incremental === undefined ? undefined : element('incremental', {}, this.incremental),
        element('disks', {}, ...disks),
      ),
    )
  }
}

/** Returns when the job has begun. @throws VirError 8, 9, 38, 55, 67, 103, 109 */
export async function beginBackup(
  domain: Domain,
  xml: string,
  checkpointXml: string | null,
  flags: number,
): Promise<void> {
  if (!domain.isActive) {
    throw new VirError(84, 'Operation not supported: backing up of inactive domain is not supported yet')
  }
  const wanted = parsed(xml, 'domainbackup')
  if (wanted.attributes['mode'] === 'pull') throw unsupportedConfiguration('the fake daemon plays no pull backups')
  const incremental = textAt(wanted, 'incremental') || undefined
  const since = incremental === undefined ? undefined : checkpointOf(domain, incremental)
  const plans = plansOf(domain, wanted)
  const isReused = (flags & reuseExternal) !== 0
  const end = await domain.jobs.begin('remoteDispatchDomainBackupBegin', 'modify')
  try {
    const checkpoint = checkpointXml === null ? undefined : plannedCheckpoint(domain, checkpointXml)
    for (const plan of plans) prepare(domain, plan, isReused)
    const targets = plans.map((plan) => ({
      ...plan,
      ...captured(plan.disk, plan.isWhole ? undefined : since),
      isReused,
    }))
    if (checkpoint) domain.checkpoints.set(checkpoint.name, checkpoint)
    domain.backup = new BackupJob(domain, targets, incremental, end)
  } catch (thrown) {
    end()
    throw thrown
  }
  domain.completedJob = undefined
  void domain.backup.run()
}

function checkpointOf(domain: Domain, name: string): Checkpoint {
  if (!domain.checkpoints.has(name)) {
    const [disk] = domain.writableDisks()
    throw new VirError(
      103,
      `Domain checkpoint not found: Checkpoint '${name}' for incremental backup of disk '${disk?.target ?? ''}' not found`,
    )
  }
  const checkpoint = findCheckpoint(domain, name)
  if (checkpoint.isBroken) {
    throw new VirError(109, `checkpoint inconsistent: missing or broken bitmap '${name}' for disk 'vda'`)
  }
  return checkpoint
}

type Plan = Pick<Target, 'disk' | 'file' | 'format'> & { readonly isWhole: boolean }

function plansOf(domain: Domain, wanted: XmlElement): readonly Plan[] {
  const described = new Map(allAt(wanted, 'disks/disk').map((disk) => [disk.attributes['name'] ?? '', disk]))
  for (const name of described.keys()) {
    if (!domain.findDisk(name)) throw unsupportedConfiguration(`no disk named '${name}'`)
  }
  return domain.writableDisks().flatMap((disk) => {
    const one = described.get(disk.target)
    if (one?.attributes['backup'] === 'no' || (one === undefined && described.size > 0)) return []
    const file = one && attributeAt(one, 'target', 'file')
    const format = one && attributeAt(one, 'driver', 'type') === 'raw' ? ('raw' as const) : ('qcow2' as const)
    const isWhole = one?.attributes['backupmode'] === 'full'
    return [{ disk, file: file ?? `${disk.path}.${Math.floor(Date.now() / 1000)}`, format, isWhole }]
  })
}

function prepare(domain: Domain, { disk, file, format }: Plan, isReused: boolean): void {
  if (isReused) {
    if (!existsSync(file)) {
      throw internalError(
        `unable to execute QEMU command 'blockdev-add': Could not open '${file}': No such file or directory`,
      )
    }
    if (format === 'qcow2' && readImage(file).capacity !== capacityOf(disk)) {
      throw internalError("unable to execute QEMU command 'transaction': Source and target image have different sizes")
    }
    return
  }
  if (existsSync(file)) throw invalidArgument(`store '${file}' for backup of '${disk.target}' exists`)
  if (!existsSync(dirname(file))) throw systemError(`failed to create image file '${file}': No such file or directory`)
  domain.host.mustHaveRoom(file)
  writeImage(file, blankImage(format, format === 'raw' ? 0 : capacityOf(disk)))
}

const capacityOf = (disk: Disk): number => readImage(disk.path, disk.format).capacity

function captured(disk: Disk, since: Checkpoint | undefined): { readonly blocks: Blocks; readonly capacity: number } {
  const content = contentOf(disk.path, disk.format)
  const dirty = since?.dirty(disk.target)
  const blocks = dirty ? new Map([...content].filter(([block]) => dirty.has(block))) : content
  return { blocks, capacity: capacityOf(disk) }
}

function wordsOf(thrown: unknown): string {
  return thrown instanceof VirError && thrown.code === 38 ? 'No space left on device' : String(thrown)
}
