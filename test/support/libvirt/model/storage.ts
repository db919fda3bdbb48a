// Pools of files and the volumes in them. A volume is a real file; others that appear in a pool are seen after a refresh.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { element, firstAt, textAt, withChild, type XmlElement } from '../../../../src/plugins/libvirt/xml/element.ts'
import { writeXml } from '../../../../src/plugins/libvirt/xml/write.ts'
import type { DiskSource } from './domain-xml.ts'
import { parsed } from './domain-xml.ts'
import type { Host } from './host.ts'
import { blankImage, contentOf, formatOf, readImage, writeImage, type Image, type ImageFormat } from './image.ts'
import { noPool, noVolume, operationFailed, operationInvalid, systemError, VirError } from './vir-error.ts'

export interface Volume {
  readonly pool: string
  readonly name: string
  readonly key: string
}

const events = { defined: 0, undefined: 1, started: 2, stopped: 3, created: 4, deleted: 5 } as const

export class Pool {
  readonly name: string
  readonly uuid: string
  document: XmlElement
  isActive = false
  isPersistent = true
  autostart = false
  /** Names of the volumes that the daemon knows of. */
  readonly known = new Set<string>()

  constructor(document: XmlElement, uuid: string) {
    this.name = textAt(document, 'name') ?? ''
    this.uuid = uuid
    this.document = withChild(document, element('uuid', {}, uuid))
  }

  get path(): string {
    return textAt(this.document, 'target/path') ?? ''
  }

  refresh(): void {
    this.known.clear()
    if (!existsSync(this.path)) return
    for (const entry of readdirSync(this.path, { withFileTypes: true })) {
      if (entry.isFile() && !entry.name.endsWith('.part')) this.known.add(entry.name)
    }
  }
}

export class Storage {
  readonly pools = new Map<string, Pool>()
  readonly #host: Host

  constructor(host: Host) {
    this.#host = host
  }

  /** @throws VirError 49 */
  pool(name: string): Pool {
    const found = this.pools.get(name)
    if (!found) throw noPool(name)
    return found
  }

  pathOf(source: DiskSource): string {
    return 'file' in source ? source.file : join(this.pool(source.pool).path, source.volume)
  }

  /** @throws VirError 9 when another pool has its name */
  define(xml: string, isPersistent = true): Pool {
    const document = parsed(xml, 'pool')
    const before = this.pools.get(textAt(document, 'name') ?? '')
    const given = textAt(document, 'uuid')
    if (before && given !== before.uuid) {
      throw operationFailed(`pool '${before.name}' already exists with uuid ${before.uuid}`)
    }
    const path = textAt(document, 'target/path')
    const neighbour = [...this.pools.values()].find((one) => one !== before && one.path === path)
    if (neighbour) throw operationFailed(`Storage source conflict with pool: '${neighbour.name}'`)
    const pool = before ?? new Pool(document, given ?? this.#host.newUuid())
    pool.document = withChild(document, element('uuid', {}, pool.uuid))
    pool.isPersistent = isPersistent
    this.pools.set(pool.name, pool)
    this.#tell(pool, 'defined')
    return pool
  }

  build(pool: Pool): void {
    mkdirSync(pool.path, { recursive: true })
  }

  start(pool: Pool): void {
    if (pool.isActive) throw operationInvalid(`storage pool '${pool.name}' is already active`, 18)
    if (!existsSync(pool.path)) {
      throw systemError(`cannot open directory '${pool.path}': No such file or directory`, 18)
    }
    pool.isActive = true
    pool.refresh()
    this.#tell(pool, 'started')
  }

  stop(pool: Pool): void {
    mustBeActive(pool)
    pool.isActive = false
    this.#tell(pool, 'stopped')
    if (!pool.isPersistent) this.pools.delete(pool.name)
  }

  delete(pool: Pool): void {
    if (pool.isActive) throw operationInvalid(`storage pool '${pool.name}' is still active`, 18)
    try {
      rmdirSync(pool.path)
    } catch {
      throw systemError(`failed to remove pool '${pool.path}': Directory not empty`, 18)
    }
    this.#tell(pool, 'deleted')
  }

  undefine(pool: Pool): void {
    if (pool.isActive) throw operationInvalid(`storage pool '${pool.name}' is still active`, 18)
    this.pools.delete(pool.name)
    this.#tell(pool, 'undefined')
  }

  refresh(pool: Pool): void {
    mustBeActive(pool)
    pool.refresh()
  }

  #tell(pool: Pool, event: keyof typeof events): void {
    this.#host.tell({ of: 'pool', object: { name: pool.name, uuid: pool.uuid }, event: events[event] })
  }

  poolXml(pool: Pool): string {
    const { capacity, allocation, available } = this.poolInfo(pool)
    const sized = Object.entries({ capacity, allocation, available }).reduce(
      (document, [name, bytes]) => withChild(document, element(name, { unit: 'bytes' }, String(bytes))),
      pool.document,
    )
    return writeXml(pool.isActive ? sized : pool.document)
  }

  poolInfo(pool: Pool): { readonly capacity: number; readonly allocation: number; readonly available: number } {
    if (!pool.isActive || !existsSync(pool.path)) return { capacity: 0, allocation: 0, available: 0 }
    const { bsize, blocks, bavail } = statfsSync(pool.path)
    return { capacity: bsize * blocks, allocation: bsize * (blocks - bavail), available: bsize * bavail }
  }

  volumes(pool: Pool): readonly Volume[] {
    mustBeActive(pool)
    return [...pool.known].toSorted().map((name) => volumeIn(pool, name))
  }

  /** @throws VirError 50 */
  volume(pool: Pool, name: string): Volume {
    mustBeActive(pool)
    if (!pool.known.has(name)) throw noVolume(name)
    return volumeIn(pool, name)
  }

  volumeByPath(path: string): Volume {
    const pool = [...this.pools.values()].find((one) => one.isActive && one.path === dirname(path))
    const name = path.slice(dirname(path).length + 1)
    if (!pool?.known.has(name)) throw noVolume(path)
    return volumeIn(pool, name)
  }

  /** @throws VirError 90 when it is there */
  create(pool: Pool, xml: string, from?: Volume): Volume {
    mustBeActive(pool)
    const wanted = parsed(xml, 'volume')
    const name = textAt(wanted, 'name') ?? ''
    const path = join(pool.path, name)
    if (pool.known.has(name) || existsSync(path)) throw new VirError(90, `storage volume '${name}' exists already`, 18)
    this.#host.mustHaveRoom(path)
    const format: ImageFormat = firstAt(wanted, 'target/format')?.attributes['type'] === 'qcow2' ? 'qcow2' : 'raw'
    const capacity = bytesOf(firstAt(wanted, 'capacity')) ?? (from ? capacityOf(from.key) : 0)
    if (from && format === 'raw' && formatOf(from.key) === 'raw') copyFileSync(from.key, path)
    else writeImage(path, made(format, capacity, wanted, from))
    pool.known.add(name)
    return volumeIn(pool, name)
  }

  remove(volume: Volume): void {
    const pool = this.pool(volume.pool)
    this.volume(pool, volume.name)
    rmSync(volume.key, { force: true })
    pool.known.delete(volume.name)
  }

  wipe(volume: Volume): void {
    writeFileSync(volume.key, Buffer.alloc(statSync(volume.key).size))
  }

  resize(volume: Volume, bytes: number): void {
    if (formatOf(volume.key) === 'raw') truncateSync(volume.key, bytes)
    else writeImage(volume.key, { ...readImage(volume.key), capacity: bytes })
  }

  info(volume: Volume): { readonly capacity: number; readonly allocation: number; readonly physical: number } {
    const { size, blocks } = statSync(volume.key)
    return { capacity: capacityOf(volume.key), allocation: blocks * 512, physical: size }
  }

  volumeXml(volume: Volume): string {
    const { capacity, allocation, physical } = this.info(volume)
    const format = formatOf(volume.key)
    const backing = format === 'qcow2' ? readImage(volume.key).backing : undefined
    return writeXml(
      element(
        'volume',
        { type: 'file' },
        element('name', {}, volume.name),
        element('key', {}, volume.key),
        element('capacity', { unit: 'bytes' }, capacity),
        element('allocation', { unit: 'bytes' }, allocation),
        element('physical', { unit: 'bytes' }, physical),
        element(
          'target',
          {},
          element('path', {}, volume.key),
          element('format', { type: format }),
          element('timestamps', {}, element('mtime', {}, String(statSync(volume.key).mtimeMs))),
        ),
        backing &&
          element('backingStore', {}, element('path', {}, backing.path), element('format', { type: backing.format })),
      ),
    )
  }
}

function mustBeActive(pool: Pool): void {
  if (!pool.isActive) throw operationInvalid(`storage pool '${pool.name}' is not active`, 18)
}

const volumeIn = (pool: Pool, name: string): Volume => ({ pool: pool.name, name, key: join(pool.path, name) })

const capacityOf = (path: string): number =>
  formatOf(path) === 'raw' ? statSync(path).size : readImage(path, 'qcow2').capacity

function made(format: ImageFormat, capacity: number, wanted: XmlElement, from: Volume | undefined): Image {
  const below = textAt(wanted, 'backingStore/path')
  const belowFormat = firstAt(wanted, 'backingStore/format')?.attributes['type'] === 'raw' ? 'raw' : 'qcow2'
  const image = blankImage(format, capacity, below === undefined ? undefined : { path: below, format: belowFormat })
  if (from) image.blocks = contentOf(from.key)
  return image
}

const units: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  K: 1024,
  KiB: 1024,
  M: 1024 ** 2,
  MiB: 1024 ** 2,
  G: 1024 ** 3,
  GiB: 1024 ** 3,
}

function bytesOf(size: XmlElement | undefined): number | undefined {
  return size && Number(textAt(size)) * (units[size.attributes['unit'] ?? 'bytes'] ?? 1)
}
