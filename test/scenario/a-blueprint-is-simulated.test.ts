import { expect } from 'chai'
import type { SimulationReport } from '../../src/engine/simulation/simulations.ts'
import { blueprintPath, openCliSite, type CliSite } from '../support/cli.ts'

const head = `tosca_definitions_version: cloudify_dsl_1_4
imports: [cloudify/types/types.yaml]
plugins:
  mine: {executor: central_deployment_agent, install: false}
node_templates:
`
const withoutDelete = `${head}
  vm:
    type: cloudify.nodes.Compute
    interfaces:
      cloudify.interfaces.freeze: {fs_prepare: mine.hold, fs_finalize: mine.release}
      cloudify.interfaces.snapshot: {create: mine.save}
`

describe('fermata simulate', function () {
  this.timeout(60_000)
  let site: CliSite
  beforeEach(async () => {
    site = await openCliSite()
  })
  afterEach(() => site.close())

  it('runs every workflow of a blueprint that lies on disk, calls nothing of it, and shows what came of it', async () => {
    const { code, stdout, stderr } = await site.run('simulate', blueprintPath('two-tier'), '--runs', '6')
    expect([code, stderr]).to.deep.equal([0, ''])
    const [first = '', ...lines] = stdout.trim().split('\n')
    expect(first.split(/ {2,}/)).to.deep.equal([
      'WORKFLOW',
      'RUNS',
      'ENDED WELL',
      'FAILED',
      'CANCELLED',
      'FAULTS',
      'CRASHES',
      'LONGEST FREEZE',
      'BROKEN',
    ])
    expect(lines.map((line) => line.split(' ')[0])).to.include.members(['backup', 'restore', 'install', 'suspend'])
    expect(lines.at(-1)).to.equal('72 runs: every promise was kept')
    expect(await site.json('deployments', 'list')).to.deep.equal([])
  })

  it('gives the same answer for the same seed', async () => {
    const words = ['simulate', blueprintPath('two-tier'), '--workflow', 'backup', '--seed', '40', '--runs', '25']
    const report = await site.json<SimulationReport>(...words)
    expect(await site.json(...words)).to.deep.equal(report)
    const [backup] = report.workflows
    expect(report.workflows).to.have.lengthOf(1)
    expect(backup?.failed).to.deep.equal([])
    expect(backup?.crashes).to.be.above(0)
    expect(backup?.longestFreeze).to.be.above(0)
    const others = [...words.slice(0, 5), '41', ...words.slice(6)]
    expect(await site.json(...others)).to.not.deep.equal(report)
  })

  it('lets only those faults happen that were asked for, and simulates a deployment as it is', async () => {
    await site.ok('blueprints', 'upload', '-b', 'shop', blueprintPath('two-tier'))
    await site.ok('deployments', 'create', 'shop', '-b', 'shop')
    const words = [
      '-d',
      'shop',
      '--workflow',
      'backup',
      '--workflow',
      'restore',
      '--faults',
      'crash,lose',
      '--runs',
      '20',
    ]
    const { workflows, nodes } = await site.json<SimulationReport>('simulate', ...words)
    expect(nodes).to.equal((await site.json<unknown[]>('nodes', 'list', '-d', 'shop')).length)
    expect(workflows.map(({ workflow }) => workflow)).to.deep.equal(['backup', 'restore'])
    for (const { faults, crashes } of workflows) {
      expect(Object.keys(faults)).to.have.members(['crash', 'lose'])
      expect(crashes).to.be.above(0)
    }
  })

  it('names the seed that shows what a blueprint cannot keep', async () => {
    const path = await site.write({ 'blueprint.yaml': withoutDelete })
    const words = ['simulate', path, '--workflow', 'backup', '--faults', 'cancel', '--runs', '12']
    const { code, stdout } = await site.run(...words)
    expect(code).to.equal(7)
    // Nothing takes back the snapshot of a backup that was cancelled.
    const [, seed] = /^backup, seed (\d+): left: snapshot snap-\d+ of vm_\d+ stands in no catalog$/m.exec(stdout) ?? []
    expect(seed).to.be.a('string')
    const again = await site.run(
      'simulate',
      path,
      '--workflow',
      'backup',
      '--faults',
      'cancel',
      '--seed',
      `${seed}`,
      '--runs',
      '1',
      '-q',
    )
    expect([again.code, again.stdout]).to.deep.equal([7, `backup ${seed}\n`])
  })

  it('says what it leaves out, and refuses it when it was asked for', async () => {
    const path = blueprintPath('hello-suspend')
    expect(await site.ok('simulate', path, '--runs', '2')).to.include('backup: left out, ')
    const { code, stderr } = await site.run('simulate', path, '--workflow', 'backup')
    expect([code, stderr]).to.satisfy(([, text]: [number, string]) => text.includes('[plan.nothing_to_do]'))
    expect(code).to.equal(2)
  })

  it('refuses wrong words', async () => {
    const wrong: [string[], string][] = [
      [[], 'usage.bad_argument'],
      [['x', '-d', 'y'], 'usage.bad_argument'],
      [['-d', 'nobody'], 'usage.not_found'],
      [[blueprintPath('two-tier'), '--faults', 'crahs'], 'usage.not_found'],
      [[blueprintPath('two-tier'), '--workflow', 'bakup'], 'plan.not_simulated'],
      [[blueprintPath('two-tier'), '--runs', '0'], 'usage.bad_argument'],
    ]
    for (const [words, expected] of wrong) {
      const { code, stderr } = await site.run('simulate', ...words)
      expect([words, code, stderr]).to.satisfy(([, , text]: [unknown, unknown, string]) =>
        text.includes(`[${expected}]`),
      )
      expect(code).to.equal(2)
    }
  })
})
