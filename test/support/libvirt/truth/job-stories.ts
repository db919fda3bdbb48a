// What goes on beside a backup that takes its time, and how it ends before its end.
import { existsSync } from 'node:fs'
import { valuesOf } from '../../../../src/plugins/libvirt/client/structs.ts'
import type { Stage } from './stage.ts'
import type { Story } from './story.ts'

async function begin(stage: Stage, disk: string, name: string, checkpoint: string | null = null): Promise<void> {
  await stage.does('DOMAIN_BACKUP_BEGIN', {
    backup_xml: `<domainbackup><disks><disk name='${disk}' type='file'><target file='${fileOf(stage, name)}'/><driver type='qcow2'/></disk></disks></domainbackup>`,
    checkpoint_xml: checkpoint === null ? null : `<domaincheckpoint><name>${checkpoint}</name></domaincheckpoint>`,
    flags: 0,
  })
}

const fileOf = (stage: Stage, name: string): string => `${stage.site.folder}/${name}.qcow2`

const stats = (stage: Stage, flags: number) =>
  stage.does('DOMAIN_GET_JOB_STATS', { flags }, ({ type, params }) => {
    const { operation, success, errmsg } = valuesOf(params)
    return [type, operation, success, errmsg].filter((value) => value !== undefined).join(' ')
  })

const checkpoints = (stage: Stage) =>
  stage.does('DOMAIN_LIST_ALL_CHECKPOINTS', { flags: 2 }, (found) =>
    found.checkpoints.map(({ name }) => name).join(' '),
  )

const snapshot = (stage: Stage, name: string, flags: number) =>
  stage.does('DOMAIN_SNAPSHOT_CREATE_XML', { xml: `<domainsnapshot><name>${name}</name></domainsnapshot>`, flags })

export const jobStories: readonly Story[] = [
  {
    claim: 'beside a backup the guest is frozen, paused and looked at, and not snapshotted',
    async run(stage) {
      await snapshot(stage, 'before', 0)
      await stage.events(2)
      const disk = await stage.site.slowDisk()
      await begin(stage, disk, 'one')
      await stage.site.slowDown()
      await stats(stage, 0)
      await stage.does(
        'DOMAIN_BACKUP_GET_XML_DESC',
        { flags: 0 },
        ({ xml }) => /<domainbackup mode='\w+'/.exec(xml)?.[0] ?? '',
      )
      await stage.does('DOMAIN_FSFREEZE', { mountpoints: [] }, ({ filesystems }) => String(filesystems))
      await stage.does('DOMAIN_FSTHAW', { mountpoints: [] }, ({ filesystems }) => String(filesystems))
      await stage.does('DOMAIN_SUSPEND', {})
      await stage.does('DOMAIN_RESUME', {})
      await stage.events(2)
      await snapshot(stage, 'above', 16)
      await stage.does('DOMAIN_REVERT_TO_SNAPSHOT', { snap: { name: 'before', dom: stage.dom }, flags: 0 })
      await stage.does('DOMAIN_BLOCK_COMMIT', { disk, base: null, top: null, bandwidth: 0n, flags: 4 })
      await stage.does('DOMAIN_ABORT_JOB', {})
      await stage.events(2, 'in any order')
      await stats(stage, 1)
      stage.tell(`the file ${existsSync(fileOf(stage, 'one')) ? 'stays' : 'is gone'}`)
      await stage.does('DOMAIN_ABORT_JOB', {})
    },
    told: [
      'DOMAIN_SNAPSHOT_CREATE_XML: done',
      'events: lifecycle 3/0, lifecycle 4/0',
      'DOMAIN_BACKUP_BEGIN: done',
      'DOMAIN_GET_JOB_STATS: 2 9',
      "DOMAIN_BACKUP_GET_XML_DESC: <domainbackup mode='push'",
      'DOMAIN_FSFREEZE: 2',
      'DOMAIN_FSTHAW: 2',
      'DOMAIN_SUSPEND: done',
      'DOMAIN_RESUME: done',
      'events: lifecycle 3/0, lifecycle 4/0',
      'DOMAIN_SNAPSHOT_CREATE_XML: error 68',
      'DOMAIN_REVERT_TO_SNAPSHOT: error 55',
      'DOMAIN_BLOCK_COMMIT: error 8',
      'DOMAIN_ABORT_JOB: done',
      'events: job 9 failure (Operation canceled), vdc 5/2',
      'DOMAIN_GET_JOB_STATS: 5 9 false Operation canceled',
      'the file is gone',
      'DOMAIN_ABORT_JOB: error 55',
    ],
  },
  {
    claim: 'a backup that is aborted leaves its checkpoint',
    async run(stage) {
      const disk = await stage.site.slowDisk()
      await begin(stage, disk, 'one', 'point')
      await stage.site.slowDown()
      await checkpoints(stage)
      await stage.does('DOMAIN_ABORT_JOB', {})
      await stage.events(2, 'in any order')
      await checkpoints(stage)
    },
    told: [
      'DOMAIN_BACKUP_BEGIN: done',
      'DOMAIN_LIST_ALL_CHECKPOINTS: point',
      'DOMAIN_ABORT_JOB: done',
      'events: job 9 failure (Operation canceled), vdc 5/2',
      'DOMAIN_LIST_ALL_CHECKPOINTS: point',
    ],
  },
  {
    claim: 'a backup ends with its guest',
    async run(stage) {
      const disk = await stage.site.slowDisk()
      await begin(stage, disk, 'one', 'point')
      await stage.site.slowDown()
      await stage.does('DOMAIN_DESTROY', {})
      await stage.events(3, 'in any order')
      await stats(stage, 1)
      stage.tell(`the file ${existsSync(fileOf(stage, 'one')) ? 'stays' : 'is gone'}`)
      await checkpoints(stage)
    },
    told: [
      'DOMAIN_BACKUP_BEGIN: done',
      'DOMAIN_DESTROY: done',
      'events: job 9 failure, lifecycle 5/1, lifecycle 6/2',
      'DOMAIN_GET_JOB_STATS: 5 9 false',
      'the file is gone',
      'DOMAIN_LIST_ALL_CHECKPOINTS: point',
    ],
  },
  {
    claim: 'a managed save waits for a backup, and is given up',
    async run(stage) {
      const disk = await stage.site.slowDisk()
      await begin(stage, disk, 'one')
      await stage.site.slowDown()
      await stage.does('DOMAIN_MANAGED_SAVE', { flags: 0 })
      await begin(stage, disk, 'two')
      await stage.state()
    },
    told: [
      'DOMAIN_BACKUP_BEGIN: done',
      'DOMAIN_MANAGED_SAVE: error 68',
      'DOMAIN_BACKUP_BEGIN: error 68',
      'DOMAIN_GET_STATE: 1/1',
    ],
  },
]
