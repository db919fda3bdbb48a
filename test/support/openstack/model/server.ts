// A server of the fake: what Nova knows of it, and the guest that writes to its disks.
import type { FakeAction, FakeAttachment, FakeVolume, VmState } from './things.ts'

export type FakeServerInit = Pick<
  FakeServer,
  'id' | 'name' | 'projectId' | 'userId' | 'flavorId' | 'imageId' | 'created' | 'serial'
>

const rebuilding = ['rebuilding', 'rebuild_block_device_mapping', 'rebuild_spawning']

export class FakeServer {
  readonly id: string
  name: string
  readonly projectId: string
  readonly userId: string
  flavorId: string
  /** null: it boots from a volume. */
  imageId: string | null
  readonly created: string
  readonly serial: number
  updated: string
  launchedAt: string | null = null
  description: string | null = null
  vmState: VmState = 'building'
  taskState: string | null = 'scheduling'
  powerState = 0
  isLocked = false
  keyName: string | null = null
  userData: string | null = null
  configDrive = ''
  zone = 'nova'
  host: string | null = null
  readonly metadata: Record<string, string> = {}
  tags: string[] = []
  securityGroups: string[] = ['default']
  groupId: string | null = null
  schedulerHints: Record<string, string> = {}
  readonly attachments: FakeAttachment[] = []
  /** Ports in the order of the devices; those that Nova made go with the server. */
  readonly ports: string[] = []
  readonly ownPorts = new Set<string>()
  readonly actions: FakeAction[] = []
  fault: { readonly message: string; readonly created: string } | null = null
  /** Of the image it came from; images of it inherit them all, whoever marked them. */
  imageProperties: Readonly<Record<string, string>> = {}
  /** What lies on the disk that came with the image; undefined: it boots from a volume. */
  disk: string | undefined
  /** How often its guest came up. */
  boots = 0
  readonly #volume: (id: string) => FakeVolume | undefined

  constructor(init: FakeServerInit, volume: (id: string) => FakeVolume | undefined) {
    this.id = init.id
    this.name = init.name
    this.projectId = init.projectId
    this.userId = init.userId
    this.flavorId = init.flavorId
    this.imageId = init.imageId
    this.created = init.created
    this.updated = init.created
    this.serial = init.serial
    this.#volume = volume
  }

  get status(): string {
    const { vmState, taskState } = this
    if (vmState === 'error') return taskState && rebuilding.includes(taskState) ? 'REBUILD' : 'ERROR'
    if (taskState && rebuilding.includes(taskState)) return 'REBUILD'
    if (taskState?.startsWith('reboot') === true && vmState === 'active') {
      return taskState.endsWith('_hard') ? 'HARD_REBOOT' : 'REBOOT'
    }
    const shown = { building: 'BUILD', active: 'ACTIVE', stopped: 'SHUTOFF', paused: 'PAUSED', suspended: 'SUSPENDED' }
    return vmState === 'deleted' ? 'DELETED' : shown[vmState]
  }

  get isRunning(): boolean {
    return this.vmState === 'active' && this.powerState === 1
  }

  get rootVolume(): FakeVolume | undefined {
    const root = this.attachments.find(({ bootIndex }) => bootIndex === 0)
    return root && this.#volume(root.volumeId)
  }

  /** What its guest sees: device without `/dev/` -> content. */
  get contents(): Readonly<Record<string, string>> {
    const volumes = this.attachments.map(({ device, volumeId }) => [
      device.replace('/dev/', ''),
      this.#volume(volumeId)?.content ?? '',
    ])
    return { ...(this.disk === undefined ? {} : { vda: this.disk }), ...Object.fromEntries(volumes) }
  }

  /** Its guest writes to a disk. @throws Error when the guest does not run, or has no such disk. */
  write(text: string, device = 'vda'): void {
    if (!this.isRunning) throw new Error(`the guest of ${this.name} does not run: it is ${this.status}`)
    if (device === 'vda' && this.disk !== undefined) {
      this.disk = text
      return
    }
    const attachment = this.attachments.find((one) => one.device === `/dev/${device}`)
    const volume = attachment && this.#volume(attachment.volumeId)
    if (volume === undefined) throw new Error(`${this.name} has no ${device}`)
    volume.content = text
  }

  nextDevice(): string {
    const taken = new Set([
      ...this.attachments.map(({ device }) => device),
      ...(this.disk === undefined ? [] : ['/dev/vda']),
    ])
    const letter = [...'abcdefghijklmnop'].find((one) => !taken.has(`/dev/vd${one}`))
    return `/dev/vd${letter ?? 'z'}`
  }
}
