// One domain of the fake daemon: its documents, what it does now and why, its guest, and everything that hangs on it.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { element, textAt, type XmlElement } from '../../../../src/plugins/libvirt/xml/element.ts'
import { writeXml } from '../../../../src/plugins/libvirt/xml/write.ts'
import { AgentCommands } from '../guest/agent-commands.ts'
import { Agent, type AgentState } from '../guest/agent.ts'
import { Guest } from '../guest/guest.ts'
import { Writer } from '../guest/writer.ts'
import type { BackupJob } from './backup-job.ts'
import type { BlockJob } from './block-jobs.ts'
import type { Checkpoint } from './checkpoints.ts'
import { DomainJobs } from './domain-jobs.ts'
import { disksOf, hasAgentChannel, liveDocument, withoutSecrets, type DiskView } from './domain-xml.ts'
import type { DomainEvent, DomainIdentity, LifecycleEvent } from './events.ts'
import { lifecycle } from './events.ts'
import type { Host } from './host.ts'
import { chainOf, contentOf, textOf, writeBlocks, type ImageFormat } from './image.ts'
import type { JobStats } from './job-stats.ts'
import type { SavedMemory } from './power.ts'
import type { Snapshot } from './snapshots.ts'
import { running, shutOff } from './states.ts'
import { operationInvalid } from './vir-error.ts'

export type { AgentState } from '../guest/agent.ts'

const noReason = 0

export interface Disk extends DiskView {
  readonly path: string
}

export class Domain implements DomainIdentity {
  readonly host: Host
  readonly uuid: string
  name: string
  /** -1 while it is off. */
  id = -1
  isPersistent = true
  autostart = false
  /** As a guest without an ACPI daemon. */
  ignoresShutdown = false
  /** What the next start uses. */
  config: XmlElement
  /** What runs now; undefined while it is off. */
  live: XmlElement | undefined
  state: number = shutOff
  reason = noReason
  managedSave: SavedMemory | undefined
  currentSnapshot: Snapshot | undefined
  /** Seconds; undefined: without end. */
  agentTimeout: number | undefined
  backup: BackupJob | undefined
  completedJob: JobStats | undefined
  readonly snapshots = new Map<string, Snapshot>()
  readonly checkpoints = new Map<string, Checkpoint>()
  /** In its first disk, of checkpoints that libvirt knows no more. */
  readonly strayBitmaps = new Set<string>()
  /** By target. */
  readonly blockJobs = new Map<string, BlockJob>()
  readonly jobs: DomainJobs
  readonly guest: Guest
  readonly commands: AgentCommands
  readonly agentProcess: Agent
  readonly writer: Writer
  readonly console: string

  constructor(host: Host, config: XmlElement, agent: AgentState = 'connected') {
    this.host = host
    this.config = config
    this.uuid = textAt(config, 'uuid') ?? ''
    this.name = textAt(config, 'name') ?? ''
    this.jobs = new DomainJobs(() => 30 * host.second)
    this.console = join(host.folder, `console-${this.uuid}.log`)
    const mounts = this.disks()
      .filter((disk) => disk.device === 'disk')
      .map((disk, index) => ({
        mountpoint: `/data${index === 0 ? '' : index + 1}`,
        device: disk.target,
        fstype: 'ext4',
      }))
    this.guest = new Guest(join(host.folder, `guest-${this.uuid}`), this.name, mounts)
    this.commands = new AgentCommands(this.guest)
    this.agentProcess = new Agent(this.commands, agent)
    this.agentProcess.onChange = (isConnected) => {
      if (this.isActive) this.tell({ id: 18, fields: { state: isConnected ? 1 : 2, reason: 2 } })
    }
    this.writer = new Writer(
      {
        console: this.console,
        canWrite: (device) => this.state === running && !this.guest.isDeviceFrozen(device),
        write: (device, blocks) => this.write(device, blocks),
      },
      mounts[0]?.device ?? 'vda',
    )
  }

  // What a test looks at and turns.

  get agent(): AgentState {
    return this.agentProcess.state
  }

  /** `domain.agent = 'hung'` */
  set agent(state: AgentState) {
    this.agentProcess.state = state
  }

  /** The kernel of the guest holds writes back, whoever asked for it. */
  get isFrozen(): boolean {
    return this.guest.isFrozen
  }

  get isActive(): boolean {
    return this.state !== shutOff
  }

  /** What the guest would read from its disk, as text that can be compared. */
  content(target = 'vda'): string {
    const disk = this.disk(target)
    return textOf(contentOf(disk.path, disk.format))
  }

  // What the daemon's other parts use.

  get identity(): DomainIdentity {
    return { name: this.name, uuid: this.uuid, id: this.id }
  }

  get document(): XmlElement {
    return this.live ?? this.config
  }

  disks(document = this.document): readonly Disk[] {
    return disksOf(document).flatMap((disk) =>
      disk.source === undefined ? [] : [{ ...disk, path: this.host.storage.pathOf(disk.source) }],
    )
  }

  /** By target or by path. */
  findDisk(name: string): Disk | undefined {
    return this.disks().find((disk) => disk.target === name || disk.path === name)
  }

  disk(name: string): Disk {
    const found = this.findDisk(name)
    if (!found) throw new Error(`'${this.name}' has no disk '${name}'`)
    return found
  }

  /** Those that a snapshot or a backup takes part of. */
  writableDisks(): readonly Disk[] {
    return this.disks().filter((disk) => disk.device === 'disk' && !disk.isReadOnly)
  }

  write(target: string, blocks: readonly (readonly [number, string])[]): void {
    const disk = this.findDisk(target)
    if (!disk || !existsSync(disk.path)) return
    writeBlocks(disk.path, disk.format, blocks)
    for (const checkpoint of this.checkpoints.values()) checkpoint.markDirty(target, blocks)
  }

  /** @throws VirError 55 */
  mustBeActive(): void {
    if (!this.isActive) throw operationInvalid('domain is not running')
  }

  xml(flags: number): string {
    const [isSecure, isInactive] = [(flags & 1) !== 0, (flags & 2) !== 0]
    const document = isInactive || !this.live ? this.config : liveDocument(this.live, this.#liveView())
    return writeXml(isSecure ? document : withoutSecrets(document))
  }

  #liveView(): Parameters<typeof liveDocument>[1] {
    const jobs = [...this.blockJobs].flatMap(([target, job]) => (job.mirror ? [[target, job.mirror] as const] : []))
    return {
      id: this.id,
      isAgentConnected: this.isAgentReachable,
      chains: new Map(this.disks().map((disk) => [disk.target, chainBelow(disk.path, disk.format)])),
      mirrors: new Map(jobs),
    }
  }

  /** A backup is one, too. */
  get hasBlockJob(): boolean {
    return this.backup !== undefined || this.blockJobs.size > 0
  }

  get isAgentReachable(): boolean {
    return hasAgentChannel(this.document) && this.agent !== 'absent'
  }

  move(state: number, reason: number): void {
    this.state = state
    this.reason = reason
  }

  tell(event: DomainEvent): void {
    this.host.tell({ of: 'domain', domain: this.identity, event })
  }

  tellLifecycle(name: LifecycleEvent): void {
    const [event, detail] = lifecycle[name]
    this.tell({ id: 0, fields: { event, detail } })
  }

  /** Nanoseconds; what the guest used since it is known. */
  get cpuTime(): bigint {
    return this.isActive ? BigInt(this.writer.last + 1) * 1_000_000n + process.hrtime.bigint() / 10n : 0n
  }

  /** The same QEMU, another boot. */
  reboot(): void {
    this.guest.boot()
    this.commands.reset()
    this.agentProcess.restart()
    this.tell({ id: 1, fields: {} })
  }

  /** Stops everything that goes on by itself. */
  end(): void {
    this.writer.stop()
    this.commands.reset()
  }
}

function chainBelow(path: string, format: ImageFormat): { readonly path: string; readonly format: string }[] {
  if (!existsSync(path)) return []
  return chainOf(path, format)
    .slice(1)
    .map((layer) => ({ path: layer.path, format: layer.image.format }))
}

/** A document of a small domain, for tests that do not care. */
export function domainDocument(
  name: string,
  uuid: string,
  disks: readonly { target: string; path: string; format: ImageFormat }[],
  type = 'kvm',
): XmlElement {
  return element(
    'domain',
    { type },
    element('name', {}, name),
    element('uuid', {}, uuid),
    element('memory', { unit: 'KiB' }, 98304),
    element('currentMemory', { unit: 'KiB' }, 98304),
    element('vcpu', { placement: 'static' }, 1),
    element(
      'os',
      {},
      element('type', { arch: 'x86_64', machine: 'pc-q35-7.2' }, 'hvm'),
      element('boot', { dev: 'hd' }),
    ),
    element('features', {}, element('acpi')),
    element('on_poweroff', {}, 'destroy'),
    element('on_reboot', {}, 'restart'),
    element('on_crash', {}, 'destroy'),
    element(
      'devices',
      {},
      ...disks.map(({ target, path, format }) =>
        element(
          'disk',
          { type: 'file', device: 'disk' },
          element('driver', { name: 'qemu', type: format }),
          element('source', { file: path }),
          element('target', { dev: target, bus: 'virtio' }),
        ),
      ),
      element('channel', { type: 'unix' }, element('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' })),
      element('memballoon', { model: 'virtio' }, element('stats', { period: 2 })),
    ),
  )
}
