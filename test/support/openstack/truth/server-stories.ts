// Stories about Nova: power, images, rebuild, what its microversions change.
import type { JsonObject } from '../../../../src/kernel/json.ts'
import type { Story } from './site.ts'
import type { Stage } from './stage.ts'

const action = (stage: Stage, id: string, body: JsonObject, version?: string) =>
  stage.does(Object.keys(body)[0] ?? '', 'POST', 'compute', `/servers/${id}/action`, body, version)

export const serverStories: readonly Story[] = [
  {
    claim: 'a server that is suspended already is not suspended again',
    async run(stage) {
      const id = await stage.server()
      const { text } = await action(stage, id, { suspend: null })
      stage.tell(`body '${text}'`)
      await stage.serverIs(id, 'SUSPENDED')
      const again = await action(stage, id, { suspend: null })
      const { message } = again.body['conflictingRequest'] as { readonly message: string }
      stage.tell(message.replace(id, 'ID'))
      await action(stage, id, { resume: null })
      await stage.serverIs(id, 'ACTIVE')
      await action(stage, id, { resume: null })
    },
    told: [
      'suspend: 202',
      "body ''",
      'suspend: 409 conflictingRequest',
      "Cannot 'suspend' instance ID while it is in vm_state suspended",
      'resume: 202',
      'resume: 409 conflictingRequest',
    ],
  },
  {
    claim: 'a server is stopped, paused and started from the states that allow it',
    async run(stage) {
      const id = await stage.server()
      await action(stage, id, { pause: null })
      await stage.serverIs(id, 'PAUSED')
      await action(stage, id, { suspend: null })
      await action(stage, id, { 'os-start': null })
      await action(stage, id, { unpause: null })
      await stage.serverIs(id, 'ACTIVE')
      await action(stage, id, { 'os-start': null })
      await action(stage, id, { 'os-stop': null })
      await stage.serverIs(id, 'SHUTOFF')
      await action(stage, id, { 'os-stop': null })
      await action(stage, id, { reboot: { type: 'SOFT' } })
      await action(stage, id, { reboot: { type: 'HARD' } })
      await stage.serverIs(id, 'ACTIVE')
    },
    told: [
      'pause: 202',
      'suspend: 409 conflictingRequest',
      'os-start: 409 conflictingRequest',
      'unpause: 202',
      'os-start: 409 conflictingRequest',
      'os-stop: 202',
      'os-stop: 409 conflictingRequest',
      'reboot: 409 conflictingRequest',
      'reboot: 202',
    ],
  },
  {
    claim: 'createImage tells its id in a header before 2.45, in its body since',
    async run(stage) {
      const id = await stage.server()
      const old = await action(stage, id, { createImage: { name: 'truth-old' } }, '2.44')
      const first = old.headers['location']?.split('/').at(-1) ?? ''
      stage.owns('image', `/images/${first}`)
      stage.tell(
        `body '${old.text}', header ${old.headers['location']?.includes('//images/') ? 'with two slashes' : 'without'}`,
      )
      await stage.imageIs(first, 'active')
      await stage.serverIs(id, 'ACTIVE')
      const image = { createImage: { name: 'truth-new', metadata: { fermata_key: 'k' } } }
      const { body, headers } = await action(stage, id, image, '2.45')
      const second = String(body['image_id'])
      stage.owns('image', `/images/${second}`)
      stage.tell(`body with ${Object.keys(body).join()}, header ${headers['location'] === undefined ? 'none' : 'too'}`)
      const {
        fermata_key: key,
        image_type: type,
        instance_uuid: of,
        visibility,
      } = await stage.imageIs(second, 'active')
      stage.tell(`${String(key)} ${String(type)} ${of === id ? 'of it' : 'of none'} ${String(visibility)}`)
    },
    told: [
      'createImage: 202',
      "body '', header with two slashes",
      'createImage: 202',
      'body with image_id, header none',
      'k snapshot of it private',
    ],
  },
  {
    claim: 'a server has one task at a time',
    async run(stage) {
      const id = await stage.server()
      const held = stage.site.hold('server:image_uploading')
      const { body } = await action(stage, id, { createImage: { name: 'truth-1' } }, '2.45')
      stage.owns('image', `/images/${String(body['image_id'])}`)
      await action(stage, id, { createImage: { name: 'truth-2' } }, '2.45')
      held.release()
      await stage.imageIs(String(body['image_id']), 'active')
      await stage.serverIs(id, 'ACTIVE')
    },
    told: ['createImage: 202', 'createImage: 409 conflictingRequest'],
  },
  {
    claim: 'createBackup deletes what is older than its rotation, of its own type alone',
    async run(stage) {
      const id = await stage.server()
      const ids: string[] = []
      for (const [name, type] of [
        ['b1', 'daily'],
        ['b2', 'weekly'],
        ['b3', 'daily'],
      ] as const) {
        const backup = { createBackup: { name, backup_type: type, rotation: 1 } }
        const { body } = await action(stage, id, backup, '2.45')
        const image = String(body['image_id'])
        ids.push(image)
        stage.owns('image', `/images/${image}`)
        await stage.imageIs(image, 'active')
        await stage.serverIs(id, 'ACTIVE')
        await stage.site.nextSecond()
      }
      await stage.gone('image', `/images/${ids[0] ?? ''}`)
      for (const image of ids) await stage.does('image', 'GET', 'image', `/images/${image}`)
      await action(stage, id, { createBackup: { name: 'b4', backup_type: 'daily', rotation: -1 } })
    },
    told: [
      'createBackup: 202',
      'createBackup: 202',
      'createBackup: 202',
      'image: 404 message',
      'image: 200',
      'image: 200',
      'createBackup: 400 badRequest',
    ],
  },
  {
    claim: 'a rebuilt server is as it was: running or stopped',
    async run(stage) {
      const id = await stage.server()
      const rebuild = { rebuild: { imageRef: stage.site.image } }
      const { body } = await action(stage, id, rebuild, '2.90')
      stage.tell(String((body['server'] as JsonObject)['status']))
      await stage.serverIs(id, 'ACTIVE')
      await action(stage, id, { 'os-stop': null })
      await stage.serverIs(id, 'SHUTOFF')
      await action(stage, id, rebuild, '2.90')
      await stage.serverIs(id, 'SHUTOFF')
      await action(stage, id, { rebuild: { imageRef: '00000000-0000-4000-8000-000000000000' } }, '2.90')
    },
    told: ['rebuild: 202', 'REBUILD', 'os-stop: 202', 'rebuild: 202', 'rebuild: 400 badRequest'],
  },
  {
    claim: 'an image of a server inherits what the image of the server was marked with',
    async run(stage) {
      const id = await stage.server()
      const take = async (metadata: JsonObject): Promise<string> => {
        const { body } = await action(stage, id, { createImage: { name: 'truth', metadata } }, '2.45')
        const image = String(body['image_id'])
        stage.owns('image', `/images/${image}`)
        await stage.imageIs(image, 'active')
        await stage.serverIs(id, 'ACTIVE')
        return image
      }
      const ours = await take({ fermata_key: 'ours', fermata_node: 'web' })
      await action(stage, id, { rebuild: { imageRef: ours } }, '2.90')
      await stage.serverIs(id, 'ACTIVE')
      const theirs = await take({ fermata_key: 'other' })
      const { fermata_key: key, fermata_node: node } = await stage.imageIs(theirs, 'active')
      stage.tell(`${String(key)} ${String(node)}`)
    },
    told: ['createImage: 202', 'rebuild: 202', 'createImage: 202', 'other web'],
  },
  {
    claim: 'servers look other at each microversion',
    async run(stage) {
      const id = await stage.server()
      for (const version of ['2.46', '2.47']) {
        const { body } = await stage.call('GET', 'compute', `/servers/${id}`, undefined, version)
        const { flavor } = body['server'] as { readonly flavor: JsonObject }
        stage.tell(`${version}: a flavor with ${'id' in flavor ? 'an id' : 'its name'}`)
      }
      const { image, flavor } = stage.site
      const server = { name: 'truth', imageRef: image, flavorRef: flavor }
      await stage.does('without networks', 'POST', 'compute', '/servers', { server }, '2.37')
      await stage.does('none', 'POST', 'compute', '/servers', { server: { ...server, networks: 'none' } }, '2.36')
      await stage.does('too new', 'GET', 'compute', '/servers', undefined, '2.999')
    },
    told: [
      '2.46: a flavor with an id',
      '2.47: a flavor with its name',
      'without networks: 400 badRequest',
      'none: 400 badRequest',
      'too new: 406 computeFault',
    ],
  },
  {
    claim: 'what is not there is told so, and who is nobody is refused at the door',
    async run(stage) {
      const none = '00000000-0000-4000-8000-000000000000'
      await stage.does('server', 'GET', 'compute', `/servers/${none}`)
      await stage.does('volume', 'GET', 'volumev3', `/volumes/${none}`)
      await stage.does('image', 'GET', 'image', `/images/${none}`)
      stage.forgetToken()
      const { headers } = await stage.does('nobody', 'GET', 'compute', '/servers')
      stage.tell(`www-authenticate: ${headers['www-authenticate']?.split(' ')[0] ?? ''}`)
    },
    told: [
      'server: 404 itemNotFound',
      'volume: 404 itemNotFound',
      'image: 404 message',
      'nobody: 401 error',
      'www-authenticate: Keystone',
    ],
  },
  {
    claim: 'a protected image is not deleted, and properties are patched in a kind of JSON of their own',
    async run(stage) {
      const { body } = await stage.does('create', 'POST', 'image', '/images', {
        name: 'truth',
        fermata_key: 'k',
        protected: true,
      })
      const id = String(body['id'])
      stage.owns('image', `/images/${id}`)
      await stage.does('delete', 'DELETE', 'image', `/images/${id}`)
      const free = [{ op: 'replace', path: '/protected', value: false }]
      await stage.does('plain patch', 'PATCH', 'image', `/images/${id}`, free)
      const { body: changed } = await stage.patchImage(id, [...free, { op: 'add', path: '/fermata_node', value: 'n' }])
      stage.tell(`${String(changed['protected'])} ${String(changed['fermata_key'])} ${String(changed['fermata_node'])}`)
      await stage.patchImage(id, [{ op: 'remove', path: '/nothing' }])
    },
    told: ['create: 201', 'delete: 403 message', 'plain patch: 415 message', 'patch: 200', 'false k n', 'patch: 409'],
  },
]
