// Claim: include_instances, include_node_types, exclude_node_types and skip_actions choose exactly who takes part, and a
// workflow's parameters win over operation inputs of the same name.
import { expect } from 'chai'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openCliSite, type CliSite } from '../support/cli.ts'

const step = (name: string, more = ''): string =>
  `{ implementation: step.sh, inputs: { step: { default: ${name} }, folder: { default: { get_input: folder } }${more} } }`

const blueprint = `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-utilities-plugin']
inputs:
  folder: { type: string }
node_types:
  service:
    derived_from: cloudify.nodes.SoftwareComponent
    properties:
      skip_actions: { default: [] }
    interfaces:
      cloudify.interfaces.freeze:
        fs_prepare: ${step('prepare')}
        fs_finalize: ${step('finalize')}
        suspend: ${step('suspend')}
        resume: ${step('resume')}
      cloudify.interfaces.snapshot:
        create: ${step('snapshot', ', snapshot_name: { default: of-the-operation }, mine: { default: stays }')}
        apply: ${step('apply')}
        delete: ${step('delete')}
  database:
    derived_from: service
node_templates:
  database: { type: database }
  cache:
    type: service
    properties:
      skip_actions: [cloudify.interfaces.snapshot.create, cloudify.interfaces.freeze.suspend]
  web:
    type: service
    instances: { deploy: 2 }
    relationships: [{ type: cloudify.relationships.connected_to, target: database }]
`

const script = `#!/bin/sh
echo "$step $(ctx instance id) $snapshot_name $mine" >>"$folder/steps"
`

describe('filters', () => {
  let cli: CliSite
  let ids: Record<string, string>

  before(async () => {
    cli = await openCliSite()
    const path = await cli.write({ 'shop/blueprint.yaml': blueprint, 'shop/step.sh': script })
    await cli.ok('blueprints', 'upload', path)
    await cli.ok('deployments', 'create', 'shop', '-b', 'shop', '-i', `folder=${cli.folder}`)
    const instances = await cli.json<{ id: string; nodeId: string }[]>('node-instances', 'list', '-d', 'shop')
    const webs = instances.filter(({ nodeId }) => nodeId === 'web').map(({ id }) => id)
    ids = {
      ...Object.fromEntries(instances.map(({ id, nodeId }) => [nodeId, id])),
      web1: webs[0] ?? '',
      web2: webs[1] ?? '',
    }
  })
  after(() => cli.close())

  /** What ran, as `step name-of-instance ...`, sorted where the order is free. */
  async function ran(workflow: string, ...more: string[]): Promise<string[]> {
    const file = join(cli.folder, 'steps')
    await rm(file, { force: true })
    await cli.ok('executions', 'start', workflow, '-d', 'shop', ...more)
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')
    const names = Object.entries(ids).filter(([name]) => name !== 'web')
    return lines.map((line) => names.reduce((text, [name, id]) => text.replace(id, name), line.trim()))
  }

  it('none: everybody, dependents first, but for skip_actions', async () => {
    const done = await ran('suspend')
    expect(done.toSorted()).to.deep.equal(['suspend database', 'suspend web1', 'suspend web2'])
    expect(done.at(-1)).to.equal('suspend database')
    expect((await ran('resume'))[0]).to.be.oneOf(['resume database', 'resume cache'])
  })

  it('include_instances, as an option and as a parameter', async () => {
    expect(await ran('suspend', '--include-instances', `${ids['web2']}`)).to.deep.equal(['suspend web2'])
    const pair = `include_instances=[${ids['web1']}, ${ids['database']}]`
    expect(await ran('suspend', '-p', pair)).to.deep.equal(['suspend web1', 'suspend database'])
  })

  it('include_node_types and exclude_node_types, by any type of the hierarchy', async () => {
    expect(await ran('suspend', '-p', 'include_node_types=[database]')).to.deep.equal(['suspend database'])
    expect((await ran('suspend', '-p', 'include_node_types=service')).length).to.equal(3)
    expect((await ran('suspend', '-p', 'exclude_node_types=database')).toSorted()).to.deep.equal([
      'suspend web1',
      'suspend web2',
    ])
  })

  it('skip_actions leaves out the one operation, not the node', async () => {
    const done = await ran('backup', '-p', 'snapshot_name=all')
    expect(done.filter((line) => line.includes('cache')).map((line) => line.split(' ')[0])).to.deep.equal([
      'prepare',
      'finalize',
    ])
    expect(done.filter((line) => line.startsWith('snapshot '))).to.have.length(3)
  })

  it('hold for the whole bracket of a backup', async () => {
    const done = await ran('backup', '-p', 'snapshot_name=one', '--include-instances', `${ids['web1']}`)
    expect(done).to.deep.equal(['prepare web1 one', 'snapshot web1 one stays', 'finalize web1 one'])
  })

  it('a parameter of the workflow wins over an input of the operation; the others stay', async () => {
    const done = await ran('backup', '-p', 'snapshot_name=given', '-p', 'include_node_types=database')
    expect(done).to.include('snapshot database given stays')
    const direct = ['-p', 'operation=cloudify.interfaces.snapshot.create', '-p', 'node_ids=database']
    expect(await ran('execute_operation', ...direct)).to.deep.equal(['snapshot database of-the-operation stays'])
    expect(await ran('execute_operation', ...direct, '-p', 'operation_kwargs={mine: replaced}')).to.deep.equal([
      'snapshot database of-the-operation replaced',
    ])
  })
})
