// Snapshots when the vCenter or the guest makes trouble: nothing is made twice, what cannot stand still is told, and a machine
// that is put back does what it did.
import { expect } from 'chai'
import plugin from '../../../src/plugins/vsphere/plugin.ts'
import type { Json, JsonObject } from '../../../src/kernel/json.ts'
import type { CutOperation, Part, Receipt, RunOperation } from '../../../src/plugins/contract/operation.ts'
import type { Ref } from '../../../src/plugins/vsphere/client/value.ts'
import type { World } from '../../../src/world/world.ts'
import { faultOf } from '../../support/fault-of.ts'
import { operationContext, type TestContext } from '../../support/operation-context.ts'
import { shortWorld } from '../../support/short-world.ts'
import {
  calls,
  forgetCalls,
  leavePieces,
  calm,
  connectionConfig,
  endSessions,
  figure,
  goWrong,
  machines,
  password,
  runTools,
  takeTime,
} from './lab.ts'
import { newMachine, outside, powerOf, removeMachine, snapshotsOf } from './machine-on-lab.ts'

const task = (name: string) => plugin.operations[`vsphere_server_plugin.server.${name}`]
const create = task('snapshot_create') as CutOperation
const apply = task('snapshot_apply') as RunOperation
const remove = task('snapshot_delete') as RunOperation

const given = (more: Record<string, Json> = {}) => ({
  snapshot_name: 'nightly',
  snapshot_incremental: true,
  snapshot_type: 'irregular',
  ...more,
})

const nameOf = async ({ id }: Ref): Promise<string> => (await machines()).find(({ ref }) => ref === id)?.name ?? ''

const isInPieces = async (machine: Ref): Promise<boolean> => {
  const { values } = await (await outside()).read(machine, ['runtime.consolidationNeeded'])
  return values.get('runtime.consolidationNeeded')?.text === 'true'
}

describe('lab: snapshots of vSphere machines', function () {
  this.timeout(60_000)
  let machine: Ref
  const contexts: TestContext[] = []

  const context = (
    more: {
      attempt?: number
      inDoubt?: boolean
      key?: string
      part?: Json
      signal?: AbortSignal
      world?: World
      connection?: JsonObject
    } = {},
  ) => {
    const { attempt = 1, inDoubt = false, key = 'work', part, signal, world, connection = connectionConfig } = more
    const ctx = operationContext({
      node: {
        type: 'cloudify.nodes.vsphere.Server',
        properties: { connection_config: connection, use_external_resource: true },
      },
      instance: { runtimeProperties: { vsphere_server_id: machine.id, use_external_resource: true } },
      operation: { name: 'cloudify.interfaces.snapshot.create', attempt, inDoubt, key },
      ...(part === undefined ? {} : { part }),
      ...(signal === undefined ? {} : { signal }),
      ...(world === undefined ? {} : { world }),
    })
    contexts.push(ctx)
    return ctx
  }

  const saved = async (more: Record<string, Json> = {}): Promise<Part> => {
    const receipt = await create.cut(context(), given(more))
    return create.settle(context(), receipt, given(more))
  }

  beforeEach(async () => {
    machine = await newMachine()
    await runTools(await nameOf(machine), true)
  })

  afterEach(async () => {
    await calm()
    for (const ctx of contexts) expect(JSON.stringify([ctx.lines, ctx.instance])).not.to.include(password)
    await Promise.all(contexts.splice(0).map((ctx) => ctx.cleanUp()))
    await removeMachine(machine)
  })

  after(() => plugin.close?.())

  it('are quiesced where the guest can be, and say so', async () => {
    expect(await saved()).to.include({ isQuiesced: true, consistency: 'filesystem', power: 'poweredOn' })
  })

  it('are taken all the same when the guest will not stand still, and are no better than a power cut then', async () => {
    await goWrong({
      method: 'CreateSnapshot_Task',
      match: '<quiesce>true',
      kind: 'task-fault',
      fault: 'ApplicationQuiesceFault',
    })
    const part = await saved()
    expect(part).to.include({ isQuiesced: false })
    expect(part).not.to.have.property('consistency')
    expect(contexts[0]?.lines.join('\n')).to.include('as after a power cut')
  })

  it('are refused when they must be quiesced and cannot', async () => {
    await goWrong({ method: 'CreateSnapshot_Task', kind: 'task-fault', fault: 'FilesystemQuiesceFault' })
    const problem = await faultOf(create.cut(context(), given({ quiesce: 'require' })))
    expect([problem.code, problem.effect, problem.blame]).to.eql(['vsphere.quiesce_failed', 'none', 'guest'])
    expect(await snapshotsOf(machine)).to.eql([])
  })

  it('put a running machine back to running, though they hold no memory', async () => {
    const part = await saved()
    await (await outside()).run(machine, 'PowerOffVM_Task')
    await apply.run(context({ part }), given())
    expect(await powerOf(machine)).to.equal('poweredOn')
  })

  it('put a machine that was off back to off', async () => {
    await (await outside()).run(machine, 'PowerOffVM_Task')
    const part = await saved()
    await (await outside()).run(machine, 'PowerOnVM_Task')
    await apply.run(context({ part }), given())
    expect(await powerOf(machine)).to.equal('poweredOff')
  })

  it('hold the memory when asked to', async () => {
    expect(await saved({ with_memory: true })).to.include({ hasMemory: true, isQuiesced: false })
  })

  it('are deleted alone: those that were taken later stay', async () => {
    const first = await saved()
    const receipt = await create.cut(context({ key: 'later' }), given({ snapshot_name: 'later' }))
    await remove.run(context({ part: first }), given())
    expect(await snapshotsOf(machine)).to.eql([receipt.providerId])
  })

  it('come once when the answer was lost after the effect, even while the task goes on', async () => {
    await takeTime(1000)
    await goWrong({ method: 'CreateSnapshot_Task', kind: 'drop-after' })
    const first = await create.cut(context(), given())
    const second = await create.cut(context({ attempt: 2, inDoubt: true }), given())
    expect(second.providerId).to.equal(first.providerId)
    expect(await snapshotsOf(machine)).to.eql([first.providerId])
  })

  it('are told to be in doubt when the answer was lost before the effect, and come once then', async () => {
    await goWrong({ method: 'CreateSnapshot_Task', kind: 'drop' })
    const problem = await faultOf(create.cut(context(), given()))
    expect([problem.code, problem.effect]).to.eql(['vsphere.connection_lost', 'unknown'])
    const receipt = await create.cut(context({ attempt: 2, inDoubt: true }), given())
    expect(await snapshotsOf(machine)).to.eql([receipt.providerId])
  })

  it('come once though the call itself hangs after its effect', async () => {
    await forgetCalls()
    await goWrong({ method: 'CreateSnapshot_Task', kind: 'hang-after' })
    // A connection of its own, to which a minute is two seconds.
    const hasty = { world: shortWorld(30), connection: { ...connectionConfig, max_requests: 3 } }
    const receipt = await create.cut(context(hasty), given())
    expect((await calls()).calls['hang-after']).to.equal(1)
    expect(await snapshotsOf(machine)).to.eql([receipt.providerId])
  })

  for (const status of [503, 429]) {
    it(`come once when the vCenter answers ${status} first, and says when to come again`, async () => {
      await goWrong({ method: 'CreateSnapshot_Task', kind: 'http', status })
      const problem = await faultOf(create.cut(context(), given()))
      expect([problem.effect, problem.retry, problem.after]).to.eql(['none', 'later', 1000])
      const receipt = await create.cut(context({ attempt: 2 }), given())
      expect(await snapshotsOf(machine)).to.eql([receipt.providerId])
    })
  }

  it('come once though the session ends while they are taken', async () => {
    await takeTime(1500)
    const cut: Promise<Receipt> = create.cut(context(), given())
    await (await outside()).world.clock.sleep(500)
    await endSessions()
    // Somebody else of this process meets it first.
    await create.verify?.(context(), {
      kind: 'vsphere.snapshot',
      providerId: 'snapshot-0',
      machineId: machine.id,
      power: 'poweredOn',
      bytes: null,
      digest: null,
    })
    const { providerId } = await cut
    expect(await snapshotsOf(machine)).to.eql([providerId])
  })

  it('are cancelled when they hang for longer than they may, and leave nothing', async () => {
    await takeTime(20_000)
    await forgetCalls()
    const problem = await faultOf(create.cut(context(), given({ max_wait_time: 1 })))
    expect([problem.code, problem.effect]).to.eql(['vsphere.task_late', 'unknown'])
    expect((await calls()).calls['CancelTask']).to.equal(1)
    await takeTime(0)
    // Waits for the end of the task: what it may still have made is found.
    await remove.run(context(), given())
    expect(await snapshotsOf(machine)).to.eql([])
  })

  it('leave no disks in pieces when they are deleted', async () => {
    const name = await nameOf(machine)
    const part = await saved()
    await leavePieces(name, 'left')
    await remove.run(context({ part }), given())
    expect([await snapshotsOf(machine), await isInPieces(machine)]).to.eql([[], false])
    expect((await calls()).calls['ConsolidateVMDisks_Task']).to.be.above(0)
  })

  it('are told when their disks cannot be consolidated, and it is tried again', async () => {
    const name = await nameOf(machine)
    const part = await saved()
    await leavePieces(name, 'stuck')
    const problem = await faultOf(remove.run(context({ part }), given()))
    expect([problem.code, problem.effect]).to.eql(['vsphere.not_consolidated', 'done'])
    expect([await snapshotsOf(machine), await isInPieces(machine)]).to.eql([[], true])
    await leavePieces(name, 'left')
    await remove.run(context({ part, attempt: 2 }), given())
    expect(await isInPieces(machine)).to.equal(false)
  })

  it('leave nothing when they are cancelled and taken back by their key', async () => {
    await takeTime(20_000)
    const leaving = new AbortController()
    const cut = create.cut(context({ signal: leaving.signal }), given())
    await (await outside()).world.clock.sleep(500)
    const began = performance.now()
    leaving.abort(new Error('cancelled'))
    await cut.then(
      () => expect.fail('it was not cancelled'),
      () => {},
    )
    await takeTime(0)
    await remove.run(context(), given())
    figure(`vsphere: a snapshot of 20 s was cancelled and taken back in ${Math.round(performance.now() - began)} ms`)
    expect(await snapshotsOf(machine)).to.eql([])
  })
})
