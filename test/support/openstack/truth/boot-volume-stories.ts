// Stories about servers that boot from a volume: what Nova does for others and refuses to them.
import type { JsonObject } from '../../../../src/kernel/json.ts'
import type { Story } from './site.ts'
import type { Stage } from './stage.ts'

async function bootedFromVolume(stage: Stage): Promise<readonly [server: string, volume: string]> {
  const volume = await stage.volume({ imageRef: stage.site.image })
  const disk = { boot_index: 0, uuid: volume, source_type: 'volume', destination_type: 'volume' }
  const server = { name: 'truth', flavorRef: stage.site.flavor, networks: 'none', block_device_mapping_v2: [disk] }
  const { body } = await stage.does('create', 'POST', 'compute', '/servers', { server }, '2.37')
  const { id } = body['server'] as { readonly id: string }
  stage.owns('compute', `/servers/${id}`)
  await stage.serverIs(id, 'ACTIVE')
  return [id, volume]
}

export const bootVolumeStories: readonly Story[] = [
  {
    claim: 'a server on a volume has no image, no backup, and keeps its disk',
    async run(stage) {
      const [server, volume] = await bootedFromVolume(stage)
      const shown = await stage.call('GET', 'compute', `/servers/${server}`)
      stage.tell(`image ${JSON.stringify((shown.body['server'] as JsonObject)['image'])}`)
      const path = `/servers/${server}/action`
      const backup = { createBackup: { name: 'truth', backup_type: 'daily', rotation: 2 } }
      await stage.does('createBackup', 'POST', 'compute', path, backup, '2.45')
      await stage.does('detach', 'DELETE', 'compute', `/servers/${server}/os-volume_attachments/${volume}`)
      await stage.does('stop', 'POST', 'compute', path, { 'os-stop': null })
      await stage.serverIs(server, 'SHUTOFF')
      await stage.does('detach', 'DELETE', 'compute', `/servers/${server}/os-volume_attachments/${volume}`)
    },
    told: [
      'create: 202',
      'image ""',
      'createBackup: 400 badRequest',
      'detach: 400 badRequest',
      'stop: 202',
      'detach: 400 badRequest',
    ],
  },
  {
    claim: 'an image of a server on a volume has no bytes, and outlives as snapshots when it is deleted',
    async run(stage) {
      const [server, volume] = await bootedFromVolume(stage)
      const path = `/servers/${server}/action`
      const made = await stage.does('createImage', 'POST', 'compute', path, { createImage: { name: 'truth' } }, '2.45')
      const image = String(made.body['image_id'])
      const { size, block_device_mapping: mapping } = await stage.imageIs(image, 'active')
      const [part] = JSON.parse(String(mapping)) as readonly { readonly snapshot_id: string }[]
      stage.tell(`${String(size)} bytes, ${part === undefined ? 'no snapshot' : 'a snapshot'}`)
      const snapshot = part?.snapshot_id ?? ''
      stage.owns('volumev3', `/snapshots/${snapshot}`)
      await stage.settled('snapshot', snapshot, 'available')
      await stage.serverIs(server, 'ACTIVE')
      await stage.does('delete the image', 'DELETE', 'image', `/images/${image}`)
      const { body } = await stage.does('its snapshot', 'GET', 'volumev3', `/snapshots/${snapshot}`)
      stage.tell((body['snapshot'] as JsonObject)['volume_id'] === volume ? 'of its disk' : 'of another')
    },
    told: [
      'create: 202',
      'createImage: 202',
      '0 bytes, a snapshot',
      'delete the image: 204',
      'its snapshot: 200',
      'of its disk',
    ],
  },
  {
    claim: 'a server on a volume is not given another image before 2.93',
    async run(stage) {
      const [server] = await bootedFromVolume(stage)
      const { body } = await stage.call(
        'POST',
        'compute',
        `/servers/${await stage.server('other')}/action`,
        { createImage: { name: 'truth' } },
        '2.45',
      )
      const image = String(body['image_id'])
      stage.owns('image', `/images/${image}`)
      await stage.imageIs(image, 'active')
      await stage.does(
        'rebuild',
        'POST',
        'compute',
        `/servers/${server}/action`,
        { rebuild: { imageRef: image } },
        '2.92',
      )
    },
    told: ['create: 202', 'rebuild: 400 badRequest'],
  },
]
