// Stories about Cinder, and about volumes that servers hold.
import type { Story } from './site.ts'
import type { Stage } from './stage.ts'

async function attached(stage: Stage): Promise<readonly [server: string, volume: string]> {
  const [server, volume] = [await stage.server(), await stage.volume()]
  const path = `/servers/${server}/os-volume_attachments`
  await stage.does('attach', 'POST', 'compute', path, { volumeAttachment: { volumeId: volume } }, '2.49')
  await stage.settled('volume', volume, 'in-use')
  return [server, volume]
}

/** The volume is free again, for what deletes it after the story. */
async function detached(stage: Stage, server: string, volume: string): Promise<void> {
  await stage.does('detach', 'DELETE', 'compute', `/servers/${server}/os-volume_attachments/${volume}`)
  await stage.settled('volume', volume, 'available')
}

async function snapshotOf(stage: Stage, volume: string): Promise<string> {
  const { body } = await stage.does(
    'snapshot',
    'POST',
    'volumev3',
    '/snapshots',
    { snapshot: { volume_id: volume } },
    '3.40',
  )
  const { id } = body['snapshot'] as { readonly id: string }
  stage.owns('volumev3', `/snapshots/${id}`)
  await stage.settled('snapshot', id, 'available')
  return id
}

const revert = (stage: Stage, volume: string, snapshot: string, version: string) =>
  stage.does(
    `revert ${version}`,
    'POST',
    'volumev3',
    `/volumes/${volume}/action`,
    { revert: { snapshot_id: snapshot } },
    version,
  )

export const volumeStories: readonly Story[] = [
  {
    claim: 'a volume that is being backed up has no snapshot taken of it, by force or not',
    async run(stage) {
      const volume = await stage.volume()
      const held = stage.site.hold('backup:creating')
      const { body } = await stage.does(
        'backup',
        'POST',
        'volumev3',
        '/backups',
        { backup: { volume_id: volume } },
        '3.43',
      )
      const { id } = body['backup'] as { readonly id: string }
      stage.owns('volumev3', `/backups/${id}`)
      const snapshot = { volume_id: volume, force: true }
      const refused = await stage.does('snapshot', 'POST', 'volumev3', '/snapshots', { snapshot }, '3.43')
      const { message } = refused.body['badRequest'] as { readonly message: string }
      stage.tell(message.replace(volume, 'ID'))
      held.release()
      await stage.settled('backup', id, 'available')
      await stage.settled('volume', volume, 'available')
    },
    told: [
      'backup: 202',
      'snapshot: 400 badRequest',
      'Invalid volume: Volume ID status must be available, in-use, but current status is: backing-up.',
    ],
  },
  {
    claim: 'a volume goes back to its latest snapshot alone, since 3.40',
    async run(stage) {
      const volume = await stage.volume()
      const first = await snapshotOf(stage, volume)
      await stage.site.nextSecond()
      const second = await snapshotOf(stage, volume)
      await revert(stage, volume, second, '3.39')
      await revert(stage, volume, first, '3.40')
      const { text } = await revert(stage, volume, second, '3.40')
      stage.tell(`body '${text}'`)
      await stage.settled('volume', volume, 'available')
      await stage.settled('snapshot', second, 'available')
      await stage.does('delete volume', 'DELETE', 'volumev3', `/volumes/${volume}`)
    },
    told: [
      'snapshot: 202',
      'snapshot: 202',
      'revert 3.39: 404 itemNotFound',
      'revert 3.40: 400 badRequest',
      'revert 3.40: 202',
      "body ''",
      'delete volume: 400 badRequest',
    ],
  },
  {
    claim: 'an attached volume is saved by force alone, and is not reverted',
    async run(stage) {
      const [server, volume] = await attached(stage)
      const post = (what: string, collection: string, given: object, version: string) =>
        stage.does(
          what,
          'POST',
          'volumev3',
          `/${collection}s`,
          { [collection]: { volume_id: volume, ...given } },
          version,
        )
      await post('snapshot', 'snapshot', {}, '3.40')
      const { body } = await post('snapshot by force', 'snapshot', { force: true }, '3.40')
      const { id } = body['snapshot'] as { readonly id: string }
      await stage.settled('snapshot', id, 'available')
      await revert(stage, volume, id, '3.40')
      const refused = await post('backup', 'backup', {}, '3.40')
      const { message } = refused.body['badRequest'] as { readonly message: string }
      stage.tell(
        message.includes('Backing up an in-use volume must use the force flag') ? 'it asks for force' : message,
      )
      const other = await stage.call('GET', 'volumev3', `/attachments?volume_id=${volume}`, undefined, '3.40')
      const [attachment] = other.body['attachments'] as readonly { readonly id: string }[]
      await stage.does('at Cinder', 'DELETE', 'volumev3', `/attachments/${attachment?.id ?? ''}`, undefined, '3.40')
      await stage.does('delete', 'DELETE', 'volumev3', `/volumes/${volume}`)
      await stage.does('delete snapshot', 'DELETE', 'volumev3', `/snapshots/${id}`)
      await stage.gone('volumev3', `/snapshots/${id}`)
      await detached(stage, server, volume)
    },
    told: [
      'attach: 200',
      'snapshot: 400 badRequest',
      'snapshot by force: 202',
      'revert 3.40: 409 conflictingRequest',
      'backup: 400 badRequest',
      'it asks for force',
      'at Cinder: 409 conflictingRequest',
      'delete: 400 badRequest',
      'delete snapshot: 202',
      'detach: 202',
    ],
  },
  {
    claim: 'a volume is attached once, and its attachment shows more at each microversion',
    async run(stage) {
      const [server, volume] = await attached(stage)
      const path = `/servers/${server}/os-volume_attachments`
      await stage.does('again', 'POST', 'compute', path, { volumeAttachment: { volumeId: volume } }, '2.49')
      for (const version of ['2.1', '2.70', '2.79', '2.89']) {
        const { body } = await stage.call('GET', 'compute', `${path}/${volume}`, undefined, version)
        stage.tell(
          `${version}: ${Object.keys(body['volumeAttachment'] as object)
            .toSorted()
            .join(' ')}`,
        )
      }
      await detached(stage, server, volume)
      await stage.does('detach again', 'DELETE', 'compute', `${path}/${volume}`)
    },
    told: [
      'attach: 200',
      'again: 400 badRequest',
      '2.1: device id serverId volumeId',
      '2.70: device id serverId tag volumeId',
      '2.79: delete_on_termination device id serverId tag volumeId',
      '2.89: attachment_id bdm_uuid delete_on_termination device serverId tag volumeId',
      'detach: 202',
      'detach again: 404 itemNotFound',
    ],
  },
  {
    claim: 'an incremental backup needs one before it, which then stays',
    async run(stage) {
      const volume = await stage.volume()
      const post = (what: string, given: object, version = '3.43') =>
        stage.does(what, 'POST', 'volumev3', '/backups', { backup: { volume_id: volume, ...given } }, version)
      await post('incremental', { incremental: true })
      await post('metadata at 3.42', { metadata: { fermata_key: 'k' } }, '3.42')
      const full = await post('full', { metadata: { fermata_key: 'k' } })
      const { id, ...brief } = full.body['backup'] as { readonly id: string }
      stage.tell(Object.keys(brief).toSorted().join(' '))
      stage.owns('volumev3', `/backups/${id}`)
      await stage.settled('backup', id, 'available')
      const more = await post('incremental', { incremental: true })
      const { id: child } = more.body['backup'] as { readonly id: string }
      stage.owns('volumev3', `/backups/${child}`)
      const { is_incremental: isIncremental } = await stage.settled('backup', child, 'available')
      stage.tell(`incremental: ${String(isIncremental)}`)
      const refused = await stage.does('delete the first', 'DELETE', 'volumev3', `/backups/${id}`)
      const { message } = refused.body['badRequest'] as { readonly message: string }
      stage.tell(message)
      const held = stage.site.hold('backup:restoring')
      const restored = await stage.does('restore', 'POST', 'volumev3', `/backups/${child}/restore`, {
        restore: { volume_id: volume },
      })
      stage.tell(
        Object.keys(restored.body['restore'] as object)
          .toSorted()
          .join(' '),
      )
      await stage.does('restore meanwhile', 'POST', 'volumev3', `/backups/${child}/restore`, {
        restore: { volume_id: volume },
      })
      held.release()
      await stage.settled('backup', child, 'available')
      await stage.settled('volume', volume, 'available')
    },
    told: [
      'incremental: 400 badRequest',
      'metadata at 3.42: 400 badRequest',
      'full: 202',
      'links name',
      'incremental: 202',
      'incremental: true',
      'delete the first: 400 badRequest',
      'Invalid backup: Incremental backups exist for this backup.',
      'restore: 202',
      'backup_id volume_id volume_name',
      'restore meanwhile: 400 badRequest',
    ],
  },
  {
    claim: 'snapshots are found by their metadata since 3.22, backups since 3.43',
    async run(stage) {
      const volume = await stage.volume()
      const made: string[] = []
      for (const key of ['a', 'b']) {
        const snapshot = { volume_id: volume, metadata: { fermata_key: key } }
        const { body } = await stage.call('POST', 'volumev3', '/snapshots', { snapshot }, '3.40')
        const { id } = body['snapshot'] as { readonly id: string }
        made.push(id)
        stage.owns('volumev3', `/snapshots/${id}`)
        await stage.settled('snapshot', id, 'available')
      }
      const asked = encodeURIComponent("{'fermata_key': 'b'}")
      const { body } = await stage.call(
        'GET',
        'volumev3',
        `/snapshots/detail?volume_id=${volume}&metadata=${asked}`,
        undefined,
        '3.22',
      )
      const found = body['snapshots'] as readonly { readonly id: string }[]
      stage.tell(found.map(({ id }) => (id === made[1] ? 'b' : 'another')).join())
    },
    told: ['b'],
  },
  {
    claim: 'volumes have the size of what they are made from, at least',
    async run(stage) {
      const volume = await stage.volume()
      const snapshot = await snapshotOf(stage, volume)
      const copy = await stage.volume({ snapshot_id: snapshot })
      const { snapshot_id: from } = await stage.settled('volume', copy, 'available')
      stage.tell(from === snapshot ? 'made of it' : 'made of nothing')
      await stage.does('no size', 'POST', 'volumev3', '/volumes', { volume: { size: 0 } })
    },
    told: ['snapshot: 202', 'made of it', 'no size: 400 badRequest'],
  },
]
