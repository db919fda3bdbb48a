// How snapshots are made, gone back to and deleted, inside images and as overlays.
import type { Stage } from './stage.ts'
import type { Story } from './story.ts'

const [diskOnly, reuse, quiesce, atomic] = [16, 32, 64, 128]

interface Wanted {
  readonly file?: string
  readonly disk?: string
  readonly description?: string
  readonly memory?: string
}

function document(name: string, { file, disk = 'vda', description, memory }: Wanted = {}): string {
  const disks =
    file === undefined ? '' : `<disks><disk name='${disk}' snapshot='external'><source file='${file}'/></disk></disks>`
  const text = description === undefined ? '' : `<description>${description}</description>`
  return `<domainsnapshot><name>${name}</name>${text}${memory ?? ''}${disks}</domainsnapshot>`
}

const make = (stage: Stage, name: string, flags = 0, wanted: Wanted = {}) =>
  stage.does('DOMAIN_SNAPSHOT_CREATE_XML', { xml: document(name, wanted), flags }, ({ snap }) => snap.name)

const snap = (stage: Stage, name: string) => ({ snap: { name, dom: stage.dom } })
const remove = (stage: Stage, name: string, flags = 0) =>
  stage.does('DOMAIN_SNAPSHOT_DELETE', { ...snap(stage, name), flags })
const names = (stage: Stage) =>
  stage.does('DOMAIN_LIST_ALL_SNAPSHOTS', { flags: 0 }, ({ snapshots }) =>
    snapshots
      .map(({ name }) => name)
      .toSorted()
      .join(' '),
  )
const current = (stage: Stage) => stage.does('DOMAIN_SNAPSHOT_CURRENT', { flags: 0 }, (found) => found.snap.name)
const parent = (stage: Stage, name: string) =>
  stage.does('DOMAIN_SNAPSHOT_GET_PARENT', { ...snap(stage, name), flags: 0 }, (found) => found.snap.name)

/** Sources of the running domain's disks. */
async function sources(stage: Stage): Promise<void> {
  const { xml } = await stage.asks('DOMAIN_GET_XML_DESC', { flags: 0 })
  const disks = [...xml.matchAll(/<disk [\s\S]*?<\/disk>/g)].map(([disk]) => /<source file='([^']*)'/.exec(disk)?.[1])
  stage.tell(`disks: ${disks.join(' ')}`)
}

async function shown(stage: Stage, name: string): Promise<void> {
  const { xml } = await stage.asks('DOMAIN_SNAPSHOT_GET_XML_DESC', { ...snap(stage, name), flags: 0 })
  const part = (pattern: RegExp): string => pattern.exec(xml)?.[1] ?? '-'
  const kinds = [...xml.matchAll(/<disk name='(\w+)' snapshot='(\w+)'/g)].map(([, disk, kind]) => `${disk} ${kind}`)
  stage.tell(
    `${name}: ${part(/<state>(.*)<\/state>/)}, memory ${part(/<memory snapshot='(\w+)'/)}, ${kinds.join(', ')}, ${part(/<description>(.*)<\/description>/)}`,
  )
}

export const snapshotStories: readonly Story[] = [
  {
    claim: 'an internal snapshot of a running guest pauses it for a moment',
    async run(stage) {
      await make(stage, 'one', 0, { description: 'about it' })
      await stage.state()
      await stage.events(2)
      await shown(stage, 'one')
      await make(stage, 'one')
      await make(stage, 'two')
      await names(stage)
      await current(stage)
      await parent(stage, 'two')
      await parent(stage, 'one')
      await remove(stage, 'one')
      await parent(stage, 'two')
      await remove(stage, 'two')
      await current(stage)
      await remove(stage, 'two')
    },
    told: [
      'DOMAIN_SNAPSHOT_CREATE_XML: one',
      'DOMAIN_GET_STATE: 1/5',
      'events: lifecycle 3/0, lifecycle 4/0',
      'one: running, memory internal, vda internal, vdb internal, about it',
      'DOMAIN_SNAPSHOT_CREATE_XML: error 9',
      'DOMAIN_SNAPSHOT_CREATE_XML: two',
      'DOMAIN_LIST_ALL_SNAPSHOTS: one two',
      'DOMAIN_SNAPSHOT_CURRENT: two',
      'DOMAIN_SNAPSHOT_GET_PARENT: one',
      'DOMAIN_SNAPSHOT_GET_PARENT: error 72',
      'DOMAIN_SNAPSHOT_DELETE: done',
      'DOMAIN_SNAPSHOT_GET_PARENT: error 72',
      'DOMAIN_SNAPSHOT_DELETE: done',
      'DOMAIN_SNAPSHOT_CURRENT: error 72',
      'DOMAIN_SNAPSHOT_DELETE: error 72',
    ],
  },
  {
    claim: 'going back to an internal snapshot is another start of the domain',
    async run(stage) {
      await make(stage, 'one')
      await stage.events(2)
      await make(stage, 'two')
      await stage.events(2)
      await stage.does('DOMAIN_REVERT_TO_SNAPSHOT', { ...snap(stage, 'one'), flags: 0 })
      await stage.events(4)
      await stage.state()
      await current(stage)
      await stage.does('DOMAIN_REVERT_TO_SNAPSHOT', { ...snap(stage, 'one'), flags: 2 })
      await stage.state()
      await stage.does('DOMAIN_REVERT_TO_SNAPSHOT', { ...snap(stage, 'nowhere'), flags: 0 })
    },
    told: [
      'DOMAIN_SNAPSHOT_CREATE_XML: one',
      'events: lifecycle 3/0, lifecycle 4/0',
      'DOMAIN_SNAPSHOT_CREATE_XML: two',
      'events: lifecycle 3/0, lifecycle 4/0',
      'DOMAIN_REVERT_TO_SNAPSHOT: done',
      'events: lifecycle 5/6, lifecycle 2/3, lifecycle 4/2, lifecycle 0/3',
      'DOMAIN_GET_STATE: 1/4',
      'DOMAIN_SNAPSHOT_CURRENT: one',
      'DOMAIN_REVERT_TO_SNAPSHOT: done',
      'DOMAIN_GET_STATE: 3/7',
      'DOMAIN_REVERT_TO_SNAPSHOT: error 72',
    ],
  },
  {
    claim: 'external snapshots put overlays under the disks, and cannot be gone back to',
    async run(stage) {
      await make(stage, 'one', diskOnly | atomic | quiesce)
      await sources(stage)
      await shown(stage, 'one')
      await stage.does('DOMAIN_REVERT_TO_SNAPSHOT', { ...snap(stage, 'one'), flags: 0 })
      await stage.does('DOMAIN_REVERT_TO_SNAPSHOT', { ...snap(stage, 'one'), flags: 4 })
      await stage.state()
      await remove(stage, 'one')
      await sources(stage)
      await names(stage)
    },
    told: [
      'DOMAIN_SNAPSHOT_CREATE_XML: one',
      'disks: DISKS/truth-vda.one DISKS/truth-vdb.one',
      'one: disk-snapshot, memory no, vda external, vdb external, -',
      'DOMAIN_REVERT_TO_SNAPSHOT: error 67',
      'DOMAIN_REVERT_TO_SNAPSHOT: error 67',
      'DOMAIN_GET_STATE: 1/1',
      'DOMAIN_SNAPSHOT_DELETE: done',
      'disks: DISKS/truth-vda.qcow2 DISKS/truth-vdb.qcow2',
      'DOMAIN_LIST_ALL_SNAPSHOTS: ',
    ],
  },
  {
    claim: 'a snapshot is refused by what is wrong with it, and then leaves nothing',
    async run(stage) {
      await make(stage, 'one', quiesce)
      await make(stage, 'one', diskOnly, { file: '/nowhere/x.qcow2' })
      await make(stage, 'one', diskOnly, { file: `${stage.site.folder}/x.qcow2`, disk: 'vdz' })
      await make(stage, 'one', diskOnly | reuse, { file: `${stage.site.folder}/none.qcow2` })
      await make(stage, 'one', 0, { file: `${stage.site.folder}/mixed.qcow2` })
      await make(stage, 'one', diskOnly, { memory: "<memory snapshot='internal'/>" })
      await stage.does('DOMAIN_SNAPSHOT_CREATE_XML', { xml: '<domainsnapshot', flags: 0 })
      await stage.does('DOMAIN_SNAPSHOT_CREATE_XML', { xml: '<nothing/>', flags: 0 })
      await stage.does('DOMAIN_SNAPSHOT_CREATE_XML', { xml: document('one'), flags: 1 << 20 })
      await names(stage)
      await sources(stage)
      await make(stage, 'one', diskOnly, { file: `${stage.site.folder}/x.qcow2` })
      await make(stage, 'two', diskOnly, { file: `${stage.site.folder}/x.qcow2` })
    },
    told: [
      'DOMAIN_SNAPSHOT_CREATE_XML: error 8',
      'DOMAIN_SNAPSHOT_CREATE_XML: error 38',
      'DOMAIN_SNAPSHOT_CREATE_XML: error 67',
      'DOMAIN_SNAPSHOT_CREATE_XML: error 38',
      'DOMAIN_SNAPSHOT_CREATE_XML: error 67',
      'DOMAIN_SNAPSHOT_CREATE_XML: error 27',
      'DOMAIN_SNAPSHOT_CREATE_XML: error 35',
      'DOMAIN_SNAPSHOT_CREATE_XML: error 27',
      'DOMAIN_SNAPSHOT_CREATE_XML: error 8',
      'DOMAIN_LIST_ALL_SNAPSHOTS: ',
      'disks: DISKS/truth-vda.qcow2 DISKS/truth-vdb.qcow2',
      'DOMAIN_SNAPSHOT_CREATE_XML: one',
      'DOMAIN_SNAPSHOT_CREATE_XML: error 67',
    ],
  },
  {
    claim: 'of two external snapshots either may be deleted first, and what it held is merged',
    async run(stage) {
      await make(stage, 'one', diskOnly)
      await make(stage, 'two', diskOnly)
      await sources(stage)
      await remove(stage, 'one')
      await sources(stage)
      await names(stage)
      await parent(stage, 'two')
      await remove(stage, 'two')
      await sources(stage)
    },
    told: [
      'DOMAIN_SNAPSHOT_CREATE_XML: one',
      'DOMAIN_SNAPSHOT_CREATE_XML: two',
      'disks: DISKS/truth-vda.two DISKS/truth-vdb.two',
      'DOMAIN_SNAPSHOT_DELETE: done',
      'disks: DISKS/truth-vda.two DISKS/truth-vdb.two',
      'DOMAIN_LIST_ALL_SNAPSHOTS: two',
      'DOMAIN_SNAPSHOT_GET_PARENT: error 72',
      'DOMAIN_SNAPSHOT_DELETE: done',
      'disks: DISKS/truth-vda.qcow2 DISKS/truth-vdb.qcow2',
    ],
  },
  {
    claim: 'an overlay is committed by a job that waits for its pivot; the snapshot is then only forgotten',
    async run(stage) {
      await make(stage, 'one', diskOnly)
      const commit = { disk: 'vda', base: null, top: null, bandwidth: 0n }
      await stage.does('DOMAIN_BLOCK_JOB_ABORT', { path: 'vda', flags: 2 })
      await stage.does('DOMAIN_BLOCK_COMMIT', { ...commit, flags: 0 })
      await stage.does('DOMAIN_BLOCK_COMMIT', { ...commit, flags: 4 })
      await stage.events(1)
      await stage.does(
        'DOMAIN_GET_BLOCK_JOB_INFO',
        { path: 'vda', flags: 0 },
        ({ found, type, cur, end }) => `${found} ${type} ${cur === end ? 'at its end' : 'on its way'}`,
      )
      await make(stage, 'beside', diskOnly)
      await stage.does('DOMAIN_BLOCK_COMMIT', { ...commit, flags: 4 })
      await stage.does('DOMAIN_BLOCK_JOB_ABORT', { path: 'vda', flags: 2 })
      await stage.events(1)
      await stage.does('DOMAIN_GET_BLOCK_JOB_INFO', { path: 'vda', flags: 0 }, ({ found }) => String(found))
      await stage.does('DOMAIN_GET_BLOCK_JOB_INFO', { path: 'vdz', flags: 0 })
      await sources(stage)
      await remove(stage, 'one', 2)
      await names(stage)
    },
    told: [
      'DOMAIN_SNAPSHOT_CREATE_XML: one',
      'DOMAIN_BLOCK_JOB_ABORT: error 8',
      'DOMAIN_BLOCK_COMMIT: error 8',
      'DOMAIN_BLOCK_COMMIT: done',
      'events: vda 4/3',
      'DOMAIN_GET_BLOCK_JOB_INFO: 1 4 at its end',
      'DOMAIN_SNAPSHOT_CREATE_XML: error 83',
      'DOMAIN_BLOCK_COMMIT: error 83',
      'DOMAIN_BLOCK_JOB_ABORT: done',
      'events: vda 4/0',
      'DOMAIN_GET_BLOCK_JOB_INFO: 0',
      'DOMAIN_GET_BLOCK_JOB_INFO: error 8',
      'disks: DISKS/truth-vda.qcow2 DISKS/truth-vdb.one',
      'DOMAIN_SNAPSHOT_DELETE: done',
      'DOMAIN_LIST_ALL_SNAPSHOTS: ',
    ],
  },
  {
    claim: 'a domain that is off is snapshotted too, and is not forgotten with its snapshots by mistake',
    async run(stage) {
      await stage.does('DOMAIN_DESTROY', {})
      await stage.events(2)
      await make(stage, 'inside')
      await shown(stage, 'inside')
      await make(stage, 'quiesced', diskOnly | quiesce)
      await stage.does('DOMAIN_UNDEFINE_FLAGS', { flags: 0 })
      await stage.does('DOMAIN_REVERT_TO_SNAPSHOT', { ...snap(stage, 'inside'), flags: 0 })
      await stage.state()
      await remove(stage, 'inside')
      await make(stage, 'over', diskOnly)
      await shown(stage, 'over')
      await sources(stage)
      await stage.does('DOMAIN_UNDEFINE_FLAGS', { flags: 2 })
    },
    told: [
      'DOMAIN_DESTROY: done',
      'events: lifecycle 6/2, lifecycle 5/1',
      'DOMAIN_SNAPSHOT_CREATE_XML: inside',
      'inside: shutoff, memory no, vda internal, vdb internal, -',
      'DOMAIN_SNAPSHOT_CREATE_XML: quiesced',
      'DOMAIN_UNDEFINE_FLAGS: error 55',
      'DOMAIN_REVERT_TO_SNAPSHOT: done',
      'DOMAIN_GET_STATE: 5/2',
      'DOMAIN_SNAPSHOT_DELETE: done',
      'DOMAIN_SNAPSHOT_CREATE_XML: over',
      'over: shutoff, memory no, vda external, vdb external, -',
      'disks: DISKS/truth-vda.over DISKS/truth-vdb.over',
      'DOMAIN_UNDEFINE_FLAGS: done',
    ],
  },
  {
    claim: 'internal and external snapshots of one domain get into each other’s way',
    async run(stage) {
      await make(stage, 'inside')
      await make(stage, 'over', diskOnly)
      await remove(stage, 'over')
      await remove(stage, 'inside')
      await names(stage)
    },
    told: [
      'DOMAIN_SNAPSHOT_CREATE_XML: inside',
      'DOMAIN_SNAPSHOT_CREATE_XML: over',
      'DOMAIN_SNAPSHOT_DELETE: error 84',
      'DOMAIN_SNAPSHOT_DELETE: error 84',
      'DOMAIN_LIST_ALL_SNAPSHOTS: inside over',
    ],
  },
]
