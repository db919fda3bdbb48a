// Jobs of single disks: committing overlays down, pulling what is below up, copying. They go on after their call.
import { existsSync, rmSync } from 'node:fs'
import { attributeAt, element, type XmlElement } from '../../../../src/plugins/libvirt/xml/element.ts'
import type { Disk, Domain } from './domain.ts'
import { parsed, withDiskSource } from './domain-xml.ts'
import { blankImage, chainOf, commitInto, contentOf, readImage, writeImage } from './image.ts'
import { invalidArgument, operationInvalid, systemError, VirError } from './vir-error.ts'

export const blockJobTypes = { pull: 1, copy: 2, commit: 3, activeCommit: 4, backup: 5 } as const
const status = { completed: 0, failed: 1, cancelled: 2, ready: 3 } as const
const commitFlags = { shallow: 1, delete: 2, active: 4 } as const

export class BlockJob {
  readonly type: number
  readonly disk: Disk
  /** Shown in the domain's document while it lasts. */
  mirror: XmlElement | undefined
  isReady = false
  readonly #domain: Domain
  readonly #abort = new AbortController()
  readonly #data: () => void
  readonly #pivoted: (() => void) | undefined

  /** @param pivoted given for jobs that wait for a pivot when their data is there */
  constructor(domain: Domain, disk: Disk, type: number, data: () => void, pivoted?: () => void) {
    this.#domain = domain
    this.disk = disk
    this.type = type
    this.#data = data
    this.#pivoted = pivoted
  }

  async run(): Promise<void> {
    try {
      await this.#domain.host.takes('commit', this.#domain, this.#abort.signal)
      this.#data()
    } catch {
      if (this.#abort.signal.aborted) return
      this.#end(status.failed)
      return
    }
    if (!this.#pivoted) {
      this.#end(status.completed)
      return
    }
    this.isReady = true
    const { mirror } = this
    if (mirror) this.mirror = { ...mirror, attributes: { ...mirror.attributes, ready: 'yes' } }
    this.#tell(status.ready)
  }

  /** @throws VirError 83 while it is not ready */
  pivot(): void {
    if (!this.isReady) {
      throw new VirError(83, `block copy still active: disk '${this.disk.target}' not ready for pivot yet`)
    }
    // What was written since it became ready goes along.
    this.#data()
    this.#pivoted?.()
    this.#end(status.completed)
  }

  cancel(): void {
    this.#abort.abort()
    this.#end(status.cancelled)
  }

  interrupt(): void {
    this.#abort.abort()
  }

  #end(outcome: number): void {
    this.#domain.blockJobs.delete(this.disk.target)
    this.#tell(outcome)
  }

  #tell(outcome: number): void {
    const path = this.#domain.findDisk(this.disk.target)?.path ?? this.disk.path
    this.#domain.tell({ id: 8, fields: { path, type: this.type, status: outcome } })
    this.#domain.tell({ id: 16, fields: { dst: this.disk.target, type: this.type, status: outcome } })
  }
}

function diskFor(domain: Domain, name: string): Disk {
  domain.mustBeActive()
  const disk = domain.findDisk(name)
  if (!disk) throw invalidArgument(`invalid path ${name} not assigned to domain`)
  if (domain.blockJobs.has(disk.target)) {
    throw new VirError(83, `block copy still active: disk '${disk.target}' already in active block job`)
  }
  return disk
}

function begin(domain: Domain, job: BlockJob): void {
  domain.blockJobs.set(job.disk.target, job)
  void job.run()
}

export interface CommitRequest {
  readonly disk: string
  readonly base: string | null
  readonly top: string | null
  readonly flags: number
}

/** @throws VirError 8, 55, 83 */
export function blockCommit(domain: Domain, request: CommitRequest): void {
  const disk = diskFor(domain, request.disk)
  const chain = chainOf(disk.path, disk.format)
  const top = request.top === null ? disk.path : request.top
  const topAt = chain.findIndex((layer) => layer.path === top)
  if (topAt < 0) throw invalidArgument(`could not find image '${top}' in chain for '${disk.path}'`)
  const below = chain.slice(topAt + 1)
  const base = baseOf(
    request,
    below.map((layer) => layer.path),
  )
  if (base === undefined) throw invalidArgument(`top '${top}' in chain for '${disk.path}' has no backing file`)
  const isActive = topAt === 0
  if (isActive && (request.flags & commitFlags.active) === 0) {
    throw invalidArgument(`commit of '${disk.target}' active layer requires active flag`)
  }
  const format = below.find((layer) => layer.path === base)?.image.format ?? 'qcow2'
  const isDeleted = (request.flags & commitFlags.delete) !== 0
  const merge = (): void => commitInto(base, top)
  const job = isActive
    ? new BlockJob(domain, disk, blockJobTypes.activeCommit, merge, () => useFile(domain, disk, base, format))
    : new BlockJob(domain, disk, blockJobTypes.commit, () => {
        merge()
        relink(chain[topAt - 1]?.path ?? '', base, format)
        if (isDeleted) rmSync(top)
      })
  if (isActive) job.mirror = mirrorOf('active-commit', base, format)
  begin(domain, job)
}

function baseOf(request: CommitRequest, below: readonly string[]): string | undefined {
  if (request.base !== null) return below.find((path) => path === request.base)
  return (request.flags & commitFlags.shallow) !== 0 ? below[0] : below.at(-1)
}

const mirrorOf = (job: string, file: string, format: string): XmlElement =>
  element('mirror', { type: 'file', job }, element('format', { type: format }), element('source', { file }))

function useFile(domain: Domain, disk: Disk, file: string, format: 'qcow2' | 'raw'): void {
  domain.config = withDiskSource(domain.config, disk.target, file, format)
  if (domain.live) domain.live = withDiskSource(domain.live, disk.target, file, format)
}

function relink(above: string, path: string, format: 'qcow2' | 'raw'): void {
  const image = readImage(above)
  image.backing = { path, format }
  writeImage(above, image)
}

/** Everything below comes up into the disk's own file. */
export function blockPull(domain: Domain, path: string): void {
  const disk = diskFor(domain, path)
  begin(
    domain,
    new BlockJob(domain, disk, blockJobTypes.pull, () => {
      const image = readImage(disk.path, disk.format)
      image.blocks = contentOf(disk.path, disk.format)
      image.backing = undefined
      writeImage(disk.path, image)
    }),
  )
}

const copyFlags = { reuseExternal: 2, transientJob: 4 } as const

export function blockCopy(domain: Domain, path: string, xml: string, flags: number): void {
  const disk = diskFor(domain, path)
  if (domain.isPersistent && (flags & copyFlags.transientJob) === 0) {
    throw operationInvalid('domain is not transient')
  }
  const wanted = parsed(xml, 'disk')
  const file = attributeAt(wanted, 'source', 'file') ?? ''
  const format = attributeAt(wanted, 'driver', 'type') === 'raw' ? 'raw' : 'qcow2'
  const isReused = (flags & copyFlags.reuseExternal) !== 0
  if (!isReused && existsSync(file))
    throw systemError(`external destination file for disk ${disk.target} already exists: ${file}`)
  const { capacity } = readImage(disk.path, disk.format)
  if (!isReused) writeImage(file, blankImage(format, capacity))
  const copy = (): void => {
    const image = blankImage(format, capacity)
    image.blocks = contentOf(disk.path, disk.format)
    writeImage(file, image)
  }
  const job = new BlockJob(domain, disk, blockJobTypes.copy, copy, () => useFile(domain, disk, file, format))
  job.mirror = mirrorOf('copy', file, format)
  begin(domain, job)
}

const abortFlags = { async: 1, pivot: 2 } as const

/** @throws VirError 8 without a job, 83 while a pivot is not possible */
export function blockJobAbort(domain: Domain, path: string, flags: number): void {
  const disk = domain.findDisk(path)
  const job = disk && domain.blockJobs.get(disk.target)
  if (!job) throw invalidArgument(`disk '${disk?.target ?? path}' does not have an active block job`)
  if ((flags & abortFlags.pivot) !== 0) job.pivot()
  else job.cancel()
}
