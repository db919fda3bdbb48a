// Claim: the sim plugin is a provider like the others, whose machines are found again by the next command.
import { expect } from 'chai'
import { openCliSite, type CliSite } from '../support/cli.ts'

const blueprint = `tosca_definitions_version: cloudify_dsl_1_4
imports: [cloudify/types/types.yaml, 'plugin:fermata-sim']
node_templates:
  vm: {type: fermata.nodes.sim.Host, properties: {settle_time: 0.1}}
  db:
    type: fermata.nodes.sim.Service
    properties: {settle_time: 0.1, cut_time: 0.05}
    relationships: [{type: cloudify.relationships.contained_in, target: vm}]
`

interface Backup {
  readonly name: string
  readonly consistency: string
}

describe('simulated machines', function () {
  this.timeout(60_000)
  let site: CliSite
  const start = (workflow: string, ...words: string[]): Promise<string> =>
    site.ok('executions', 'start', workflow, '-d', 'lab', ...words)

  beforeEach(async () => {
    site = await openCliSite()
    await site.ok('blueprints', 'upload', '-b', 'lab', await site.write({ 'blueprint.yaml': blueprint }))
    await site.ok('deployments', 'create', 'lab', '-b', 'lab')
    await start('install')
  })
  afterEach(() => site.close())

  it('are backed up, restored and measured by one command after the other', async () => {
    await start('backup', '-p', 'snapshot_name=one')
    await start('backup', '-p', 'snapshot_name=two')
    const backups = await site.json<Backup[]>('backups', 'list', '-d', 'lab')
    expect(backups.map(({ name, consistency }) => [name, consistency])).to.deep.equal([
      ['one', 'application'],
      ['two', 'application'],
    ])
    await site.ok('backups', 'verify', 'two', '-d', 'lab')
    await start('restore', '-p', 'snapshot_name=two')
    await start('statistics')
    const db = (await site.json<{ id: string; nodeId: string }[]>('node-instances', 'list', '-d', 'lab')).find(
      ({ nodeId }) => nodeId === 'db',
    )
    const series = await site.json<{ name: string; points: { value: number }[] }[]>(
      'node-instances',
      'statistics',
      `${db?.id}`,
    )
    const last = Object.fromEntries(series.map(({ name, points }) => [name, points.at(-1)?.value]))
    expect(last).to.include({ freezes: 3, snapshots: 2 })
    expect(last['frozen']).to.be.above(50)
  })

  it('stay suspended until they are resumed', async () => {
    await start('suspend')
    expect(await start('suspend')).to.include('It is suspended already and is left so')
    await start('resume')
    expect(await start('suspend')).to.not.include('already')
  })
})
