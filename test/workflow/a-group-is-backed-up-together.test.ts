// Claim: groups of the blueprint choose who is backed up, and after the run, as at any time later, the execution tells how
// they stood still together and what that made of each part.
import { expect } from 'chai'
import { engineSite, head } from '../support/engine-site.ts'

const blueprint = `${head}node_templates:
  left: {type: test.Host}
  right: {type: test.Host}
  ledger: {type: test.Part, relationships: [{type: cloudify.relationships.contained_in, target: left}]}
  payments: {type: test.Part, relationships: [{type: cloudify.relationships.contained_in, target: right}]}
  cache: {type: test.Part}
groups:
  money: {members: [ledger, payments]}
  all: {members: [money, left, right]}
`

describe('a group of a blueprint', () => {
  it('is backed up with -p groups, and its report stays with the execution', async () => {
    await using site = await engineSite({ blueprint })
    const ended = await site.start('backup', { snapshot_name: 'one', groups: ['all'] })
    expect(ended.error).to.equal(null)
    expect(site.log.filter((line) => line.endsWith('cache'))).to.deep.equal([])
    const [report] = ended.brackets
    expect(report?.frozen.map(({ group, instances }) => [group, instances.length])).to.deep.equal([
      [null, 4],
      ['money', 2],
      ['all', 4],
    ])
    for (const { group, interval, skew } of report?.frozen ?? []) {
      expect(interval?.to, String(group)).to.be.at.least(interval?.from ?? Infinity)
      expect(skew, String(group)).to.be.a('number')
    }
    const labels = Object.values(report?.parts ?? {}).map(({ consistency }) => consistency)
    expect(labels).to.deep.equal(['application', 'application', 'application', 'application'])
    expect((await (await site.reopen()).executions.get(ended.id)).brackets).to.deep.equal(ended.brackets)
    const { frozen } = await site.fermata.backups.get('one')
    expect(frozen).to.deep.equal(report?.frozen)
  })

  it('is restored with -p groups from a backup of everybody', async () => {
    await using site = await engineSite({ blueprint })
    await site.start('backup', { snapshot_name: 'one' })
    const count = site.log.length
    const { error } = await site.start('restore', { snapshot_name: 'one', groups: ['money'] })
    expect(error).to.equal(null)
    const applied = site.log.slice(count).filter((line) => line.startsWith('apply'))
    expect(applied.toSorted()).to.deep.equal(['apply ledger', 'apply payments'])
  })
})
