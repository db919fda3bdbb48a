// Claim: when one snapshot fails, everything prepared is finalized in exact reverse and nothing of ours is left behind.
import { expect } from 'chai'
import { readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openCliSite, type CliSite } from '../support/cli.ts'

// disk <- database <- shop, all on one host. Every step writes a line; the disk's snapshot fails while a file says so.
const blueprint = `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-utilities-plugin']
inputs:
  folder: { type: string }
node_types:
  tier:
    derived_from: cloudify.nodes.SoftwareComponent
    interfaces:
      cloudify.interfaces.freeze: &freeze
        fs_prepare: { implementation: step.sh, inputs: { process: { default: { args: [prepare, { get_input: folder }] } } } }
        fs_finalize: { implementation: step.sh, inputs: { process: { default: { args: [finalize, { get_input: folder }] } } } }
      cloudify.interfaces.snapshot: &snapshot
        create: { implementation: step.sh, inputs: { process: { default: { args: [snapshot, { get_input: folder }] } } } }
        delete: { implementation: step.sh, inputs: { process: { default: { args: [forget, { get_input: folder }] } } } }
  machine:
    derived_from: cloudify.nodes.Compute
    properties:
      ip: { default: 127.0.0.1 }
    interfaces:
      cloudify.interfaces.freeze: *freeze
node_templates:
  host: { type: machine }
  disk: { type: tier, relationships: [{ type: cloudify.relationships.contained_in, target: host }] }
  database: { type: tier, relationships: [{ type: cloudify.relationships.connected_to, target: disk }] }
  shop: { type: tier, relationships: [{ type: cloudify.relationships.connected_to, target: database }] }
`

const script = `#!/bin/sh
set -eu
node=$(ctx node id)
echo "$1 $node" >>"$2/steps"
case "$1" in
  snapshot)
    if [ "$node" = disk ] && [ -e "$2/disk-is-broken" ]; then echo 'the disk is broken' >&2; exit 3; fi
    : >"$2/snapshot-of-$node-$snapshot_name" ;;
  forget) rm -f "$2/snapshot-of-$node-$snapshot_name" ;;
esac
`

describe('a backup in which one snapshot fails', () => {
  let cli: CliSite
  let failed: { code: number | null; stdout: string; stderr: string }
  const steps = async (): Promise<string[]> => (await readFile(join(cli.folder, 'steps'), 'utf8')).trimEnd().split('\n')

  before(async () => {
    cli = await openCliSite()
    const path = await cli.write({ 'b/blueprint.yaml': blueprint, 'b/step.sh': script, 'disk-is-broken': '' })
    await cli.ok('blueprints', 'upload', '-b', 'shop', path)
    await cli.ok('deployments', 'create', 'shop', '-b', 'shop', '-i', `folder=${cli.folder}`)
    failed = await cli.run('executions', 'start', 'backup', '-d', 'shop', '-p', 'snapshot_name=monday')
  })
  after(() => cli.close())

  it('fails with exit code 1, and says why and how to go on', async () => {
    expect(failed.code).to.equal(1)
    expect(failed.stdout).to.contain("'backup' workflow execution failed")
    expect(failed.stderr).to.contain('the disk is broken').and.to.contain('fermata executions resume ')
    const [execution] = await cli.json<{ status: string; error: { code: string } }[]>('executions', 'list')
    expect(execution?.status).to.equal('failed')
    expect(execution?.error.code).to.equal('script.failed')
  })

  it('prepares services before computes, and finalizes everything in exact reverse', async () => {
    const done = await steps()
    const of = (step: string): string[] =>
      done.filter((line) => line.startsWith(`${step} `)).map((line) => line.slice(step.length + 1))
    expect(of('prepare')).to.deep.equal(['shop', 'database', 'disk', 'host'])
    expect(of('finalize')).to.deep.equal(['host', 'disk', 'database', 'shop'])
  })

  it('cuts nothing after the first thaw', async () => {
    const done = await steps()
    expect(done.findLastIndex((line) => line.startsWith('snapshot '))).to.be.lessThan(done.indexOf('finalize host'))
  })

  it('leaves nothing: no snapshot, no process, no row of the ledger', async () => {
    expect((await readdir(cli.folder)).filter((name) => name.startsWith('snapshot-of'))).to.deep.equal([])
    expect(cli.processes()).to.deep.equal([])
    const { frozen, interrupted } = await cli.json<{ frozen: unknown[]; interrupted: unknown[] }>('status')
    expect({ frozen, interrupted }).to.deep.equal({ frozen: [], interrupted: [] })
  })

  it('gives the name back: once the disk is whole, the same backup succeeds', async () => {
    await rm(join(cli.folder, 'disk-is-broken'))
    await cli.ok('executions', 'start', 'backup', '-d', 'shop', '-p', 'snapshot_name=monday')
    const made = (await readdir(cli.folder)).filter((name) => name.startsWith('snapshot-of'))
    expect(made.toSorted()).to.deep.equal(['database', 'disk', 'shop'].map((node) => `snapshot-of-${node}-monday`))
  })
})
