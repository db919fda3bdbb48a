// The description of a domain that libvirt is given when no template is: virtio throughout, a channel for the guest agent
// so that file systems can be frozen, memory statistics, randomness.
import { element, type XmlElement } from '../xml/element.ts'
import type { DeviceParams, DiskParams, DomainParams, NetworkParams } from './params.ts'

/** Seconds between two looks of the balloon at the guest's memory. */
const memoryPeriod = 5

export interface DomainIdentity {
  readonly name: string
  readonly uuid: string
}

export function describeDomain({ name, uuid }: DomainIdentity, params: DomainParams): XmlElement {
  return element(
    'domain',
    { type: params.type },
    element('name', {}, name),
    element('uuid', {}, uuid),
    element('memory', { unit: 'KiB' }, params.longestMemory),
    element('currentMemory', { unit: 'KiB' }, params.memory),
    element('vcpu', { placement: 'static' }, params.vcpu),
    operatingSystem(params),
    features(params),
    params.type === 'kvm' ? element('cpu', { mode: 'host-model' }) : undefined,
    element('clock', { offset: 'utc' }),
    element('on_poweroff', {}, 'destroy'),
    element('on_reboot', {}, 'restart'),
    element('on_crash', {}, 'restart'),
    devices(params),
  )
}

function operatingSystem({ arch, machine, nvram, kernel }: DomainParams): XmlElement {
  return element(
    'os',
    { firmware: nvram === undefined ? undefined : 'efi' },
    element('type', { arch, machine }, 'hvm'),
    nvram === undefined ? undefined : element('nvram', {}, nvram),
    kernel && element('kernel', {}, kernel.path),
    kernel?.initrd === undefined ? undefined : element('initrd', {}, kernel.initrd),
    kernel?.cmdline === undefined ? undefined : element('cmdline', {}, kernel.cmdline),
    kernel ? undefined : element('boot', { dev: 'hd' }),
  )
}

// Without ACPI a PC cannot be asked to shut down; elsewhere it needs a firmware that knows it.
function features({ arch = 'x86_64', nvram }: DomainParams): XmlElement | undefined {
  if (/^(x86_64|i[3-6]86)$/.test(arch)) return element('features', {}, element('acpi'), element('apic'))
  return nvram === undefined ? undefined : element('features', {}, element('acpi'))
}

function devices(params: DomainParams): XmlElement {
  const needsScsi = params.disks.some(({ bus }) => bus === 'scsi')
  return element(
    'devices',
    {},
    ...params.disks.map(disk),
    needsScsi ? element('controller', { type: 'scsi', index: 0, model: 'virtio-scsi' }) : undefined,
    ...params.networks.map(networkInterface),
    ...params.devices.map(hostDevice),
    // A guest has one first serial port: the console, unless one of the host is given.
    params.devices.some(({ type }) => type === 'serial') ? undefined : console(),
    element('channel', { type: 'unix' }, element('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' })),
    element('memballoon', { model: 'virtio' }, element('stats', { period: memoryPeriod })),
    element('rng', { model: 'virtio' }, element('backend', { model: 'random' }, '/dev/urandom')),
  )
}

function disk({ device, dev, bus, file, format }: DiskParams): XmlElement {
  const isBlock = file?.startsWith('/dev/') ?? false
  return element(
    'disk',
    { type: isBlock ? 'block' : 'file', device },
    element('driver', { name: 'qemu', type: format, discard: device === 'disk' ? 'unmap' : undefined }),
    file === undefined ? undefined : element('source', { [isBlock ? 'dev' : 'file']: file }),
    element('target', { dev, bus }),
    device === 'cdrom' ? element('readonly') : undefined,
  )
}

function networkInterface({ network, mac, dev, model }: NetworkParams): XmlElement {
  return element(
    'interface',
    { type: 'network' },
    mac === undefined ? undefined : element('mac', { address: mac }),
    element('source', { network }),
    dev === undefined ? undefined : element('target', { dev }),
    element('model', { type: model }),
  )
}

function hostDevice(given: DeviceParams): XmlElement {
  if (given.type === 'serial')
    return element(
      'serial',
      { type: 'dev' },
      element('source', { path: given.path }),
      element('target', { port: given.port }),
    )
  if (given.type === 'usb') {
    const source = element(
      'source',
      {},
      element('vendor', { id: hex(given.vendor, 4) }),
      element('product', { id: hex(given.product, 4) }),
    )
    return element('hostdev', { mode: 'subsystem', type: 'usb' }, source)
  }
  const { bus, slot } = given
  const address = { domain: '0x0000', bus: hex(bus, 2), slot: hex(slot, 2), function: hex(given.function, 1) }
  const source = element('source', {}, element('address', address))
  return element('hostdev', { mode: 'subsystem', type: 'pci', managed: 'yes' }, source)
}

function console(): XmlElement {
  return element('serial', { type: 'pty' }, element('target', { port: 0 }))
}

const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`
