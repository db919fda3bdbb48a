// Claim: run_on_hosts begins no host beyond its canary, batches and budget, and resumed it calls only what is left.
import { expect } from 'chai'
import { fault } from '../../src/kernel/fault.ts'
import type { ExecutionDetails } from '../../src/engine/api.ts'
import { testFermata, type TestFermata } from '../../src/testing/test-fermata.ts'
import { fleetBlueprint, fleetPlugin, type FleetPluginOptions } from '../support/fleet-plugin.ts'

const bad = (): never => {
  throw fault('operation.aborted', { details: { message: 'exit code 1' } })
}

const open = (count: number, options: FleetPluginOptions): Promise<TestFermata> =>
  testFermata({ blueprint: fleetBlueprint(count), plugins: { hosts: fleetPlugin(options) } })

const commands = ['uname -r']
const counts = ({ error }: ExecutionDetails): unknown => [
  error?.code,
  error?.details['done'],
  error?.details['failed'],
  error?.details['not_begun'],
]

describe('run_on_hosts', () => {
  it('runs everywhere, whatever fails, when no budget is given', async () => {
    await using test = await open(20, { run: async (host) => (host % 5 === 0 ? bad() : 'ok') })
    const execution = await test.run('run_on_hosts', { commands })
    expect(counts(execution)).to.deep.equal(['fleet.hosts_failed', 16, 4, 0])
    const { hosts } = await test.fermata.fleet.show(execution.id)
    expect(hosts.filter(({ state }) => state === 'done').map(({ steps }) => steps[0]?.stdout)).to.deep.equal(
      Array.from({ length: 16 }, () => 'ok'),
    )
  })

  it('begins nobody behind a canary that failed', async () => {
    const called: number[] = []
    await using test = await open(20, { run: async (host) => (called.push(host), host === 2 ? bad() : 'ok') })
    expect(counts(await test.run('run_on_hosts', { commands, canary: 3, concurrency: 1 }))).to.deep.equal([
      'fleet.budget_spent',
      1,
      1,
      18,
    ])
    expect(called).to.deep.equal([1, 2])
  })

  it('begins a batch when the one before it is through', async () => {
    let under = 0
    const most: number[] = []
    await using test = await open(10, {
      async run(_host, ctx) {
        under += 1
        most.push(under)
        await ctx.world.clock.sleep(5)
        under -= 1
        return 'ok'
      },
    })
    const execution = await test.run('run_on_hosts', { commands, batch: '30%' }, { taskThreadPoolSize: 50 })
    expect(execution.result).to.deep.equal({ hosts: 10, done: 10, failed: 0, not_begun: 0 })
    expect(Math.max(...most)).to.equal(3)
  })

  it('begins no batch, and nobody else in this one, when the budget is spent', async () => {
    await using test = await open(40, { run: async (host) => (host > 10 ? bad() : 'ok') })
    const limits = { batch: 10, budget: 2, concurrency: 1 }
    expect(counts(await test.run('run_on_hosts', { commands, ...limits }))).to.deep.equal([
      'fleet.budget_spent',
      10,
      3,
      27,
    ])
  })

  it('counts failures of one batch, too', async () => {
    await using test = await open(40, { run: async (host) => (host % 4 === 0 ? bad() : 'ok') })
    const limits = { batch: '25%', batch_budget: '10%', concurrency: 1 }
    expect(counts(await test.run('run_on_hosts', { commands, ...limits }))).to.deep.equal([
      'fleet.budget_spent',
      6,
      2,
      32,
    ])
  })

  it('resumed, calls those that failed and those that had not begun, and nobody else', async () => {
    const called: number[] = []
    let isMended = false
    await using test = await open(12, {
      run: async (host) => (called.push(host), host === 5 && !isMended ? bad() : 'ok'),
    })
    const failed = await test.run('run_on_hosts', { commands, budget: 0, concurrency: 1 })
    expect(called).to.deep.equal([1, 2, 3, 4, 5])
    isMended = true
    const execution = await test.fermata.executions.resume(failed.id)
    expect(execution.status).to.equal('terminated')
    expect(called.slice(5)).to.deep.equal([5, 6, 7, 8, 9, 10, 11, 12])
  })

  it('runs the commands of a host in their order, then boots it, then checks it', async () => {
    const said: string[] = []
    await using test = await open(1, {
      run: async (_host, _ctx, { command }) => (said.push(String(command)), ''),
      reboot: async () => void said.push('boot'),
    })
    await test.run('run_on_hosts', { commands: ['download', 'install'], reboot: true, check: 'look' })
    expect(said).to.deep.equal(['download', 'install', 'boot', 'look'])
  })

  for (const [name, parameters, code] of [
    ['nothing to run', {}, 'plan.bad_parameter'],
    ['an empty command', { commands: [' '] }, 'plan.bad_parameter'],
    ['a share beyond all', { commands, batch: '101%' }, 'plan.bad_parameter'],
    ['half a host', { commands, budget: '1.5' }, 'plan.bad_parameter'],
    ['a time that is none', { commands, timeout: 'soon' }, 'usage.bad_duration'],
  ] as const) {
    it(`refuses ${name} before it calls anybody`, async () => {
      await using test = await open(1, { run: async () => expect.fail('it was called') })
      expect((await test.run('run_on_hosts', parameters)).error?.code).to.equal(code)
    })
  }

  it('takes 5,000 hosts, 200 at once', async function () {
    this.timeout(60_000)
    let under = 0
    let most = 0
    await using test = await open(5000, {
      async run(host, ctx) {
        most = Math.max(most, ++under)
        await ctx.world.clock.sleep(1)
        under -= 1
        return `host ${host}\n`
      },
    })
    const execution = await test.run('run_on_hosts', { commands, concurrency: 200 }, { taskThreadPoolSize: 200 })
    expect(execution.result).to.include({ done: 5000 })
    expect(most).to.equal(200)
    const { counts: found, hosts } = await test.fermata.fleet.show(execution.id)
    expect(found.done).to.equal(5000)
    expect(hosts.every(({ steps }, index) => steps[0]?.stdout === `host ${index + 1}\n`)).to.equal(true)
  })
})
