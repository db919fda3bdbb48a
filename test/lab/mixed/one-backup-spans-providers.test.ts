// Claim: the blueprint mixed saves a guest of libvirt, a machine in a vCenter and a process of this machine at one instant, brings
// all three back together, and takes back what the others gave when one of them fails.
import { expect } from 'chai'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { closeSharedVCenters } from '../../../src/plugins/vsphere/client/shared-vcenters.ts'
import { blueprintPath, eventually, openCliSite, type CliSite } from '../../support/cli.ts'
import { startKeeper } from '../libvirt/collector.ts'
import { figure, givingBack, labUri, mend, state, writesOn } from '../libvirt/lab.ts'
import { calm, connectionConfig, goWrong, machines, password, runTools, takeTime, thumbprint } from '../vsphere/lab.ts'
import { newMachine } from '../vsphere/machine-on-lab.ts'
import { directoryPlace, forgetSnapshots, guestPlace, machinePlace } from './places.ts'

interface BackupJson {
  readonly name: string
  readonly status: string
  readonly partList: readonly { readonly instanceId: string; readonly consistency: string }[]
}

interface ExecutionJson {
  readonly id: string
  readonly workflow: string
  readonly createdAt: string
  readonly freezes: readonly unknown[]
  readonly brackets: readonly { readonly frozen: readonly FrozenJson[] }[]
}

interface FrozenJson {
  readonly group: string | null
  readonly instances: readonly string[]
  readonly interval: { readonly from: number; readonly to: number } | null
  readonly skew: number | null
}

const retries = ['--task-retries', '2', '--task-retry-interval', '0.1']

describe('mixed on a guest, a machine and a process', function () {
  this.timeout(300_000)
  let cli: CliSite
  let folder: string
  let here: ReturnType<typeof directoryPlace>
  let inside: ReturnType<typeof guestPlace>
  let there: ReturnType<typeof machinePlace>
  const owed: (() => Promise<unknown>)[] = []

  before(async () => {
    await calm()
    owed.push(forgetSnapshots, await givingBack('lab1'))
    folder = mkdtempSync(join(state, 'backup', 'mixed-'))
    owed.push(async () => rmSync(folder, { recursive: true, force: true }))
    const { id } = await newMachine()
    const name = (await machines()).find(({ ref }) => ref === id)?.name ?? ''
    there = machinePlace(name)
    owed.push(() => there.remove())
    await runTools(name, true)
    cli = await openCliSite()
    owed.push(() => cli.close())
    here = directoryPlace(join(cli.home, 'deployments', 'mixed', 'local'))
    inside = guestPlace(folder)
    await cli.runWith({ input: connectionConfig.username }, 'secrets', 'create', 'vcenter_username')
    await cli.runWith({ input: password }, 'secrets', 'create', 'vcenter_password')
    await cli.ok('blueprints', 'upload', '-b', 'mixed', blueprintPath('mixed'))
    const inputs = {
      hypervisor: labUri(),
      backup_dir: folder,
      records_guest: 'lab1',
      records_address: await startKeeper('lab1'),
      vcenter: connectionConfig.host,
      vcenter_port: connectionConfig.port,
      vcenter_thumbprint: thumbprint,
      reports_machine: name,
    }
    const given = Object.entries(inputs).flatMap(([name, value]) => ['-i', `${name}=${value}`])
    await cli.ok('executions', 'start', 'install', '-b', 'mixed', ...given)
  })
  afterEach(calm)
  after(async () => {
    for (const giveBack of owed.toReversed()) await giveBack()
    await closeSharedVCenters()
  })

  const words = (name: string, ...more: readonly string[]): string[] =>
    ['-d', 'mixed', '-p', `snapshot_name=${name}`, ...retries].concat(more)
  const copies = async (): Promise<readonly (readonly string[])[]> =>
    Promise.all([here, inside, there].map((place) => place.copies()))
  const lines = (text: string): readonly string[] => text.split('\n').slice(0, -1)

  async function sendsOn(more = 3): Promise<void> {
    const from = lines(here.sent()).length
    await eventually('the writer goes on', () => lines(here.sent()).length >= from + more, 120_000)
  }

  async function lastExecution(workflow: string): Promise<ExecutionJson> {
    const all = await cli.json<ExecutionJson[]>('executions', 'list', '-d', 'mixed')
    const [last] = all
      .filter((one) => one.workflow === workflow)
      .toSorted((one, other) => (one.createdAt < other.createdAt ? 1 : -1))
    return cli.json('executions', 'get', last?.id ?? '')
  }

  for (const [name, kind, isSnapshot] of [
    ['monday', 'snapshots', true],
    ['tuesday', 'full backups', false],
  ] as const) {
    const given = ['-p', `snapshot_incremental=${isSnapshot}`]
    let seen: string

    it(`is saved as ${kind} while all stand still`, async () => {
      await sendsOn()
      seen = await there.look()
      await takeTime(500)
      const plan = await cli.ok('executions', 'plan', 'backup', ...words(name, ...given))
      expect(plan).to.match(/reports_vm_\w+ +filesystem +the quiesced snapshot is the freeze/)
      expect(plan)
        .to.match(/records_vm_\w+ +require +(host|guest)/)
        .and.to.not.match(/reports_vm_\w+ +require/)
      await cli.ok('executions', 'start', 'backup', ...words(name, ...given))
      const backup = await cli.json<BackupJson>('backups', 'get', name)
      expect(backup.status).to.equal('good')
      const labels = backup.partList.map(
        ({ instanceId, consistency }) => `${instanceId.replace(/_\w{6}$/, '')} ${consistency}`,
      )
      expect(labels).to.have.members(['data application', 'records_vm filesystem', 'reports_vm filesystem'])
      const [bracket] = (await lastExecution('backup')).brackets
      const group = bracket?.frozen.find((one) => one.group === 'shop')
      expect(group?.instances).to.have.lengthOf(4)
      expect(group?.interval, JSON.stringify(bracket)).to.not.equal(null)
      const [from, to, skew] = [group?.interval?.from ?? 0, group?.interval?.to ?? 0, group?.skew ?? Infinity]
      expect(skew).to.be.within(0, to - from)
      figure(`mixed: three providers as ${kind}: stood still together for ${to - from} ms, all cuts within ${skew} ms`)
    })

    it(`comes back from ${kind} together`, async () => {
      // More than one record on, so that what was saved can be told from what came later.
      await sendsOn()
      for (const place of [here, inside, there]) await place.damage()
      expect(await there.look()).not.to.equal(seen)
      await cli.ok('backups', 'verify', name)
      await cli.ok('executions', 'start', 'restore', ...words(name, ...given))
      await mend()
      await sendsOn()
      const [kept, sent] = [lines(await inside.kept()), lines(here.sent())]
      expect(sent.slice(0, kept.length)).to.deep.equal(kept)
      const saved = kept.findLastIndex((line, index) => Number(line) > Number(kept[index - 1] ?? line) + 1)
      expect(
        here.holds(
          name,
          sent
            .map((line) => `${line}\n`)
            .slice(0, saved)
            .join(''),
        ),
      ).to.equal(true)
      expect(await there.look()).to.equal(seen)
    })

    it(`leaves nothing of ${kind} that are removed`, async () => {
      await cli.ok('executions', 'start', 'remove_backup', ...words(name, ...given))
      expect(await copies()).to.deep.equal([[], [], []])
    })
  }

  it('is saved without one of them when that is asked for', async () => {
    const chosen = ['-p', 'groups=shop', '-p', 'exclude_node_types=cloudify.nodes.vsphere.Server']
    const plan = await cli.ok('executions', 'plan', 'backup', ...words('wednesday', ...chosen))
    expect(plan).to.include('records_vm').and.to.not.include('reports_vm')
  })

  it('is refused before anybody stands still when one of them would refuse', async () => {
    const before = await copies()
    await goWrong({ method: 'Login', kind: 'fault', fault: 'InvalidLogin', times: 0 })
    const { code, stderr } = await cli.run('executions', 'start', 'backup', ...words('wednesday'))
    expect(code, stderr).to.equal(1)
    expect((await lastExecution('backup')).freezes).to.deep.equal([])
    await calm()
    expect(await copies()).to.deep.equal(before)
  })

  it('is not saved at all when one of them fails, and all run on', async () => {
    const before = await copies()
    await goWrong({ method: 'CreateSnapshot_Task', kind: 'task-fault', fault: 'FileLocked', times: 0 })
    const { code, stderr } = await cli.run('executions', 'start', 'backup', ...words('wednesday'))
    expect(code, stderr).to.equal(1)
    expect(await copies()).to.deep.equal(before)
    const saved = await cli.json<BackupJson[]>('backups', 'list')
    expect(saved.filter(({ name, status }) => name === 'wednesday' && status === 'good')).to.deep.equal([])
    expect((await cli.json<{ frozen: unknown[] }>('status')).frozen).to.deep.equal([])
    await sendsOn()
    await writesOn('lab1')
    expect(await there.look()).to.include('poweredOn')
  })

  it('is kept as far as it goes when that was asked for, and completed later', async () => {
    const before = await copies()
    await goWrong({ method: 'CreateSnapshot_Task', kind: 'task-fault', fault: 'FileLocked', times: 0 })
    const asked = words('thursday', '-p', 'snapshot_policy=best_effort')
    expect((await cli.run('executions', 'start', 'backup', ...asked)).code).to.equal(1)
    const backup = await cli.json<BackupJson>('backups', 'get', 'thursday')
    expect([backup.status, backup.partList.length]).to.deep.equal(['partial', 2])
    await calm()
    await cli.ok('executions', 'resume', (await lastExecution('backup')).id)
    const whole = await cli.json<BackupJson>('backups', 'get', 'thursday')
    expect([whole.status, whole.partList.length]).to.deep.equal(['good', 3])
    await cli.ok('executions', 'start', 'remove_backup', ...words('thursday'))
    expect(await copies()).to.deep.equal(before)
  })
})
