// What `params` of a domain may say, read and checked: each fault names the parameter by its whole path.
import type { JsonObject } from '../../../kernel/json.ts'
import { Reader } from '../reader.ts'

export interface DomainParams {
  readonly type: string
  readonly vcpu: number
  /** KiB. */
  readonly memory: number
  readonly longestMemory: number
  readonly arch: string | undefined
  readonly machine: string | undefined
  readonly nvram: string | undefined
  readonly kernel:
    | { readonly path: string; readonly initrd: string | undefined; readonly cmdline: string | undefined }
    | undefined
  readonly disks: readonly DiskParams[]
  readonly networks: readonly NetworkParams[]
  readonly devices: readonly DeviceParams[]
}

export interface DiskParams {
  readonly device: 'disk' | 'cdrom'
  /** As the guest sees it: `vda`. */
  readonly dev: string
  readonly bus: (typeof buses)[number]
  readonly file: string | undefined
  readonly format: string
}

export interface NetworkParams {
  readonly network: string
  readonly mac: string | undefined
  readonly dev: string | undefined
  readonly model: string
}

export type DeviceParams =
  | { readonly type: 'serial'; readonly path: string; readonly port: number }
  | { readonly type: 'usb'; readonly vendor: number; readonly product: number }
  | { readonly type: 'pci'; readonly bus: number; readonly slot: number; readonly function: number }

const buses = ['virtio', 'scsi', 'sata', 'ide', 'usb'] as const
const deviceTypes = ['serial', 'usb', 'pci'] as const
const defaultMemory = 512 * 1024

/** @throws Fault `libvirt.bad_property` */
export function readDomainParams(params: JsonObject): DomainParams {
  const from = new Reader(params, 'params')
  const memory = from.integer('memory_size', 1024) ?? defaultMemory
  const longestMemory = from.integer('memory_maxsize', 1024) ?? memory * 2
  if (longestMemory < memory) throw from.bad('memory_maxsize', `expected at least memory_size, ${memory}`)
  return {
    type: word(from, 'domain_type') ?? 'qemu',
    vcpu: from.integer('vcpu', 1, 4096) ?? 1,
    memory,
    longestMemory,
    arch: word(from, 'arch'),
    machine: word(from, 'machine'),
    nvram: from.path('nvram'),
    kernel: kernelFrom(from),
    disks: disksFrom(from),
    networks: from.list('networks').map(networkFrom),
    devices: from.list('devices').map(deviceFrom),
  }
}

function kernelFrom(from: Reader): DomainParams['kernel'] {
  const path = from.path('kernel')
  if (path !== undefined) return { path, initrd: from.path('initrd'), cmdline: from.text('cmdline') }
  const alone = ['initrd', 'cmdline'].find((name) => from.has(name))
  if (alone !== undefined) throw from.bad(alone, 'it is of use only together with a kernel')
  return undefined
}

function disksFrom(from: Reader): readonly DiskParams[] {
  const disks = from.list('disks').reduce<DiskParams[]>((known, one) => [...known, diskFrom(one, known)], [])
  for (const [index, { dev }] of disks.entries()) {
    const first = disks.findIndex((other) => other.dev === dev)
    if (first < index) throw from.bad(`disks[${index}].dev`, `'${dev}' is that of disks[${first}] already`)
  }
  return disks
}

function diskFrom(from: Reader, before: readonly DiskParams[]): DiskParams {
  const device = from.oneOf('device', ['disk', 'cdrom']) ?? 'disk'
  const bus = from.oneOf('bus', buses) ?? (device === 'cdrom' ? 'sata' : 'virtio')
  const dev = from.text('dev') ?? freeName(bus, before)
  if (!/^[a-z]{2,4}$/.test(dev)) throw from.bad('dev', `expected a name such as vda, not '${dev}'`)
  const file = from.path('file')
  if (file === undefined && device === 'disk') throw from.bad('file', 'it is missing')
  return { device, bus, dev, file, format: word(from, 'type') ?? (device === 'cdrom' ? 'raw' : 'qcow2') }
}

function freeName(bus: DiskParams['bus'], before: readonly DiskParams[]): string {
  const prefix = bus === 'virtio' ? 'vd' : bus === 'ide' ? 'hd' : 'sd'
  const letters = 'abcdefghijklmnopqrstuvwxyz'.split('')
  const free = letters.find((letter) => !before.some(({ dev }) => dev === `${prefix}${letter}`))
  return `${prefix}${free ?? ''}`
}

function networkFrom(from: Reader): NetworkParams {
  const mac = from.text('mac')
  if (mac !== undefined && !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac))
    throw from.bad('mac', `expected an address such as 52:54:00:12:34:56, not '${mac}'`)
  const dev = from.text('dev')
  // What the kernel takes as the name of an interface.
  if (dev !== undefined && !/^[^\s/]{1,15}$/.test(dev))
    throw from.bad('dev', 'expected a name of at most 15 characters')
  const network = from.required('network', from.text)
  return { network, mac: mac?.toLowerCase(), dev, model: word(from, 'type') ?? 'virtio' }
}

function deviceFrom(from: Reader): DeviceParams {
  const type = from.required<(typeof deviceTypes)[number]>('type', () => from.oneOf('type', deviceTypes))
  const number = (name: string, most: number): number => from.required(name, () => from.integer(name, 0, most))
  if (type === 'serial') {
    const path = from.required('source_path', from.path)
    return { type, path, port: from.integer('target_port', 0, 255) ?? 0 }
  }
  if (type === 'usb') return { type, vendor: number('vendor_id', 0xffff), product: number('product_id', 0xffff) }
  return { type, bus: number('bus', 0xff), slot: number('slot', 0x1f), function: number('function', 7) }
}

/** A word of libvirt's own vocabulary, which its schema would refuse less clearly. */
function word(from: Reader, name: string): string | undefined {
  const text = from.text(name)
  if (text !== undefined && !/^[\w.+-]+$/.test(text)) throw from.bad(name, `'${text}' is no such name`)
  return text
}
