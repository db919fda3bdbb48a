// Volumes, snapshots, backups and groups as Cinder shows them.
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import type { State } from '../../model/state.ts'
import type { FakeBackup, FakeGroup, FakeGroupSnapshot, FakeSnapshot, FakeVolume } from '../../model/things.ts'

export function shownVolume(volume: FakeVolume, minor: number): JsonObject {
  return {
    id: volume.id,
    status: volume.status,
    size: volume.size,
    availability_zone: volume.zone,
    created_at: volume.createdAt,
    updated_at: volume.updatedAt,
    name: volume.name,
    description: volume.description,
    volume_type: volume.volumeType,
    snapshot_id: volume.snapshotId,
    source_volid: volume.sourceVolumeId,
    metadata: volume.metadata,
    user_id: volume.userId,
    bootable: String(volume.bootable),
    encrypted: false,
    replication_status: null,
    consistencygroup_id: null,
    multiattach: volume.multiattach,
    'os-vol-tenant-attr:tenant_id': volume.projectId,
    attachments: volume.attachments.map((attachment) => ({
      id: volume.id,
      attachment_id: attachment.id,
      volume_id: volume.id,
      server_id: attachment.serverId,
      host_name: 'fake',
      device: attachment.device,
      attached_at: attachment.attachedAt,
    })),
    ...(volume.imageMetadata === null ? {} : { volume_image_metadata: volume.imageMetadata }),
    ...(minor >= 13 ? { group_id: volume.groupId } : {}),
    ...(minor >= 21 ? { provider_id: null } : {}),
    ...(minor >= 48 ? { service_uuid: null, shared_targets: false } : {}),
  }
}

export function shownSnapshot(snapshot: FakeSnapshot, minor: number): JsonObject {
  return {
    id: snapshot.id,
    name: snapshot.name,
    description: snapshot.description,
    status: snapshot.status,
    size: snapshot.size,
    volume_id: snapshot.volumeId,
    metadata: snapshot.metadata,
    created_at: snapshot.createdAt,
    updated_at: snapshot.updatedAt,
    'os-extended-snapshot-attributes:project_id': snapshot.projectId,
    'os-extended-snapshot-attributes:progress': snapshot.status === 'available' ? '100%' : '0%',
    ...(minor >= 14 ? { group_snapshot_id: snapshot.groupSnapshotId } : {}),
    ...(minor >= 41 ? { user_id: snapshot.userId } : {}),
  }
}

export function shownBackup(state: State, backup: FakeBackup, minor: number): JsonObject {
  const children = [...state.backups.values()].filter(({ parentId }) => parentId === backup.id)
  return {
    id: backup.id,
    name: backup.name,
    description: backup.description,
    status: backup.status,
    size: backup.size,
    volume_id: backup.volumeId,
    snapshot_id: backup.snapshotId,
    container: backup.container,
    object_count: 0,
    availability_zone: 'nova',
    is_incremental: backup.parentId !== null,
    has_dependent_backups: children.length > 0,
    fail_reason: backup.failReason,
    created_at: backup.createdAt,
    updated_at: backup.updatedAt,
    data_timestamp: backup.dataTimestamp,
    ...(minor >= 18 ? { 'os-backup-project-attr:project_id': backup.projectId } : {}),
    ...(minor >= 43 ? { metadata: backup.metadata } : {}),
    ...(minor >= 56 ? { user_id: backup.userId } : {}),
  }
}

export function shownGroup(group: FakeGroup): JsonObject {
  return {
    id: group.id,
    name: group.name,
    description: group.description,
    status: group.status,
    group_type: group.groupType,
    volume_types: group.volumeTypes,
    availability_zone: 'nova',
    created_at: group.createdAt,
    group_snapshot_id: null,
    source_group_id: null,
  }
}

export function shownGroupSnapshot(snapshot: FakeGroupSnapshot): JsonObject {
  return {
    id: snapshot.id,
    name: snapshot.name,
    description: snapshot.description,
    status: snapshot.status,
    group_id: snapshot.groupId,
    group_type_id: null,
    created_at: snapshot.createdAt,
  }
}
