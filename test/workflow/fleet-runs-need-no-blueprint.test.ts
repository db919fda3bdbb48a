// Claim: a list of hosts, a file of them, or a plugin's inventory is enough for a fleet run, and nonsense is refused.
import { expect } from 'chai'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readHost, readHosts } from '../../src/cli/fleet-hosts.ts'
import { Fault } from '../../src/kernel/fault.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import { testFermata, type TestFermata } from '../../src/testing/test-fermata.ts'
import { fleetBlueprint, fleetPlugin } from '../support/fleet-plugin.ts'
import { temporaryFolder } from '../support/folder.ts'

const commands = ['uname']

/** Hosts tell by whom and where they were reached. */
const open = (onPrepare: (properties: JsonObject) => void = () => {}): Promise<TestFermata> => {
  const { operations, inventory } = fleetPlugin({
    run: async (_host, { node, instance }) =>
      `${String(node.properties['user'])}@${String(instance.runtimeProperties['ip'])}:${String(node.properties['port'])}`,
    hosts: (query) => (query === 'none' ? [] : [{ name: query, address: '10.0.0.7' }, { address: '10.0.0.8' }]),
  })
  const { run, reboot } = operations
  if (!run || !reboot || !inventory) throw new Error('the plugin lacks something')
  const prepareHost = async (properties: JsonObject): Promise<void> => onPrepare(properties)
  const ssh = { name: 'ssh', operations: { fleet_run: run, fleet_reboot: reboot }, inventory, prepareHost }
  return testFermata({ blueprint: fleetBlueprint(1), plugins: { hosts: { name: 'hosts', operations }, ssh } })
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing',
    (thrown: unknown) => (thrown instanceof Fault ? thrown.code : String(thrown)),
  )

describe('a fleet run without a blueprint', () => {
  it('reaches each host as its line says', async () => {
    await using test = await open()
    const hosts = [{ address: 'a' }, { address: 'b', user: 'admin', port: 2222 }, { address: 'c' }]
    const execution = await test.fermata.fleet.run({ on: { hosts, login: { user: 'root' } }, parameters: { commands } })
    const report = await test.fermata.fleet.show(execution.id)
    expect(report.hosts.map(({ host, steps }) => [host, steps[0]?.stdout.replace(/:$/, '')])).to.deep.equal([
      ['a', 'root@a'],
      ['c', 'root@c'],
      ['b', 'admin@b:2222'],
    ])
  })

  it('asks a plugin for the hosts', async () => {
    await using test = await open()
    const run = (query: string) =>
      test.fermata.fleet.run({ on: { plugin: 'ssh', query, login: {} }, parameters: { commands } })
    const { hosts } = await test.fermata.fleet.show((await run('web')).id)
    expect(hosts.map(({ host }) => host)).to.deep.equal(['web', '10.0.0.8'])
    expect(await codeOf(run('none'))).to.equal('fleet.bad_inventory')
  })

  it('leaves a deployment that can be deleted', async () => {
    await using test = await open()
    const on = { hosts: [{ address: 'a' }], login: {} }
    const { deploymentId } = await test.fermata.fleet.run({ on, parameters: { commands } })
    await test.fermata.deployments.delete(deploymentId)
    await test.fermata.blueprints.delete(deploymentId)
  })

  it('calls ahead those that begin at once, as they are reached, and nobody who may never be', async () => {
    const called: string[] = []
    await using test = await open((properties) =>
      called.push(`${String(properties['user'])}@${String(properties['ip'])}`),
    )
    const on = { hosts: [{ address: 'a' }, { address: 'b', user: 'admin' }, { address: 'c' }], login: { user: 'root' } }
    await test.fermata.fleet.run({ on, parameters: { commands, concurrency: 2 } })
    expect(called).to.deep.equal(['root@a', 'admin@b'])
    for (const careful of [{ canary: 1 }, { batch: '50%' }])
      await test.fermata.fleet.run({ on, parameters: { commands, ...careful } })
    const behindSecret = { ...on, login: { user: 'root', keySecret: 'missing' } }
    await codeOf(test.fermata.fleet.run({ on: behindSecret, parameters: { commands } }))
    expect(called).to.have.lengthOf(2)
  })

  it('is refused for a host that is there twice', async () => {
    await using test = await open()
    const on = { hosts: [{ address: 'a' }, { address: 'a' }], login: {} }
    expect(await codeOf(test.fermata.fleet.run({ on, parameters: { commands } }))).to.equal('fleet.bad_inventory')
  })
})

describe('hosts', () => {
  it('are read from a file, with comments', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'hosts')
    await writeFile(path, '# ours\nweb1\n\nadmin@web2:2222  # the new one\n[fe80::1]:22\n')
    expect(await readHosts(path)).to.deep.equal([
      { address: 'web1' },
      { address: 'web2', user: 'admin', port: 2222 },
      { address: 'fe80::1', port: 22 },
    ])
  })

  it('are read from one line', async () => {
    expect(await readHosts('a, b')).to.deep.equal([{ address: 'a' }, { address: 'b' }])
  })

  for (const text of ['', '-oProxyCommand=x', 'a b', 'a:0', 'a:65536', '@a', 'a;b/c', 'a:b']) {
    it(`are not ${JSON.stringify(text)}`, () => {
      expect(() => readHost(text, 'here'))
        .to.throw(Fault)
        .with.property('code', 'fleet.bad_inventory')
    })
  }
})
