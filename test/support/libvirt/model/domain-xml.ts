// A domain's document: what the daemon makes of one that is defined, and what it shows of one that runs.
import {
  allAt,
  attributeAt,
  editAt,
  element,
  firstAt,
  textAt,
  withAttributes,
  withChild,
  withChildren,
  type XmlElement,
} from '../../../../src/plugins/libvirt/xml/element.ts'
import { parseXml } from '../../../../src/plugins/libvirt/xml/parse.ts'
import { VirError } from './vir-error.ts'
import type { ImageFormat } from './image.ts'

/** @throws VirError 35 when it is not well-formed, 27 when it is something else */
export function parsed(text: string, root: string): XmlElement {
  let document
  try {
    document = parseXml(text)
  } catch {
    throw new VirError(35, '(document): not well-formed', 5)
  }
  if (document.name === root) return document
  throw new VirError(27, `XML error: unexpected root element <${document.name}>, expecting <${root}>`)
}

/** Of any kind of device. */
export function parseDevice(text: string): XmlElement {
  try {
    return parseXml(text)
  } catch {
    throw new VirError(35, '(device_definition): not well-formed', 5)
  }
}

/** The document as it is stored: with the parts that the daemon adds by itself. */
export function normalised(given: XmlElement, uuid: string, newMac: () => string): XmlElement {
  const kept = withAttributes(given, { id: null })
  const memory = inKibibytes(firstAt(kept, 'memory'))
  const current = inKibibytes(firstAt(kept, 'currentMemory')) ?? memory
  const identified = withChild(withMemory(kept, memory, current), element('uuid', {}, uuid))
  return editAt(identified, 'devices/interface', (nic) =>
    firstAt(nic, 'mac') ? nic : withChildren(nic, [element('mac', { address: newMac() }), ...nic.children]),
  )
}

function withMemory(document: XmlElement, memory: number | undefined, current: number | undefined): XmlElement {
  if (memory === undefined) return document
  const sized = withChild(document, element('memory', { unit: 'KiB' }, memory))
  return withChild(sized, element('currentMemory', { unit: 'KiB' }, current))
}

const units: Readonly<Record<string, number>> = {
  b: 1 / 1024,
  bytes: 1 / 1024,
  KiB: 1,
  k: 1,
  MiB: 1024,
  M: 1024,
  GiB: 1024 ** 2,
  G: 1024 ** 2,
}

function inKibibytes(memory: XmlElement | undefined): number | undefined {
  if (!memory) return undefined
  return Math.ceil(Number(textAt(memory)) * (units[memory.attributes['unit'] ?? 'KiB'] ?? 1))
}

export interface DiskView {
  readonly target: string
  readonly device: string
  readonly format: ImageFormat
  readonly isReadOnly: boolean
  /** undefined: an empty drive. */
  readonly source: DiskSource | undefined
}

export type DiskSource = { readonly file: string } | { readonly pool: string; readonly volume: string }

export function disksOf(document: XmlElement): readonly DiskView[] {
  return allAt(document, 'devices/disk').map((disk) => ({
    target: attributeAt(disk, 'target', 'dev') ?? '',
    device: disk.attributes['device'] ?? 'disk',
    format: attributeAt(disk, 'driver', 'type') === 'qcow2' ? 'qcow2' : 'raw',
    isReadOnly: firstAt(disk, 'readonly') !== undefined || disk.attributes['device'] === 'cdrom',
    source: sourceOf(firstAt(disk, 'source')),
  }))
}

function sourceOf(source: XmlElement | undefined): DiskSource | undefined {
  const { file, dev, pool, volume } = source?.attributes ?? {}
  if (pool !== undefined && volume !== undefined) return { pool, volume }
  const path = file ?? dev
  return path === undefined ? undefined : { file: path }
}

/** The same document with another file under one of its disks. */
export function withDiskSource(document: XmlElement, target: string, file: string, format: ImageFormat): XmlElement {
  return editAt(document, 'devices/disk', (disk) => {
    if (attributeAt(disk, 'target', 'dev') !== target) return disk
    const driver = withAttributes(firstAt(disk, 'driver') ?? element('driver', { name: 'qemu' }), { type: format })
    const changed = withChild(withChild(disk, driver), element('source', { file }))
    return withAttributes(changed, { type: 'file' })
  })
}

/** Without passwords, as it is shown unless somebody asks for them. */
export function withoutSecrets(document: XmlElement): XmlElement {
  return editAt(document, 'devices/graphics', (graphics) => withAttributes(graphics, { passwd: null }))
}

export const hasAgentChannel = (document: XmlElement): boolean =>
  allAt(document, 'devices/channel/target').some(({ attributes }) => attributes['name'] === 'org.qemu.guest_agent.0')

export interface LiveView {
  readonly id: number
  readonly isAgentConnected: boolean
  /** What each disk rests on, the file below its own first. */
  readonly chains: ReadonlyMap<string, readonly { readonly path: string; readonly format: string }[]>
  readonly mirrors: ReadonlyMap<string, XmlElement>
}

/** The document of a running domain. */
export function liveDocument(document: XmlElement, live: LiveView): XmlElement {
  let nics = 0
  const withNics = editAt(document, 'devices/interface', (nic) =>
    withChild(nic, element('target', { dev: `vnet${live.id * 8 + nics++}` })),
  )
  const withDisks = editAt(withNics, 'devices/disk', (disk) => liveDisk(disk, live))
  const withChannels = editAt(withDisks, 'devices/channel', (channel) =>
    editAt(channel, 'target', (target) =>
      target.attributes['name'] === 'org.qemu.guest_agent.0'
        ? withAttributes(target, { state: live.isAgentConnected ? 'connected' : 'disconnected' })
        : target,
    ),
  )
  return withAttributes(withChannels, { id: String(live.id) })
}

function liveDisk(disk: XmlElement, live: LiveView): XmlElement {
  const target = attributeAt(disk, 'target', 'dev') ?? ''
  const chain = live.chains.get(target)
  const mirror = live.mirrors.get(target)
  const shown = chain ? withChild(disk, backingStore(chain)) : disk
  return mirror ? withChildren(shown, [...shown.children, mirror]) : shown
}

function backingStore(chain: readonly { readonly path: string; readonly format: string }[]): XmlElement {
  const [top, ...rest] = chain
  if (!top) return element('backingStore')
  return element(
    'backingStore',
    { type: 'file' },
    element('format', { type: top.format }),
    element('source', { file: top.path }),
    backingStore(rest),
  )
}
