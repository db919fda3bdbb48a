// Claim: of many processes that take one name at once, one gets it whole and the others are told, or share it.
import { expect } from 'chai'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openCliSite, type CliSite } from '../support/cli.ts'
import { expectRefusal } from '../support/refusal.ts'

const blueprint = `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-utilities-plugin']
node_templates:
  server: { type: cloudify.nodes.Root }
`
const contenders = [0, 1, 2, 3, 4, 5]

describe('a name', () => {
  let cli: CliSite
  before(async () => {
    cli = await openCliSite()
    await cli.ok('blueprints', 'list')
    for (const each of contenders)
      await cli.write({ [`b${each}/blueprint.yaml`]: blueprint, [`b${each}/who`]: String(each) })
  })
  after(() => cli.close())

  it('of a blueprint that six upload at once belongs to one of them, with its own files', async () => {
    const results = await Promise.all(
      contenders.map((each) => cli.run('blueprints', 'upload', '-b', 'same', join(cli.folder, `b${each}`))),
    )
    const winners = contenders.filter((each) => results[each]?.code === 0)
    expect(winners, JSON.stringify(results)).to.have.length(1)
    for (const result of results.filter(({ code }) => code !== 0)) {
      expectRefusal(result, { code: 2, says: ["blueprint 'same' already exists", 'usage.exists'], hint: 'another id' })
    }
    expect(await readdir(join(cli.home, 'blueprints'))).to.deep.equal(['same'])
    expect(await readFile(join(cli.home, 'blueprints', 'same', 'who'), 'utf8')).to.equal(String(winners[0]))
  })

  it('of a deployment that four make at once by starting is made once, and all run one after the other', async () => {
    const runs = [0, 1, 2, 3].map(() => cli.run('executions', 'start', 'resume', '-b', 'same', '--wait'))
    for (const { code, stderr } of await Promise.all(runs)) expect(code, stderr).to.equal(0)
    expect(await cli.json<unknown[]>('deployments', 'list')).to.have.length(1)
    const executions = await cli.json<{ status: string }[]>('executions', 'list')
    expect(executions.map(({ status }) => status)).to.deep.equal(Array.from({ length: 4 }, () => 'terminated'))
  })
})
