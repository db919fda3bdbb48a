// Machines of a node from their making to their end, and put back whole: with lost answers, and carried on where it broke off.
import { expect } from 'chai'
import plugin from '../../../src/plugins/vsphere/plugin.ts'
import type { Json, JsonObject } from '../../../src/kernel/json.ts'
import type { CutOperation, RunOperation } from '../../../src/plugins/contract/operation.ts'
import { machineOf, refOf } from '../../../src/plugins/vsphere/machine/machine.ts'
import { textAt } from '../../../src/plugins/vsphere/client/element.ts'
import type { Ref } from '../../../src/plugins/vsphere/client/value.ts'
import { faultOf } from '../../support/fault-of.ts'
import { operationContext, type TestContext } from '../../support/operation-context.ts'
import { calm, connectionConfig, goWrong, machines, takeTime } from './lab.ts'
import { copiesOf, newMachine, outside, powerOf, removeCopies, removeMachine, snapshotsOf } from './machine-on-lab.ts'

const run = (name: string) => plugin.operations[`vsphere_server_plugin.server.${name}`] as RunOperation
const create = plugin.operations['vsphere_server_plugin.server.snapshot_create'] as CutOperation

const config = { ...connectionConfig, datacenter_name: 'DC0', resource_pool_name: 'Resources' }
const whole = { snapshot_name: 'whole', snapshot_incremental: false, snapshot_type: 'irregular' }

describe('lab: machines of a vCenter', function () {
  this.timeout(60_000)
  const contexts: TestContext[] = []

  const context = (
    properties: JsonObject,
    runtimeProperties: Record<string, Json> = {},
    more: { attempt?: number; part?: Json; key?: string } = {},
  ) => {
    const { attempt = 1, part, key = 'work' } = more
    const ctx = operationContext({
      node: {
        id: 'web',
        type: 'cloudify.nodes.vsphere.Server',
        properties: { connection_config: config, ...properties },
      },
      instance: { id: 'web_ab12cd', runtimeProperties },
      operation: { attempt, inDoubt: attempt > 1, key },
      ...(part === undefined ? {} : { part }),
    })
    contexts.push(ctx)
    return ctx
  }

  afterEach(async () => {
    await calm()
    await Promise.all(contexts.splice(0).map((ctx) => ctx.cleanUp()))
  })

  after(() => plugin.close?.())

  const named = async (name: string): Promise<readonly string[]> =>
    (await machines()).filter((one) => one.name === name).map(({ ref }) => ref)

  it('are made once though the answer was lost, run, and are gone in the end', async () => {
    const server = { name: 'web', template: 'DC0_H0_VM0', cpus: 2, memory: 64 }
    const properties = { server, allowed_hosts: ['DC0_H0'] }
    const runtime: Record<string, Json> = {}
    await takeTime(600)
    await goWrong({ method: 'CloneVM_Task', kind: 'drop-after' })
    await run('create').run(context(properties, runtime), {})
    await run('create').run(context(properties, runtime, { attempt: 2 }), {})
    const [id, ...more] = await named('web-ab12cd')
    expect(more).to.eql([])
    expect(runtime['vsphere_server_id']).to.equal(id)
    await run('start').run(context(properties, runtime), {})
    expect(await powerOf(refOf(id ?? ''))).to.equal('poweredOn')
    await run('stop').run(context(properties, runtime), {})
    await run('delete').run(context(properties, runtime), {})
    await run('delete').run(context(properties, runtime), {})
    expect([await named('web-ab12cd'), runtime]).to.eql([[], {}])
  })

  it('that were there before are found by their name, and stay', async () => {
    const properties = { server: { name: 'DC0_H0_VM0' }, use_external_resource: true }
    const runtime: Record<string, Json> = {}
    await run('create').run(context(properties, runtime), {})
    for (const name of ['stop', 'delete']) await run(name).run(context(properties, runtime), {})
    const [id = ''] = await named('DC0_H0_VM0')
    expect(await powerOf(refOf(id))).to.equal('poweredOn')
    const missing = context({ server: { name: 'nobody' }, use_external_resource: true })
    expect((await faultOf(run('create').run(missing, {}))).code).to.equal('vsphere.missing')
  })

  it('are refused where the blueprint leaves open where they go, or wants what nobody would do', async () => {
    const server = { name: 'web', template: 'DC0_H0_VM0' }
    expect((await faultOf(run('create').run(context({ server }), {}))).code).to.equal('vsphere.ambiguous')
    const networking = { connect_networks: [{ name: 'VM Network' }] }
    const wanted = context({ server, networking, allowed_hosts: ['DC0_H0'] })
    expect((await faultOf(run('create').run(wanted, {}))).code).to.equal('vsphere.bad_property')
  })

  it('are given more processors and memory, and run afterwards as before', async () => {
    const machine = await newMachine()
    const runtime: Record<string, Json> = { vsphere_server_id: machine.id, use_external_resource: true }
    const properties = { use_external_resource: true }
    const sizes = async (): Promise<readonly (string | undefined)[]> => {
      const paths = ['config.hardware.numCPU', 'config.hardware.memoryMB'] as const
      const { values } = await (await outside()).read(machine, paths)
      return paths.map((path) => values.get(path)?.text)
    }
    await goWrong({ method: 'ReconfigVM_Task', kind: 'drop' })
    const wanted = { cpus: 4, memory: 128, hot_add: false }
    const problem = await faultOf(run('resize_server').run(context(properties, runtime), wanted))
    expect([problem.effect, await powerOf(machine)]).to.eql(['unknown', 'poweredOff'])
    await run('resize_server').run(context(properties, runtime, { attempt: 2 }), wanted)
    expect([await sizes(), await powerOf(machine)]).to.eql([['4', '128'], 'poweredOn'])
    await run('resize_server').run(context(properties, runtime), { cpus: 2 })
    expect(await sizes()).to.eql(['2', '128'])
    expect((await faultOf(run('resize_server').run(context(properties, runtime), {}))).code).to.equal(
      'vsphere.bad_property',
    )
    await removeMachine(machine)
  })

  it('lie in what is found by its name, and is only looked up', async () => {
    const found: Readonly<Record<string, readonly [string, string]>> = {
      'cloudify_vsphere.datacenter': ['DC0', 'vsphere_datacenter_id'],
      'cloudify_vsphere.datastore': ['LocalDS_0', 'vsphere_datastore_id'],
      'cloudify_vsphere.cluster': ['DC0_C0', 'vsphere_cluster_id'],
      'cloudify_vsphere.hypervisor_host': ['DC0_H0', 'vsphere_hypervisor_host_id'],
      'cloudify_vsphere.vm_folder': ['vm', 'vsphere_folder_id'],
    }
    for (const [task, [name, property]] of Object.entries(found)) {
      const find = plugin.operations[`${task}.create`] as RunOperation
      const known: Record<string, Json> = {}
      await find.run(context({ name, use_external_resource: true }, known), {})
      expect(known[property], task).to.be.a('string')
      expect((await faultOf(find.run(context({ name: 'none', use_external_resource: true }), {}))).code).to.equal(
        'vsphere.missing',
      )
      expect((await faultOf(find.run(context({ name, use_external_resource: false }), {}))).code).to.equal(
        'vsphere.bad_property',
      )
      await (plugin.operations[`${task}.delete`] as RunOperation).run(context({ name }, known), {})
      expect(known).to.eql({})
    }
  })

  describe('put back whole', () => {
    let machine: Ref
    let runtime: Record<string, Json>
    const properties = { use_external_resource: true }

    const saved = async (): Promise<Json> => {
      const receipt = await create.cut(context(properties, runtime), whole)
      const part = await create.settle(context(properties, runtime), receipt, whole)
      expect(await snapshotsOf(machine)).to.eql([])
      return part
    }

    const addresses = async (ref: Ref): Promise<readonly (string | undefined)[]> =>
      (await machineOf(await outside(), ref)).devices.map((device) => textAt(device, 'macAddress')).filter(Boolean)

    beforeEach(async () => {
      machine = await newMachine()
      runtime = { vsphere_server_id: machine.id, use_external_resource: true }
    })

    afterEach(async () => {
      const now = refOf(String(runtime['vsphere_server_id']))
      await removeCopies(now)
      await removeMachine(now)
      await removeMachine(machine)
    })

    const nameOf = async (ref: Ref): Promise<string> => (await machineOf(await outside(), ref)).name

    it('take the name, the power and the place of what was there, and the copy stays', async () => {
      const part = await saved()
      const name = await nameOf(machine)
      await run('snapshot_apply').run(context(properties, runtime, { part, key: 'restore' }), whole)
      const [next = '', ...more] = await named(name)
      expect([more, runtime['vsphere_server_id']]).to.eql([[], next])
      expect(next).not.to.equal(machine.id)
      expect(await powerOf(refOf(next))).to.equal('poweredOn')
      expect(await copiesOf(refOf(next))).to.have.length(1)
      expect((await addresses(refOf(next))).length).to.equal(1)
    })

    for (const method of ['CloneVM_Task', 'Destroy_Task', 'Rename_Task', 'PowerOnVM_Task']) {
      it(`is carried on where ${method} was lost`, async () => {
        const part = await saved()
        const name = await nameOf(machine)
        await goWrong({ method, kind: 'drop-after' })
        const apply = (attempt: number) =>
          run('snapshot_apply').run(context(properties, runtime, { part, key: 'restore', attempt }), whole)
        expect((await faultOf(apply(1))).effect).to.equal('unknown')
        await apply(2)
        const there = await named(name)
        expect(there).to.eql([runtime['vsphere_server_id']])
        expect(await powerOf(refOf(there[0] ?? ''))).to.equal('poweredOn')
        expect((await machines()).filter((one) => one.name.endsWith('-new'))).to.eql([])
      })
    }

    it('puts a machine aside that has snapshots of its own', async () => {
      const part = await saved()
      const before = { snapshot_name: 's', snapshot_incremental: true, snapshot_type: 'irregular' }
      await create.cut(context(properties, runtime, { key: 'other' }), before)
      const ctx = context(properties, runtime, { part, key: 'restore' })
      await run('snapshot_apply').run(ctx, whole)
      expect(await snapshotsOf(machine)).to.have.length(1)
      expect(await nameOf(machine)).to.match(/-before$/)
      expect(ctx.lines.join('\n')).to.include('is kept')
    })

    it('brings back a machine that is gone', async () => {
      const part = await saved()
      const name = await nameOf(machine)
      await removeMachine(machine)
      await run('snapshot_apply').run(context(properties, runtime, { part, key: 'restore' }), whole)
      expect(await named(name)).to.eql([runtime['vsphere_server_id']])
    })
  })
})
