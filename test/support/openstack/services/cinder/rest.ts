// The rest of Cinder: types, attachments as Cinder sees them, limits, services.
import { conflict, forbidden, notFound, ok } from '../../http/answer.ts'
import { param, part, type Call } from '../../http/call.ts'
import type { Routes } from '../../http/routes.ts'
import type { State } from '../../model/state.ts'
import { collectionRoutes } from '../collections.ts'
import { gigabytes } from './making.ts'

export function restOfCinderRoutes(routes: Routes, state: State): void {
  collectionRoutes(routes, state, {
    service: 'volume',
    path: '/types',
    collection: 'volume_types',
    member: 'volume_type',
    created: 200,
    isUnique: true,
    added: (_call, given) => ({
      is_public: given['os-volume-type-access:is_public'] ?? true,
      extra_specs: given['extra_specs'] ?? {},
    }),
  })
  collectionRoutes(routes, state, { service: 'volume', collection: 'group_types', member: 'group_type', created: 202 })
  attachmentRoutes(routes, state)
  const usage = (): Record<string, { readonly limit: number; readonly in_use: number; readonly reserved: number }> => {
    const { quotas } = state
    const of = (limit: number, used: number) => ({ limit, in_use: used, reserved: 0 })
    return {
      volumes: of(quotas.volumes, state.volumes.size),
      snapshots: of(quotas.snapshots, state.snapshots.size),
      backups: of(quotas.backups, state.backups.size),
      groups: of(quotas.groups, state.groups.size),
      gigabytes: of(quotas.gigabytes, gigabytes(state)),
      backup_gigabytes: of(
        quotas.backup_gigabytes,
        [...state.backups.values()].reduce((sum, { size }) => sum + size, 0),
      ),
    }
  }
  routes.add('volume', 'GET /os-quota-sets/:project', (call) => {
    const isUsage = call.query.get('usage')?.toLowerCase() === 'true'
    const all = Object.entries(usage()).map(([name, one]) => [name, isUsage ? one : one.limit])
    return ok({ quota_set: { id: param(call, 'project'), ...Object.fromEntries(all) } })
  })
  routes.add('volume', 'PUT /os-quota-sets/:project', (call) => {
    Object.assign(state.quotas, part(call.body, 'quota_set'))
    return ok({ quota_set: part(call.body, 'quota_set') })
  })
  routes.add('volume', 'GET /limits', () => {
    const { volumes, snapshots, backups, gigabytes: size, backup_gigabytes: backupSize } = usage()
    return ok({
      limits: {
        rate: [],
        absolute: {
          maxTotalVolumes: volumes?.limit ?? 0,
          totalVolumesUsed: volumes?.in_use ?? 0,
          maxTotalSnapshots: snapshots?.limit ?? 0,
          totalSnapshotsUsed: snapshots?.in_use ?? 0,
          maxTotalBackups: backups?.limit ?? 0,
          totalBackupsUsed: backups?.in_use ?? 0,
          maxTotalVolumeGigabytes: size?.limit ?? 0,
          totalGigabytesUsed: size?.in_use ?? 0,
          maxTotalBackupGigabytes: backupSize?.limit ?? 0,
          totalBackupGigabytesUsed: backupSize?.in_use ?? 0,
        },
      },
    })
  })
  routes.add('volume', 'GET /os-services', (call) => {
    if (!call.who.isAdmin) throw forbidden("Policy doesn't allow volume_extension:services:index to be performed.")
    const service = (binary: string, isUp: boolean) => ({
      binary,
      host: 'fake',
      zone: 'nova',
      status: 'enabled',
      state: isUp ? 'up' : 'down',
    })
    return ok({
      services: [
        service('cinder-scheduler', true),
        service('cinder-volume', !state.work.isDown('volume')),
        service('cinder-backup', !state.work.isDown('backup')),
      ],
    })
  })
  routes.add('volume', 'GET /os-availability-zone', () =>
    ok({ availabilityZoneInfo: [{ zoneName: 'nova', zoneState: { available: true } }] }),
  )
}

function attachmentRoutes(routes: Routes, state: State): void {
  const all = () =>
    [...state.volumes.values()].flatMap((volume) =>
      volume.attachments.map((one) => ({
        id: one.id,
        volume_id: volume.id,
        instance: one.serverId,
        status: 'attached',
        attach_mode: 'rw',
        attached_at: one.attachedAt,
        detached_at: '',
      })),
    )
  const list = (call: Call) => {
    if (call.minor < 27) throw notFound('The resource could not be found.')
    const volumeId = call.query.get('volume_id')
    return ok({ attachments: all().filter((one) => volumeId === null || one.volume_id === volumeId) })
  }
  routes.add('volume', 'GET /attachments', list)
  routes.add('volume', 'GET /attachments/detail', list)
  routes.add('volume', 'DELETE /attachments/:id', (call) => {
    const found = all().find(({ id }) => id === param(call, 'id'))
    if (!found)
      throw notFound(`Volume attachment could not be found with filter: attachment_id = ${param(call, 'id')}.`)
    throw conflict(`Detach volume from instance ${found.instance} using the Compute API`)
  })
}
