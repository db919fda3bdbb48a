// What the fake holds: servers, volumes, images and what is made of them. Contents are short texts instead of disks.
import type { Json } from '../../../../src/kernel/json.ts'

export interface FakeAttachment {
  readonly id: string
  readonly bdmId: string
  readonly volumeId: string
  readonly serverId: string
  readonly device: string
  readonly tag: string | null
  /** 0: the server boots from it. */
  readonly bootIndex: number | null
  deleteOnTermination: boolean
  readonly attachedAt: string
}

export interface FakeEvent {
  readonly event: string
  readonly start: string
  finish: string | null
  result: 'Success' | 'Error' | null
  details: string | null
}

export interface FakeAction {
  readonly action: string
  readonly requestId: string
  readonly start: string
  message: string | null
  readonly events: FakeEvent[]
}

export type VmState = 'building' | 'active' | 'stopped' | 'paused' | 'suspended' | 'error' | 'deleted'

export interface FakeVolume {
  readonly id: string
  name: string | null
  description: string | null
  status: string
  size: number
  /** What lies on it. */
  content: string
  readonly metadata: Record<string, string>
  readonly projectId: string
  readonly userId: string
  readonly zone: string
  volumeType: string
  readonly sourceVolumeId: string | null
  readonly snapshotId: string | null
  readonly backupId: string | null
  bootable: boolean
  imageMetadata: Record<string, string> | null
  readonly attachments: FakeAttachment[]
  /** Set when a server asks for it: nobody else may have it. */
  groupId: string | null
  readonly multiattach: boolean
  readonly createdAt: string
  updatedAt: string | null
  readonly serial: number
}

export interface FakeSnapshot {
  readonly id: string
  name: string | null
  description: string | null
  status: string
  readonly volumeId: string
  readonly size: number
  content: string
  readonly metadata: Record<string, string>
  readonly projectId: string
  readonly userId: string
  readonly groupSnapshotId: string | null
  readonly createdAt: string
  updatedAt: string | null
  readonly serial: number
}

export interface FakeBackup {
  readonly id: string
  name: string | null
  description: string | null
  status: string
  readonly volumeId: string
  readonly snapshotId: string | null
  readonly parentId: string | null
  readonly size: number
  /** What a restore brings back, when the whole chain is there. */
  content: string
  readonly metadata: Record<string, string>
  readonly container: string
  readonly projectId: string
  readonly userId: string
  failReason: string | null
  dataTimestamp: string
  readonly createdAt: string
  updatedAt: string | null
  readonly serial: number
}

export interface FakeImage {
  readonly id: string
  name: string | null
  status: string
  visibility: string
  protected: boolean
  owner: string
  content: Buffer | null
  /** It was changed in the middle of its upload. */
  isLeftSaving: boolean
  diskFormat: string | null
  containerFormat: string | null
  minDisk: number
  minRam: number
  tags: string[]
  /** All that has no name of its own, `fermata_key` as well as `image_type`. */
  readonly properties: Record<string, string>
  readonly createdAt: string
  updatedAt: string
  readonly serial: number
}

export interface FakeGroup {
  readonly id: string
  name: string | null
  description: string | null
  status: string
  readonly groupType: string
  readonly volumeTypes: readonly string[]
  readonly createdAt: string
  readonly serial: number
}

export interface FakeGroupSnapshot {
  readonly id: string
  name: string | null
  description: string | null
  status: string
  readonly groupId: string
  readonly createdAt: string
  readonly serial: number
}

/** A flavor, a network, a user: what is kept as it is shown. */
export type FakeThing = Record<string, Json> & { readonly id: string }
