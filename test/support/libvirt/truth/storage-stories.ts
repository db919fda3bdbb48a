// How pools and volumes come, go, and give their contents.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Pool, Volume } from '../../../../src/plugins/libvirt/client/structs.ts'
import type { Stage } from './stage.ts'
import type { Story } from './story.ts'

const poolXml = (path: string): string =>
  `<pool type='dir'><name>truth</name><target><path>${path}</path></target></pool>`
const volumeXml = (name: string, more = ''): string =>
  `<volume><name>${name}</name><capacity unit='bytes'>1048576</capacity>${more}</volume>`
const qcow2 = "<target><format type='qcow2'/></target>"

const pathOf = (stage: Stage): string => `${stage.site.folder}/pool`

async function definedPool(stage: Stage): Promise<Pool> {
  const { pool } = await stage.client.call('STORAGE_POOL_DEFINE_XML', { xml: poolXml(pathOf(stage)) })
  return pool
}

async function runningPool(stage: Stage): Promise<Pool> {
  const pool = await definedPool(stage)
  await stage.client.call('STORAGE_POOL_CREATE', { pool, flags: 1 })
  return pool
}

async function removePool(stage: Stage, pool: Pool): Promise<void> {
  await stage.client.call('STORAGE_POOL_DESTROY', { pool }).catch(() => undefined)
  await stage.client.call('STORAGE_POOL_UNDEFINE', { pool }).catch(() => undefined)
}

async function volumes(stage: Stage, pool: Pool): Promise<void> {
  await stage.tries(
    'volumes',
    () => stage.client.call('STORAGE_POOL_LIST_ALL_VOLUMES', { pool }),
    ({ vols }) =>
      vols
        .map(({ name }) => name)
        .toSorted()
        .join(' '),
  )
}

const create = (stage: Stage, pool: Pool, xml: string): Promise<{ readonly vol: Volume } | undefined> =>
  stage.tries(
    'create',
    () => stage.client.call('STORAGE_VOL_CREATE_XML', { pool, xml }),
    ({ vol }) => vol.name,
  )

export const storageStories: readonly Story[] = [
  {
    claim: 'a pool of files is defined, built, started, stopped, deleted and forgotten, each in its state',
    async run(stage) {
      const { client } = stage
      const pool = await definedPool(stage)
      const does = (name: 'STORAGE_POOL_DESTROY' | 'STORAGE_POOL_UNDEFINE') =>
        stage.tries(name, () => client.call(name, { pool }))
      const define = (xml: string) => stage.tries('define', () => client.call('STORAGE_POOL_DEFINE_XML', { xml }))
      const acts = (
        name: 'STORAGE_POOL_CREATE' | 'STORAGE_POOL_BUILD' | 'STORAGE_POOL_REFRESH' | 'STORAGE_POOL_DELETE',
      ) => stage.tries(name, () => client.call(name, { pool }))
      await define(poolXml(pathOf(stage)))
      await define(poolXml(pathOf(stage)).replace('truth', 'truth-other'))
      await does('STORAGE_POOL_DESTROY')
      await acts('STORAGE_POOL_REFRESH')
      await acts('STORAGE_POOL_CREATE')
      await acts('STORAGE_POOL_BUILD')
      await acts('STORAGE_POOL_BUILD')
      await acts('STORAGE_POOL_CREATE')
      await acts('STORAGE_POOL_CREATE')
      await does('STORAGE_POOL_UNDEFINE')
      await acts('STORAGE_POOL_DELETE')
      await stage.tries(
        'info',
        () => client.call('STORAGE_POOL_GET_INFO', { pool }),
        ({ state }) => String(state),
      )
      writeFileSync(`${pathOf(stage)}/other`, 'x')
      await volumes(stage, pool)
      await acts('STORAGE_POOL_REFRESH')
      await volumes(stage, pool)
      await does('STORAGE_POOL_DESTROY')
      await volumes(stage, pool)
      await acts('STORAGE_POOL_DELETE')
      await does('STORAGE_POOL_UNDEFINE')
      await does('STORAGE_POOL_UNDEFINE')
      stage.tell(`the folder ${existsSync(pathOf(stage)) ? 'stays' : 'is gone'}`)
    },
    told: [
      'define: error 9',
      'define: error 9',
      'STORAGE_POOL_DESTROY: error 55',
      'STORAGE_POOL_REFRESH: error 55',
      'STORAGE_POOL_CREATE: error 38',
      'STORAGE_POOL_BUILD: done',
      'STORAGE_POOL_BUILD: done',
      'STORAGE_POOL_CREATE: done',
      'STORAGE_POOL_CREATE: error 55',
      'STORAGE_POOL_UNDEFINE: error 55',
      'STORAGE_POOL_DELETE: error 55',
      'info: 2',
      'volumes: ',
      'STORAGE_POOL_REFRESH: done',
      'volumes: other',
      'STORAGE_POOL_DESTROY: done',
      'volumes: error 55',
      'STORAGE_POOL_DELETE: error 38',
      'STORAGE_POOL_UNDEFINE: done',
      'STORAGE_POOL_UNDEFINE: error 49',
      'the folder stays',
    ],
  },
  {
    claim: 'a pool that was never defined goes when it stops',
    async run(stage) {
      const { client } = stage
      const made = await stage.tries('create', () =>
        client.call('STORAGE_POOL_CREATE_XML', { xml: poolXml(pathOf(stage)), flags: 1 }),
      )
      if (!made) return
      const { pool } = made
      await stage.tries(
        'persistent',
        () => client.call('STORAGE_POOL_IS_PERSISTENT', { pool }),
        (found) => String(found.persistent),
      )
      const again = { xml: poolXml(pathOf(stage)), flags: 0 }
      await stage.tries('again', () => client.call('STORAGE_POOL_CREATE_XML', again))
      const elsewhere = poolXml(pathOf(stage)).replace('truth', 'truth-other')
      await stage.tries('same folder', () => client.call('STORAGE_POOL_CREATE_XML', { xml: elsewhere, flags: 0 }))
      await stage.tries(
        'find',
        () => client.call('STORAGE_POOL_LOOKUP_BY_TARGET_PATH', { path: pathOf(stage) }),
        (found) => found.pool.name,
      )
      await stage.tries('stop', () => client.call('STORAGE_POOL_DESTROY', { pool }))
      await stage.tries('find', () => client.call('STORAGE_POOL_LOOKUP_BY_TARGET_PATH', { path: pathOf(stage) }))
      await stage.tries('by name', () => client.call('STORAGE_POOL_LOOKUP_BY_NAME', { name: 'truth' }))
      await stage.tries('bad', () => client.call('STORAGE_POOL_CREATE_XML', { xml: '<pool', flags: 0 }))
      await stage.tries('other', () => client.call('STORAGE_POOL_CREATE_XML', { xml: '<nothing/>', flags: 0 }))
    },
    told: [
      'create: done',
      'persistent: 0',
      'again: error 9',
      'same folder: error 9',
      'find: truth',
      'stop: done',
      'find: error 49',
      'by name: error 49',
      'bad: error 35',
      'other: error 27',
    ],
  },
  {
    claim: 'volumes are made once, found, grown and deleted',
    async run(stage) {
      const { client } = stage
      const pool = await runningPool(stage)
      await create(stage, pool, volumeXml('one'))
      await create(stage, pool, volumeXml('one'))
      await create(stage, pool, volumeXml('two.qcow2', qcow2))
      await create(stage, pool, '<volume')
      await create(stage, pool, '<nothing/>')
      await volumes(stage, pool)
      const lookup = (name: string) =>
        stage.tries(
          'find',
          () => client.call('STORAGE_VOL_LOOKUP_BY_NAME', { pool, name }),
          ({ vol }) => vol.key,
        )
      const found = await lookup('one')
      await lookup('three')
      if (!found) return
      const { vol } = found
      const info = () =>
        stage.tries(
          'info',
          () => client.call('STORAGE_VOL_GET_INFO', { vol }),
          ({ type, capacity }) => `${type} ${capacity}`,
        )
      await info()
      await stage.tries('resize', () => client.call('STORAGE_VOL_RESIZE', { vol, capacity: 2097152n }))
      await info()
      await stage.tries('clone', () =>
        client.call('STORAGE_VOL_CREATE_XML_FROM', {
          pool,
          xml: volumeXml('copy').replace('1048576', '2097152'),
          clonevol: vol,
        }),
      )
      await stage.tries('delete', () => client.call('STORAGE_VOL_DELETE', { vol }))
      await stage.tries('delete', () => client.call('STORAGE_VOL_DELETE', { vol }))
      await info()
      await volumes(stage, pool)
      await removePool(stage, pool)
      await volumes(stage, pool)
    },
    told: [
      'create: one',
      'create: error 90',
      'create: two.qcow2',
      'create: error 35',
      'create: error 27',
      'volumes: one two.qcow2',
      'find: FOLDER/pool/one',
      'find: error 50',
      'info: 0 1048576',
      'resize: done',
      'info: 0 2097152',
      'clone: done',
      'delete: done',
      'delete: error 50',
      'info: error 50',
      'volumes: copy two.qcow2',
      'volumes: error 49',
    ],
  },
  {
    claim: 'contents go up and come down in packets, within what was said',
    async run(stage) {
      const { client } = stage
      const pool = await runningPool(stage)
      const made = await create(stage, pool, volumeXml('one'))
      if (!made) return
      const { vol } = made
      const content = Buffer.alloc(1_048_576, 'abcdefgh')
      const up = (offset: bigint, length: bigint, ...packets: readonly Buffer[]) =>
        stage.tries('up', () => client.transfer('STORAGE_VOL_UPLOAD', { vol, offset, length }, packets))
      const down = (offset: bigint, length: bigint) =>
        stage.tries(
          'down',
          () => client.transfer('STORAGE_VOL_DOWNLOAD', { vol, offset, length }),
          (bytes) => `${bytes.length} bytes, ${bytes.subarray(0, 8).toString()}`,
        )
      await up(0n, 0n, content.subarray(0, 262_120), content.subarray(262_120))
      stage.tell(readFileSync(vol.key).equals(content) ? 'the file holds it' : 'the file holds something else')
      await down(0n, 0n)
      await down(2n, 10n)
      await down(1_048_570n, 0n)
      await up(8n, 4n, Buffer.from('ABCD'))
      await down(4n, 12n)
      await up(0n, 4n, Buffer.from('too much of it'))
      await stage.tries('nowhere', () =>
        client.transfer('STORAGE_VOL_DOWNLOAD', { vol: { ...vol, name: 'nowhere' }, offset: 0n, length: 0n }),
      )
      await removePool(stage, pool)
    },
    told: [
      'create: one',
      'up: done',
      'the file holds it',
      'down: 1048576 bytes, abcdefgh',
      'down: 10 bytes, cdefghab',
      'down: 6 bytes, cdefgh',
      'up: done',
      'down: 12 bytes, efghABCD',
      'up: error 38',
      'nowhere: error 50',
    ],
  },
]
