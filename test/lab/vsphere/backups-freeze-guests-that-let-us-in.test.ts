// With credentials of its guest a machine is frozen by us for its backup, as its policy asks; without them, and where the policy lets
// it go, the quiesced snapshot is the freeze.
import { expect } from 'chai'
import { testFermata } from '../../../src/testing/index.ts'
import { describeGuests, labGuest, machineWithGuest } from './guest-on-lab.ts'
import { calm, goWrong, runTools } from './lab.ts'
import { guestSecrets, machineBlueprint } from './machine-in-a-blueprint.ts'
import { outside } from './machine-on-lab.ts'
import { textAt } from '../../../src/plugins/vsphere/client/element.ts'

const quick = { taskRetries: 100, taskRetryInterval: 100 }
const blueprint = (name: string, type?: string): string =>
  machineBlueprint(name, { hasGuest: true, ...(type === undefined ? {} : { type }) })

describeGuests('lab: a backup of a vSphere machine whose guest lets us in', function () {
  this.timeout(60_000)
  const machine = machineWithGuest()
  afterEach(calm)

  async function installed(text: string, given = guestSecrets) {
    const test = await testFermata({ blueprint: text, secrets: given })
    const done = await test.run('install')
    expect(done.status, JSON.stringify(done.error)).to.equal('terminated')
    return test
  }
  type Test = Awaited<ReturnType<typeof installed>>

  const partOf = async ({ fermata }: Test, snapshot: string) =>
    (await fermata.backups.get(snapshot, { deploymentId: 'test' })).partList[0]
  const planned = (test: Test) =>
    test.fermata.executions.plan({ workflow: 'backup', deploymentId: 'test', parameters: { snapshot_name: 'b' } })
  const isQuiesced = async () => {
    const { values } = await (await outside()).read(machine.ref, ['snapshot'])
    return textAt(values.get('snapshot'), 'rootSnapshotList', 'quiesced')
  }

  it('freezes it for the cut, by no quiesced snapshot, and lets it go on', async () => {
    await using test = await installed(blueprint(machine.name))
    const plan = await planned(test)
    expect(plan.problems.filter(({ severity }) => severity === 'error')).to.eql([])
    expect(plan.brackets[0]?.freezes[0]).to.deep.include({ policy: 'require', left: null })
    expect(plan.brackets[0]?.freezes[0]?.deadman.kind).to.equal('guest')
    // Writes its count for as long as it may.
    await machine.guest.sh(
      '( n=0; while [ ! -e /run/stop ]; do n=$((n+1)); echo $n >/data/count; sleep 0.01; done ) >/dev/null 2>&1 </dev/null &',
    )
    const done = await test.run('backup', { snapshot_name: 'frozen' })
    expect(done.status, JSON.stringify(done.error)).to.equal('terminated')
    expect(await partOf(test, 'frozen')).to.include({ consistency: 'filesystem' })
    expect(await isQuiesced()).to.equal('false')
    expect(await machine.guest.isFrozen()).to.equal(false)
    const before = Number(await machine.guest.sh('cat /data/count'))
    await machine.guest.sh(`while [ "$(cat /data/count)" = ${before} ]; do sleep 0.02; done; touch /run/stop`)
    expect(await machine.guest.sh('find /dev/shm -type f')).to.equal('')
    expect((await test.run('restore', { snapshot_name: 'frozen' })).status).to.equal('terminated')
    // What was put back was started anew, with another memory.
    machine.guest = await labGuest(machine.ref)
    expect((await test.run('remove_backup', { snapshot_name: 'frozen' })).status).to.equal('terminated')
  })

  it('is refused when planning and begins nothing when the guest lets nobody in', async () => {
    await using test = await installed(blueprint(machine.name), { ...guestSecrets, guest_password: 'wr0ng-secret' })
    const plan = await planned(test)
    expect(plan.problems.filter(({ severity }) => severity === 'error').map(({ code }) => code)).to.eql([
      'vsphere.guest_refused',
    ])
    const done = await test.run('backup', { snapshot_name: 'refused' })
    expect(done.status).to.equal('failed')
    expect(JSON.stringify([done, plan])).not.to.include('wr0ng-secret')
    expect(await isQuiesced()).to.equal(undefined)
  })

  it('is quiesced where the policy lets it go unfrozen', async () => {
    const wrong = { ...guestSecrets, guest_password: 'wrong' }
    for (const [policy, given] of [
      ['prefer', wrong],
      ['skip', guestSecrets],
    ] as const) {
      await using test = await installed(blueprint(machine.name), given)
      const done = await test.run('backup', { snapshot_name: policy, freeze_policy: policy })
      expect(done.status, JSON.stringify(done.error)).to.equal('terminated')
      expect(await partOf(test, policy)).to.include({ consistency: 'filesystem' })
      expect(await isQuiesced()).to.equal('true')
      expect((await test.run('remove_backup', { snapshot_name: policy })).status).to.equal('terminated')
    }
  })

  it('is refused when planning for Windows, in words that say what to do', async () => {
    await using test = await installed(blueprint(machine.name, 'cloudify.nodes.vsphere.WindowsServer'))
    const [problem, ...others] = (await planned(test)).problems.filter(({ severity }) => severity === 'error')
    expect(others).to.eql([])
    expect(problem?.code).to.equal('vsphere.cannot_freeze')
    expect(problem?.message).to.include('VSS').and.to.include('leave out guest_credentials')
  })

  it('goes on by itself when its tools are gone in the middle, and is known to have done so when they are back', async () => {
    await using test = await installed(blueprint(machine.name))
    // The cut comes to no end before the lease does.
    await goWrong({ method: 'CreateSnapshot_Task', kind: 'hang' })
    const running = test.start('backup', { snapshot_name: 'gone', lease: '6s' }, quick)
    await running.until(({ message }) => message.includes('stand still'))
    await runTools(machine.name, false)
    // Its deadman needs no tools.
    await machine.guest.sh('while [ ! -e "$(echo /dev/shm/fermata-0/*/*/outcome)" ]; do sleep 0.05; done')
    expect(await machine.guest.isFrozen()).to.equal(false)
    await runTools(machine.name, true)
    const done = await running.done
    expect(done.status).to.equal('failed')
    const said = (await test.events(done)).map(({ message }) => message)
    expect(said.join('\n')).to.include('the deadman in the guest thawed it: it ended well')
    await machine.guest.sh('while [ -n "$(find /dev/shm -type f ! -name current)" ]; do sleep 0.05; done')
  })
})
