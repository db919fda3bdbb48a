// What goes wrong on the way into a guest is told as it is, and leaves nothing standing still.
import { expect } from 'chai'
import type { JsonObject } from '../../../src/kernel/json.ts'
import type { FreezeOperation, ThawOperation } from '../../../src/plugins/contract/operation.ts'
import plugin from '../../../src/plugins/vsphere/plugin.ts'
import { operationContext, type TestContext } from '../../../src/testing/operation-context.ts'
import { faultOf } from '../../support/fault-of.ts'
import { Guest } from '../../../src/plugins/vsphere/client/guest.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { describeGuests, guestUsers, machineWithGuest } from './guest-on-lab.ts'
import { calls, calm, connectionConfig, endSessions, forgetCalls, goWrong, runTools } from './lab.ts'
import { newMachine, outside, powerOff, removeMachine } from './machine-on-lab.ts'

const freeze = plugin.operations['vsphere_server_plugin.server.fs_prepare'] as FreezeOperation
const thaw = plugin.operations['vsphere_server_plugin.server.fs_finalize'] as ThawOperation
const lease = 60_000

describeGuests('lab: freezing the guest of a vSphere machine', function () {
  this.timeout(60_000)
  const machine = machineWithGuest()
  let ctx: TestContext

  beforeEach(() => {
    ctx = node()
  })
  afterEach(async () => {
    await calm()
    await runTools(machine.name, true)
    await machine.guest.sh('fsfreeze --unfreeze /data 2>/dev/null; rm -rf /dev/shm/fermata-0')
    await ctx.cleanUp()
  })

  const node = (properties: JsonObject = {}, purpose: 'save' | 'replace' = 'save'): TestContext =>
    operationContext({
      node: {
        id: 'web',
        type: 'cloudify.nodes.vsphere.Server',
        properties: { connection_config: connectionConfig, guest_credentials: guestUsers.root, ...properties },
      },
      instance: {
        id: 'web_x1y2z3',
        runtimeProperties: { vsphere_server_id: machine.ref.id, use_external_resource: true },
      },
      operation: { name: 'cloudify.interfaces.freeze.fs_prepare' },
      bracket: { name: 'backup#1', purpose },
    })
  const arm = () => freeze.deadman?.arm(ctx, { token: 'one', lease }) ?? Promise.reject(new Error('no deadman'))
  const probe = () => freeze.deadman?.probe?.(ctx) ?? Promise.reject(new Error('no probe'))
  const leftInMemory = () => machine.guest.sh('ls -d /dev/shm/fermata-out-* 2>/dev/null || :')

  it('freezes what is named, and all that holds nothing of its own where nothing is', async () => {
    for (const properties of [{}, { mountpoints: ['/data'] }]) {
      ctx = node(properties)
      const handle = await arm()
      await freeze.freeze(ctx, {})
      expect(await machine.guest.isFrozen()).to.equal(true)
      await thaw.thaw(ctx, {})
      expect(await machine.guest.isFrozen()).to.equal(false)
      expect(await freeze.deadman?.disarm(ctx, handle)).to.eql({ firedAt: null })
    }
    expect(await leftInMemory()).to.equal('')
  })

  it('is refused, and nothing begun, with a wrong password, which stands nowhere', async () => {
    ctx = node({ guest_credentials: { username: 'root', password: 'wr0ng-secret' } })
    const problem = await faultOf(probe())
    expect(problem).to.include({ code: 'vsphere.guest_refused', effect: 'none', retry: 'never', blame: 'user' })
    expect(await faultOf(arm())).to.include({ code: 'vsphere.guest_refused' })
    expect(`${JSON.stringify(problem)}${ctx.lines.join()}`).not.to.include('wr0ng-secret')
  })

  it('is refused for a user who is not root and has no sudo, in words', async () => {
    ctx = node({ guest_credentials: guestUsers.web })
    const problem = await faultOf(probe())
    expect(problem).to.include({ code: 'vsphere.cannot_freeze', effect: 'none' })
    expect(problem?.message).to.include('no sudo')
  })

  it('is refused for what the guest itself needs, what is not there, and what is none', async () => {
    for (const [path, words] of [
      ['/', 'holds what the guest itself needs'],
      ['/nowhere', 'is not there'],
      ['/tmp', 'is no mount point'],
    ] as const) {
      ctx = node({ mountpoints: ['/data', path] })
      const problem = await faultOf(probe())
      expect(problem?.code).to.equal('vsphere.cannot_freeze')
      expect(problem?.message).to.include(words)
      await arm()
      expect(await faultOf(freeze.freeze(ctx, {}))).to.include({ code: 'vsphere.cannot_freeze', effect: 'none' })
      expect(await machine.guest.isFrozen()).to.equal(false)
    }
  })

  it('is refused where no tools run, and where nobody armed a deadman', async () => {
    expect(await faultOf(freeze.freeze(ctx, {}))).to.include({ code: 'freeze.not_armed' })
    await runTools(machine.name, false)
    expect(await faultOf(probe())).to.include({ code: 'vsphere.no_guest', effect: 'none', retry: 'later' })
    expect(await faultOf(arm())).to.include({ code: 'vsphere.no_guest' })
    expect(await machine.guest.isFrozen()).to.equal(false)
  })

  it('cannot be thawed while tools are gone, says so, and is when they are back', async () => {
    const handle = await arm()
    await freeze.freeze(ctx, {})
    await runTools(machine.name, false)
    expect(await faultOf(thaw.thaw(ctx, {}))).to.include({ code: 'vsphere.no_guest', retry: 'later' })
    expect(await machine.guest.isFrozen()).to.equal(true)
    await runTools(machine.name, true)
    await thaw.thaw(ctx, {})
    expect(await machine.guest.isFrozen()).to.equal(false)
    expect(await freeze.deadman?.disarm(ctx, handle)).to.eql({ firedAt: null })
  })

  it('asks again when the file with the answer breaks off, and is not armed when it never comes', async () => {
    await goWrong({ method: 'guest-file', kind: 'drop', times: 1 })
    const handle = await arm()
    expect(handle['kind']).to.equal('vsphere-guest')
    await goWrong({ method: 'guest-file', kind: 'http', status: 500, message: 'no', times: 0 })
    expect(await faultOf(arm())).to.include({ code: 'vsphere.failed', effect: 'none' })
    expect(await machine.guest.isFrozen()).to.equal(false)
    await calm()
    expect(await freeze.deadman?.disarm(ctx, handle)).to.eql({ firedAt: null })
  })

  it('gives up a program that never ends, and freezes nothing', async () => {
    ctx = node({ mountpoints: ['/data'] })
    const handle = await arm()
    await goWrong({ method: 'StartProgramInGuest', match: '--freeze', kind: 'stuck' })
    // Its lease says how long it is waited for.
    const later = await freeze.deadman?.extend?.(ctx, handle, 1500)
    const problem = await faultOf(freeze.freeze(ctx, {}))
    expect(problem).to.include({ code: 'vsphere.guest_silent', effect: 'unknown' })
    await thaw.thaw(ctx, {})
    expect(await machine.guest.isFrozen()).to.equal(false)
    await freeze.deadman?.disarm(ctx, later ?? handle)
  })

  it('ends what was started in a guest, and holds nobody up, when it takes too long', async () => {
    const inside = new Guest(await outside(), {
      machine: machine.ref,
      name: machine.name,
      login: { username: 'root', password: new Secret(guestUsers.root.password) },
    })
    const long = { path: '/bin/sh', arguments: "-c 'exec sleep 4711'" }
    const problem = await faultOf(inside.run(long, { what: 'sleep', patience: 200, ends: true }))
    expect(problem).to.include({ code: 'vsphere.guest_silent', effect: 'unknown' })
    await machine.guest.sh('while ps | grep -q "[s]leep 4711"; do sleep 0.05; done')
  })

  it('is thawed when the answer to its freeze is lost, and starts nothing twice', async () => {
    const handle = await arm()
    await forgetCalls()
    await goWrong({ method: 'StartProgramInGuest', match: '--freeze', kind: 'drop-after' })
    const problem = await faultOf(freeze.freeze(ctx, {}))
    expect(problem?.code).to.equal('vsphere.connection_lost')
    await thaw.thaw(ctx, {})
    await freeze.deadman?.disarm(ctx, handle)
    // A freeze that was under way looks for its deadman at its end, and takes itself back.
    await machine.guest.sh('while grep -qs FERMATA /proc/[0-9]*/environ; do sleep 0.05; done')
    expect(await machine.guest.isFrozen()).to.equal(false)
    expect((await calls()).calls['StartProgramInGuest']).to.be.at.most(5)
  })

  it('goes on in a new session when the vCenter has ended the last', async () => {
    const handle = await arm()
    await freeze.freeze(ctx, {})
    await endSessions()
    await thaw.thaw(ctx, {})
    expect(await machine.guest.isFrozen()).to.equal(false)
    await freeze.deadman?.disarm(ctx, handle)
  })

  it('is for guests that run: the rest stands still for what is put back, and is left as it is for what is saved', async () => {
    const { removed, inside } = await offMachine()
    try {
      ctx = inside('replace')
      expect(await probe()).to.include({ kind: 'none', isStill: true })
      await freeze.freeze(ctx, {})
      await thaw.thaw(ctx, {})
      ctx = inside('save')
      expect(await probe()).to.include({ kind: 'none', isUnasked: true, reason: 'the machine is poweredOff' })
    } finally {
      await removed()
    }
  })

  it('is refused for Windows, and left alone without credentials', async () => {
    ctx = node({ os_family: 'windows' })
    const problem = await faultOf(probe())
    expect(problem).to.include({ code: 'vsphere.cannot_freeze', retry: 'never' })
    expect(problem?.message).to.include('VSS')
    ctx = node({ guest_credentials: null })
    expect(await probe()).to.include({ kind: 'none', isUnasked: true })
  })

  async function offMachine() {
    const off = await newMachine()
    await powerOff(off)
    return {
      removed: () => removeMachine(off),
      inside: (purpose: 'save' | 'replace') => {
        const made = node({}, purpose)
        made.instance.runtimeProperties['vsphere_server_id'] = off.id
        return made
      },
    }
  }
})

after(() => plugin.close?.())
