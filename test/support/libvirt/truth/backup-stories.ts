// How push backups and checkpoints behave, and the jobs that they are.
import { valuesOf } from '../../../../src/plugins/libvirt/client/structs.ts'
import type { Stage } from './stage.ts'
import type { Story } from './story.ts'

interface Wanted {
  readonly since?: string
  readonly checkpoint?: string
  readonly disks?: Readonly<Record<string, string>>
  readonly flags?: number
}

function begin(stage: Stage, { since, checkpoint, disks = {}, flags = 0 }: Wanted) {
  const described = Object.entries(disks).map(
    ([name, file]) => `<disk name='${name}' type='file'><target file='${file}'/><driver type='qcow2'/></disk>`,
  )
  const incremental = since === undefined ? '' : `<incremental>${since}</incremental>`
  return stage.does('DOMAIN_BACKUP_BEGIN', {
    backup_xml: `<domainbackup mode='push'>${incremental}<disks>${described.join('')}</disks></domainbackup>`,
    checkpoint_xml: checkpoint === undefined ? null : `<domaincheckpoint><name>${checkpoint}</name></domaincheckpoint>`,
    flags,
  })
}

const files = (stage: Stage, name: string): Record<string, string> => ({
  vda: `${stage.site.folder}/${name}-vda.qcow2`,
  vdb: `${stage.site.folder}/${name}-vdb.qcow2`,
})

const stats = (stage: Stage, flags: number) =>
  stage.does('DOMAIN_GET_JOB_STATS', { flags }, ({ type, params }) => {
    const { operation, success, errmsg } = valuesOf(params)
    return [type, operation, success, errmsg].filter((value) => value !== undefined).join(' ')
  })

const checkpoints = (stage: Stage) =>
  stage.does('DOMAIN_LIST_ALL_CHECKPOINTS', { flags: 2 }, ({ checkpoints: found }) =>
    found.map(({ name }) => name).join(' '),
  )

const point = (stage: Stage, name: string) => ({ checkpoint: { name, dom: stage.dom } })
const forget = (stage: Stage, name: string, flags = 0) =>
  stage.does('DOMAIN_CHECKPOINT_DELETE', { ...point(stage, name), flags })

export const backupStories: readonly Story[] = [
  {
    claim: 'a push backup ends with one event for the job and one for each disk; its stats are read once',
    async run(stage) {
      await begin(stage, { checkpoint: 'one', disks: files(stage, 'full') })
      await stage.events(3, 'in any order')
      await stats(stage, 3)
      await stats(stage, 1)
      await stats(stage, 1)
      await stage.does('DOMAIN_BACKUP_GET_XML_DESC', { flags: 0 })
      await stage.does('DOMAIN_ABORT_JOB', {})
      await checkpoints(stage)
      await begin(stage, { since: 'one', checkpoint: 'two', disks: files(stage, 'next') })
      await stage.events(3, 'in any order')
      await checkpoints(stage)
      await stage.does(
        'DOMAIN_CHECKPOINT_GET_PARENT',
        { ...point(stage, 'two'), flags: 0 },
        ({ parent }) => parent.name,
      )
      await stage.does('DOMAIN_CHECKPOINT_GET_PARENT', { ...point(stage, 'one'), flags: 0 })
    },
    told: [
      'DOMAIN_BACKUP_BEGIN: done',
      'events: job 9 success, vda 5/0, vdb 5/0',
      'DOMAIN_GET_JOB_STATS: 3 9 true',
      'DOMAIN_GET_JOB_STATS: 3 9 true',
      'DOMAIN_GET_JOB_STATS: 0',
      'DOMAIN_BACKUP_GET_XML_DESC: error 104',
      'DOMAIN_ABORT_JOB: error 55',
      'DOMAIN_LIST_ALL_CHECKPOINTS: one',
      'DOMAIN_BACKUP_BEGIN: done',
      'events: job 9 success, vda 5/0, vdb 5/0',
      'DOMAIN_LIST_ALL_CHECKPOINTS: one two',
      'DOMAIN_CHECKPOINT_GET_PARENT: one',
      'DOMAIN_CHECKPOINT_GET_PARENT: error 103',
    ],
  },
  {
    claim: 'a backup is refused by what is wrong with it, and then leaves no checkpoint',
    async run(stage) {
      await begin(stage, { since: 'nowhere', checkpoint: 'a', disks: files(stage, 'a') })
      await begin(stage, { checkpoint: 'a', disks: { vdz: `${stage.site.folder}/z.qcow2` } })
      await begin(stage, { checkpoint: 'a', disks: { vda: '/nowhere/x.qcow2' } })
      await begin(stage, { checkpoint: 'a', disks: { vda: `${stage.site.folder}/none.qcow2` }, flags: 1 })
      await begin(stage, { checkpoint: 'a', disks: files(stage, 'a'), flags: 1 << 20 })
      await stage.does('DOMAIN_BACKUP_BEGIN', { backup_xml: '<domainbackup', checkpoint_xml: null, flags: 0 })
      await stage.does('DOMAIN_BACKUP_BEGIN', { backup_xml: '<nothing/>', checkpoint_xml: null, flags: 0 })
      await checkpoints(stage)
      await begin(stage, { checkpoint: 'a', disks: { vda: `${stage.site.folder}/a.qcow2` } })
      await stage.events(2, 'in any order')
      await begin(stage, { checkpoint: 'b', disks: { vda: `${stage.site.folder}/a.qcow2` } })
      await begin(stage, { checkpoint: 'a', disks: { vda: `${stage.site.folder}/b.qcow2` } })
      await checkpoints(stage)
      await stage.does('DOMAIN_DESTROY', {})
      await begin(stage, { checkpoint: 'c', disks: { vda: `${stage.site.folder}/c.qcow2` } })
    },
    told: [
      'DOMAIN_BACKUP_BEGIN: error 103',
      'DOMAIN_BACKUP_BEGIN: error 67',
      'DOMAIN_BACKUP_BEGIN: error 38',
      'DOMAIN_BACKUP_BEGIN: error 1',
      'DOMAIN_BACKUP_BEGIN: error 8',
      'DOMAIN_BACKUP_BEGIN: error 35',
      'DOMAIN_BACKUP_BEGIN: error 27',
      'DOMAIN_LIST_ALL_CHECKPOINTS: ',
      'DOMAIN_BACKUP_BEGIN: done',
      'events: job 9 success, vda 5/0',
      'DOMAIN_BACKUP_BEGIN: error 8',
      'DOMAIN_BACKUP_BEGIN: error 9',
      'DOMAIN_LIST_ALL_CHECKPOINTS: a',
      'DOMAIN_DESTROY: done',
      'DOMAIN_BACKUP_BEGIN: error 84',
    ],
  },
  {
    claim: 'checkpoints are made and deleted while the domain runs, and keep it from being undefined',
    async run(stage) {
      const make = (name: string, flags = 0) =>
        stage.does(
          'DOMAIN_CHECKPOINT_CREATE_XML',
          { xml: `<domaincheckpoint><name>${name}</name><description>of ours</description></domaincheckpoint>`, flags },
          ({ checkpoint }) => checkpoint.name,
        )
      await make('one')
      await make('one')
      await make('quiesced', 2)
      await make('two')
      await make('three')
      await checkpoints(stage)
      await forget(stage, 'two')
      await checkpoints(stage)
      await forget(stage, 'two')
      await stage.does('DOMAIN_CHECKPOINT_GET_XML_DESC', { ...point(stage, 'three'), flags: 2 }, ({ xml }) =>
        [...xml.matchAll(/<(name|description)>(.*?)<|<disk name='(\w+)' checkpoint='(\w+)'/g)]
          .map(([, , text, disk, kind]) => text ?? `${disk} ${kind}`)
          .join(', '),
      )
      await stage.does('DOMAIN_DESTROY', {})
      await forget(stage, 'three')
      await checkpoints(stage)
      await stage.does('DOMAIN_UNDEFINE_FLAGS', { flags: 0 })
      await forget(stage, 'three', 2)
      await checkpoints(stage)
      await stage.does('DOMAIN_CREATE', {})
      await forget(stage, 'one')
      await checkpoints(stage)
    },
    told: [
      'DOMAIN_CHECKPOINT_CREATE_XML: one',
      'DOMAIN_CHECKPOINT_CREATE_XML: error 9',
      'DOMAIN_CHECKPOINT_CREATE_XML: error 8',
      'DOMAIN_CHECKPOINT_CREATE_XML: two',
      'DOMAIN_CHECKPOINT_CREATE_XML: three',
      'DOMAIN_LIST_ALL_CHECKPOINTS: one two three',
      'DOMAIN_CHECKPOINT_DELETE: done',
      'DOMAIN_LIST_ALL_CHECKPOINTS: one three',
      'DOMAIN_CHECKPOINT_DELETE: error 103',
      'DOMAIN_CHECKPOINT_GET_XML_DESC: three, of ours, one, vda bitmap, vdb bitmap',
      'DOMAIN_DESTROY: done',
      'DOMAIN_CHECKPOINT_DELETE: error 84',
      'DOMAIN_LIST_ALL_CHECKPOINTS: one three',
      'DOMAIN_UNDEFINE_FLAGS: error 55',
      'DOMAIN_CHECKPOINT_DELETE: done',
      'DOMAIN_LIST_ALL_CHECKPOINTS: one',
      'DOMAIN_CREATE: done',
      'DOMAIN_CHECKPOINT_DELETE: done',
      'DOMAIN_LIST_ALL_CHECKPOINTS: ',
    ],
  },
  {
    claim: 'a checkpoint goes with snapshots beside it',
    async run(stage) {
      await begin(stage, { checkpoint: 'one', disks: files(stage, 'full') })
      await stage.events(3, 'in any order')
      const snapshot = (name: string, flags: number) =>
        stage.does('DOMAIN_SNAPSHOT_CREATE_XML', {
          xml: `<domainsnapshot><name>${name}</name></domainsnapshot>`,
          flags,
        })
      await snapshot('over', 16)
      await begin(stage, { since: 'one', checkpoint: 'two', disks: files(stage, 'over') })
      await stage.events(3, 'in any order')
      await stage.does('DOMAIN_SNAPSHOT_DELETE', { snap: { name: 'over', dom: stage.dom }, flags: 0 })
      await stage.events(2, 'in any order')
      await snapshot('inside', 0)
      await stage.events(2)
      await begin(stage, { since: 'one', disks: files(stage, 'inside') })
      await stage.events(3, 'in any order')
      await checkpoints(stage)
    },
    told: [
      'DOMAIN_BACKUP_BEGIN: done',
      'events: job 9 success, vda 5/0, vdb 5/0',
      'DOMAIN_SNAPSHOT_CREATE_XML: done',
      'DOMAIN_BACKUP_BEGIN: done',
      'events: job 9 success, vda 5/0, vdb 5/0',
      'DOMAIN_SNAPSHOT_DELETE: done',
      'events: vda 4/0, vda 4/3, vdb 4/0, vdb 4/3',
      'DOMAIN_SNAPSHOT_CREATE_XML: done',
      'events: lifecycle 3/0, lifecycle 4/0',
      'DOMAIN_BACKUP_BEGIN: done',
      'events: job 9 success, vda 5/0, vdb 5/0',
      'DOMAIN_LIST_ALL_CHECKPOINTS: one two',
    ],
  },
  {
    claim: 'a domain with a checkpoint cannot go back to an internal snapshot, and trying ends it',
    async run(stage) {
      const revert = () =>
        stage.does('DOMAIN_REVERT_TO_SNAPSHOT', { snap: { name: 'inside', dom: stage.dom }, flags: 0 })
      await stage.does('DOMAIN_SNAPSHOT_CREATE_XML', {
        xml: '<domainsnapshot><name>inside</name></domainsnapshot>',
        flags: 0,
      })
      await stage.events(2)
      await stage.does('DOMAIN_CHECKPOINT_CREATE_XML', {
        xml: '<domaincheckpoint><name>one</name></domaincheckpoint>',
        flags: 0,
      })
      await revert()
      await stage.events(2)
      await stage.state()
      await stage.does('DOMAIN_CREATE', {})
      await stage.events(2, 'in any order')
      await forget(stage, 'one')
      await revert()
      await stage.events(4)
      await stage.state()
    },
    told: [
      'DOMAIN_SNAPSHOT_CREATE_XML: done',
      'events: lifecycle 3/0, lifecycle 4/0',
      'DOMAIN_CHECKPOINT_CREATE_XML: done',
      'DOMAIN_REVERT_TO_SNAPSHOT: error 1',
      'events: lifecycle 5/6, lifecycle 2/3',
      'DOMAIN_GET_STATE: 5/6',
      'DOMAIN_CREATE: done',
      'events: lifecycle 2/0, lifecycle 4/0',
      'DOMAIN_CHECKPOINT_DELETE: done',
      'DOMAIN_REVERT_TO_SNAPSHOT: done',
      'events: lifecycle 5/6, lifecycle 2/3, lifecycle 4/2, lifecycle 0/3',
      'DOMAIN_GET_STATE: 1/4',
    ],
  },
  {
    claim: 'a domain that is off and has a checkpoint cannot be snapshotted',
    async run(stage) {
      await stage.does('DOMAIN_CHECKPOINT_CREATE_XML', {
        xml: '<domaincheckpoint><name>one</name></domaincheckpoint>',
        flags: 0,
      })
      await stage.does('DOMAIN_DESTROY', {})
      await stage.does('DOMAIN_SNAPSHOT_CREATE_XML', {
        xml: '<domainsnapshot><name>inside</name></domainsnapshot>',
        flags: 0,
      })
      await stage.state()
    },
    told: [
      'DOMAIN_CHECKPOINT_CREATE_XML: done',
      'DOMAIN_DESTROY: done',
      'DOMAIN_SNAPSHOT_CREATE_XML: error 84',
      'DOMAIN_GET_STATE: 5/2',
    ],
  },
]
