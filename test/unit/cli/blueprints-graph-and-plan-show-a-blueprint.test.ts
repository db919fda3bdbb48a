// Claim: `blueprints plan`, `graph` and `validate --strict` work on uploaded blueprints and on paths alike.
import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { blueprintPath, openCliSite, type CliSite } from '../../support/cli.ts'

const warned = `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml]
inputs:
  nobody: { default: 1 }
node_templates:
  vm:
    type: cloudify.nodes.Root
`

describe('blueprints graph, plan and validate', () => {
  let site: CliSite
  before(async () => (site = await openCliSite()))
  after(() => site.close())

  it('show nodes, hosts, operations and the freeze order of a path', async () => {
    const text = await site.ok('blueprints', 'plan', blueprintPath('two-tier'))
    expect(text).to.match(/^writer +fermata\.nodes\.local\.Process +host +1 +1$/m)
    expect(text).to.match(/^writer +cloudify\.interfaces\.freeze\.fs_prepare +local\.process\.freeze$/m)
    expect(text).to.contain('  1. writer (services)')
  })

  it('show the same of an uploaded blueprint, as JSON and as pictures', async () => {
    await site.ok('blueprints', 'upload', blueprintPath('two-tier'), '-b', 'pair')
    const plan = await site.json<{ nodes: { name: string }[]; freeze_order: unknown }>('blueprints', 'plan', 'pair')
    expect(plan.nodes.map(({ name }) => name)).to.deep.equal(['host', 'data', 'writer'])
    expect(plan.freeze_order).to.deep.equal([{ number: 1, tier: 'services', nodes: ['writer'] }])
    expect(await site.ok('blueprints', 'graph', 'pair')).to.match(/^<svg [^]*<\/svg>\n$/)
    expect(await site.ok('blueprints', 'graph', 'pair', '--format', 'dot')).to.match(/^digraph topology \{/)
    const file = join(site.folder, 'picture.mmd')
    await site.ok('blueprints', 'graph', 'pair', '-f', 'mermaid', '-o', file)
    expect(await readFile(file, 'utf8')).to.match(/^flowchart LR\n/)
  })

  it('answer wrong formats and unknown blueprints', async () => {
    const format = await site.run('blueprints', 'graph', blueprintPath('two-tier'), '-f', 'png')
    expect(format).to.include({ code: 2 })
    expect(format.stderr).to.contain("--format takes svg, dot, mermaid, not 'png'")
    const unknown = await site.run('blueprints', 'plan', 'nothing')
    expect(unknown).to.include({ code: 2 })
    expect(unknown.stderr).to.contain("'nothing'")
  })

  it('warn without refusing, unless they are told to be strict', async () => {
    const path = await site.write({ 'warned/blueprint.yaml': warned })
    const mild = await site.run('blueprints', 'validate', path)
    expect(mild.code).to.equal(0)
    expect(mild.stderr).to.contain('blueprint.yaml:4:3: warning: ').and.contain('the blueprint has one warning')
    const strict = await site.run('blueprints', 'validate', '--strict', path)
    expect(strict.code).to.equal(3)
    const list = await site.json<{ code: string; severity: string }[]>('blueprints', 'validate', path)
    expect(list.map(({ code, severity }) => [code, severity])).to.deep.equal([['lint.unused_input', 'warning']])
    const silenced = await site.write({
      'silent/blueprint.yaml': warned.replace('  nobody', '  # fermata: ignore lint.unused_input\n  nobody'),
    })
    expect(await site.ok('blueprints', 'validate', '--strict', silenced)).to.contain('No problems')
  })
})
