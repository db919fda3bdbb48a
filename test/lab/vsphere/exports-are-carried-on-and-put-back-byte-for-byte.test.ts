// Whole copies as files on the lab: broken off and carried on, put back byte for byte, refused when a byte is wrong.
import { createHash } from 'node:crypto'
import { appendFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import plugin from '../../../src/plugins/vsphere/plugin.ts'
import type { Json } from '../../../src/kernel/json.ts'
import type { CutOperation, Part, RunOperation } from '../../../src/plugins/contract/operation.ts'
import { struct, type Ref } from '../../../src/plugins/vsphere/client/value.ts'
import { refOf } from '../../../src/plugins/vsphere/machine/machine.ts'
import { faultOf } from '../../support/fault-of.ts'
import { operationContext, type TestContext } from '../../support/operation-context.ts'
import {
  calls,
  calm,
  connectionConfig,
  figure,
  forgetCalls,
  goWrong,
  keepLeases,
  leases,
  machines,
  password,
  thumbprint,
} from './lab.ts'
import { newMachine, outside, powerOf, removeCopies, removeMachine, snapshotsOf } from './machine-on-lab.ts'

const task = (name: string) => plugin.operations[`vsphere_server_plugin.server.${name}`]
const create = task('snapshot_create') as CutOperation
const apply = task('snapshot_apply') as RunOperation
const remove = task('snapshot_delete') as RunOperation

interface Digested {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

describe('lab: exports of vSphere machines', function () {
  this.timeout(60_000)
  let machine: Ref
  let directory: string
  const contexts: TestContext[] = []

  const context = (
    more: { key?: string; part?: Json; id?: string; connection?: Record<string, Json>; signal?: AbortSignal } = {},
  ) => {
    const { key = 'work', part, id = machine.id, connection = connectionConfig, signal } = more
    const ctx = operationContext({
      node: {
        type: 'cloudify.nodes.vsphere.Server',
        properties: { connection_config: connection, use_external_resource: true },
      },
      instance: { runtimeProperties: { vsphere_server_id: id, use_external_resource: true } },
      operation: { name: 'cloudify.interfaces.snapshot.create', key },
      ...(part === undefined ? {} : { part }),
      ...(signal === undefined ? {} : { signal }),
    })
    contexts.push(ctx)
    return ctx
  }

  const given = () => ({
    snapshot_name: 'nightly',
    snapshot_incremental: false,
    snapshot_type: 'irregular',
    backup_mode: 'export',
    backup_dir: directory,
  })

  const saved = async (more: { key?: string; id?: string; connection?: Record<string, Json> } = {}): Promise<Part> =>
    create.settle(context(more), await create.cut(context(more), given()), given())

  const disksIn = async (part: Part): Promise<readonly Digested[]> => {
    const manifest = JSON.parse(await readFile(join(String(part['folder']), 'manifest.json'), 'utf8')) as {
      disks: readonly Digested[]
    }
    return manifest.disks.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 }))
  }

  beforeEach(async () => {
    machine = await newMachine()
    directory = await mkdtemp(join(tmpdir(), 'fermata-export-'))
  })

  afterEach(async () => {
    await calm()
    expect(await leases()).to.eql([])
    for (const ctx of contexts) expect(JSON.stringify([ctx.lines, ctx.instance])).not.to.include(password)
    await Promise.all(contexts.splice(0).map((ctx) => ctx.cleanUp()))
    await removeCopies(machine)
    await removeMachine(machine)
    await rm(directory, { recursive: true, force: true })
  })

  after(() => plugin.close?.())

  /** A second disk, so that one can be whole and the other not. */
  const addDisk = async (): Promise<void> => {
    const disk = struct(
      [
        ['key', -1],
        [
          'backing',
          struct(
            [
              ['fileName', ''],
              ['diskMode', 'persistent'],
            ],
            'VirtualDiskFlatVer2BackingInfo',
          ),
        ],
        ['controllerKey', 1000],
        ['unitNumber', 3],
        ['capacityInKB', 4096],
      ],
      'VirtualDisk',
    )
    const spec = struct([
      [
        'deviceChange',
        struct([
          ['operation', 'add'],
          ['fileOperation', 'create'],
          ['device', disk],
        ]),
      ],
    ])
    await (await outside()).run(machine, 'ReconfigVM_Task', [['spec', spec]])
  }

  it('hold every disk with its size and digest, and leave no snapshot and no lease', async () => {
    const part = await saved()
    const disks = await disksIn(part)
    for (const { name, bytes, sha256 } of disks) {
      const content = await readFile(join(String(part['folder']), name))
      expect([content.length, createHash('sha256').update(content).digest('hex')]).to.eql([bytes, sha256])
    }
    expect(disks).to.have.length.above(0)
    expect(part.bytes).to.equal(disks.reduce((sum, { bytes }) => sum + bytes, 0))
    expect(await snapshotsOf(machine)).to.eql([])
    expect((await create.verify?.(context(), part))?.isUsable).to.equal(true)
  })

  it('are carried on where they were broken off: what is whole is not fetched again', async () => {
    await addDisk()
    await goWrong({ method: 'nfc', kind: 'drop', skip: 1 })
    const receipt = await create.cut(context(), given())
    const problem = await faultOf(create.settle(context(), receipt, given()))
    expect([problem.code, problem.effect]).to.eql(['vsphere.connection_lost', 'none'])
    expect(await readdir(String(receipt['folder']))).to.include.members(['disk-0.vmdk', 'disk-1.vmdk.new'])
    await forgetCalls()
    const part = await create.settle(context(), receipt, given())
    const fetched = (await calls()).calls['GET nfc'] ?? 0
    expect(fetched).to.equal(1)
    expect((await create.verify?.(context(), part))?.isUsable).to.equal(true)
    expect(await snapshotsOf(machine)).to.eql([])
    figure(`vsphere: an export that broke off in its second disk fetched ${fetched} of 2 disks when it was carried on`)
  })

  it('put back the very bytes, in a machine that does what it did, under its name', async () => {
    const name = (await machines()).find(({ ref }) => ref === machine.id)?.name
    const part = await saved()
    const before = await disksIn(part)
    const ctx = context({ part })
    await apply.run(ctx, given())
    const id = String(ctx.instance.runtimeProperties['vsphere_server_id'])
    expect(id).not.to.equal(machine.id)
    expect((await machines()).filter((one) => one.name === name).map(({ ref }) => ref)).to.eql([id])
    machine = refOf(id)
    expect(await powerOf(machine)).to.equal('poweredOn')
    const after = await disksIn(await saved({ key: 'again' }))
    expect(after).to.eql(before)
    figure(
      `vsphere: ${before.length} disk of ${before[0]?.bytes} bytes was put back and exported again with the same digest`,
    )
  })

  it('are put back once though the upload broke off half way, and the old machine stays until then', async () => {
    const part = await saved()
    const before = await disksIn(part)
    await goWrong({ method: 'nfc-upload', kind: 'drop' })
    const problem = await faultOf(apply.run(context({ part, key: 'back' }), given()))
    expect(problem.code).to.equal('vsphere.connection_lost')
    expect(await powerOf(machine)).to.equal('poweredOn')
    const ctx = context({ part, key: 'back' })
    await apply.run(ctx, given())
    machine = refOf(String(ctx.instance.runtimeProperties['vsphere_server_id']))
    expect((await machines()).filter(({ name }) => name.endsWith('-new'))).to.eql([])
    expect(await disksIn(await saved({ key: 'again' }))).to.eql(before)
  })

  it('touch nothing when a byte of theirs is wrong', async () => {
    const part = await saved()
    await appendFile(join(String(part['folder']), 'disk-0.vmdk'), 'x')
    expect((await create.verify?.(context(), part))?.isUsable).to.equal(false)
    const problem = await faultOf(apply.run(context({ part }), given()))
    expect([problem.code, problem.effect]).to.eql(['vsphere.copy_damaged', 'none'])
    expect(await powerOf(machine)).to.equal('poweredOn')
  })

  it('keep their lease for as long as a slow disk takes', async () => {
    await keepLeases(1000)
    await goWrong({ method: 'nfc', kind: 'delay', delayMs: 150 })
    await forgetCalls()
    const part = await saved()
    expect((await calls()).calls['HttpNfcLeaseProgress']).to.be.above(1)
    expect(part.bytes).to.be.above(0)
  })

  it('give their lease back at once when they are cancelled', async () => {
    await goWrong({ method: 'nfc', kind: 'delay', delayMs: 500 })
    const receipt = await create.cut(context(), given())
    const leaving = new AbortController()
    const settling = create.settle(context({ signal: leaving.signal }), receipt, given())
    while ((await leases()).length === 0) await (await outside()).world.clock.sleep(20)
    leaving.abort(new Error('cancelled'))
    await settling.then(
      () => expect.fail('it was not cancelled'),
      () => {},
    )
    expect(await leases()).to.eql([])
    await remove.run(context({ part: receipt }), given())
    expect([await readdir(directory), await snapshotsOf(machine)]).to.eql([[], []])
  })

  it('are refused when planning where no folder can be', async () => {
    const file = join(directory, 'taken')
    await writeFile(file, '')
    const bad = async (backup_dir: string) =>
      (await faultOf(Promise.resolve(create.check?.(context(), { ...given(), backup_dir })))).code
    expect(await bad(join(file, 'below'))).to.equal('vsphere.folder_failed')
    expect(await bad(file)).to.equal('vsphere.folder_failed')
    expect(await bad('backups')).to.equal('vsphere.bad_property')
    await create.check?.(context(), { ...given(), backup_dir: join(directory, 'new', 'deeper') })
  })

  it('wait for a lease that somebody who was killed has left behind', async () => {
    await goWrong({ method: 'ExportSnapshot', kind: 'fault', fault: 'InvalidState' })
    expect((await saved()).bytes).to.be.above(0)
  })

  it('go with their folder', async () => {
    const part = await saved()
    await remove.run(context({ part }), given())
    expect(await readdir(directory)).to.eql([])
  })

  it('trust hosts by the thumbprints that the vCenter names', async () => {
    const { certificate_path: _, ...bare } = connectionConfig
    const part = await saved({ connection: { ...bare, thumbprint } })
    expect(await disksIn(part)).to.have.length.above(0)
  })
})
