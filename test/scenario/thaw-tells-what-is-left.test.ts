// Claim: `thaw` thaws what a dead process left, and its exit code tells what is left: nothing, something that a living
// process holds, or something that could not be thawed.
import { expect } from 'chai'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openCliSite, type CliSite, type StartedCli } from '../support/cli.ts'

const blueprint = `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-utilities-plugin']
inputs:
  folder: { type: string }
node_types:
  slow:
    derived_from: cloudify.nodes.SoftwareComponent
    interfaces:
      cloudify.interfaces.freeze:
        fs_prepare: { implementation: step.sh, inputs: { step: { default: prepare }, folder: { default: { get_input: folder } } } }
        fs_finalize: { implementation: step.sh, inputs: { step: { default: finalize }, folder: { default: { get_input: folder } } } }
      cloudify.interfaces.snapshot:
        create: { implementation: step.sh, inputs: { step: { default: snapshot }, folder: { default: { get_input: folder } } } }
node_templates:
  slow: { type: slow }
`

const script = `#!/bin/sh
if [ "$step" = snapshot ]; then
  ctx logger info 'the snapshot has begun'
  while [ ! -e "$folder/go" ]; do sleep 0.02; done
fi
if [ "$step" = finalize ] && [ -e "$folder/stuck" ]; then echo 'it is stuck' >&2; exit 1; fi
exit 0
`

interface Report {
  readonly thawed: readonly { readonly deploymentId: string }[]
  readonly failed: readonly { readonly error: { readonly code: string } }[]
  readonly held: readonly { readonly holder: string }[]
}

describe('thaw', () => {
  let cli: CliSite
  let backup: StartedCli

  beforeEach(async () => {
    cli = await openCliSite()
    const path = await cli.write({ 'slow/blueprint.yaml': blueprint, 'slow/step.sh': script })
    await cli.ok('blueprints', 'upload', path)
    await cli.ok('deployments', 'create', 'slow', '-b', 'slow', '-i', `folder=${cli.folder}`)
    backup = cli.start(
      'executions',
      'start',
      'backup',
      '-d',
      'slow',
      '--task-retry-interval',
      '10ms',
      '-p',
      'lease=60s',
    )
    await backup.line(/the snapshot has begun/)
  })
  afterEach(() => cli.close())

  const thaw = async (...words: string[]): Promise<{ readonly code: number | null; readonly report: Report }> => {
    const { code, stdout } = await cli.run('thaw', '--json', ...words)
    return { code, report: JSON.parse(stdout) as Report }
  }

  it('leaves to a living process what it holds', async () => {
    const { code, report } = await thaw()
    expect(code).to.equal(5)
    expect(report.held.map(({ holder }) => holder.split(' on ')[0])).to.deep.equal([`process ${backup.pid}`])
    expect(await cli.ok('status')).to.contain(`process ${backup.pid}`)
    expect((await cli.run('thaw', '-d', 'elsewhere')).code).to.equal(2)
  })

  it('thaws what a dead one left, and says when it cannot', async () => {
    backup.signal('SIGKILL')
    await backup.ended
    await cli.write({ stuck: '' })
    const stuck = await thaw('-d', 'slow')
    expect(stuck.code).to.equal(1)
    expect(stuck.report.failed.map(({ error }) => error.code)).to.deep.equal(['script.failed'])
    expect(await cli.ok('status')).to.contain("thawed by 'fermata thaw'")

    await rm(join(cli.folder, 'stuck'))
    const thawed = await cli.run('thaw', '-v')
    expect([thawed.code, thawed.stderr]).to.deep.equal([0, ''])
    expect(thawed.stdout).to.contain('Done cloudify.interfaces.freeze.fs_finalize')
    expect(await thaw()).to.deep.equal({ code: 0, report: { thawed: [], failed: [], held: [] } })
    await cli.write({ go: '' })
  })
})
