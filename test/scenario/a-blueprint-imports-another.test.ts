// Claim: an uploaded blueprint can be imported under a namespace, with the files it imports and the scripts it runs.
import { expect } from 'chai'
import { openCliSite, type CliSite } from '../support/cli.ts'

const base = `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, lib/more.yaml]
node_templates:
  vm:
    type: my.Type
    interfaces:
      cloudify.interfaces.lifecycle:
        start: scripts/start.sh
`

const importing = `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'base--blueprint:base']
node_templates:
  app:
    type: cloudify.nodes.Root
    relationships:
      - {type: cloudify.relationships.depends_on, target: base--vm}
`

describe('a blueprint that imports another', () => {
  let cli: CliSite

  before(async () => {
    cli = await openCliSite()
    await cli.write({
      'base/blueprint.yaml': base,
      'base/lib/more.yaml': 'node_types:\n  my.Type: {derived_from: cloudify.nodes.Root}\n',
      'base/scripts/start.sh': '#!/bin/sh\nctx logger info "started from the other blueprint"\n',
      'app/blueprint.yaml': importing,
    })
  })
  after(() => cli.close())

  it('is refused while the other one is not there, with the place', async () => {
    const { code, stderr } = await cli.run('blueprints', 'upload', `${cli.folder}/app`, '-b', 'app')
    expect(code).to.equal(3)
    expect(stderr).to.contain('blueprint.yaml:2')
    expect(stderr).to.contain('base')
  })

  it('runs what the other one brings, and keeps it from being deleted', async () => {
    await cli.ok('blueprints', 'upload', `${cli.folder}/base`, '-b', 'base')
    await cli.ok('blueprints', 'upload', `${cli.folder}/app`, '-b', 'app')
    const printed = await cli.ok('executions', 'start', 'install', '-b', 'app')
    expect(printed).to.contain('INFO: started from the other blueprint')
    const refused = await cli.run('blueprints', 'delete', 'base')
    expect(refused.code).to.equal(2)
    expect(refused.stderr).to.contain('blueprint app')
  })
})
