// Claim: an operation is tried again as often as asked, no more; its own max_retries wins; `ctx operation retry` counts as one.
import { expect } from 'chai'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openCliSite, type CliResult, type CliSite } from '../support/cli.ts'

const blueprint = `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-utilities-plugin']
inputs:
  folder: { type: string }
node_templates:
  server:
    type: cloudify.nodes.Root
    interfaces:
      test:
        flaky: { implementation: flaky.sh, inputs: &folder { folder: { get_input: folder } } }
        once: { implementation: flaky.sh, max_retries: 0, inputs: *folder }
        thrice: { implementation: flaky.sh, max_retries: 3, retry_interval: 0, inputs: *folder }
        asks: { implementation: asks.sh, inputs: *folder }
        gives_up: { implementation: gives-up.sh, inputs: *folder }
`

const count = 'echo x >>"$folder/tries"\ntries=$(wc -l <"$folder/tries")\n'
const scripts = {
  'shop/flaky.sh': `#!/bin/sh\n${count}[ "$tries" -ge 3 ] || { echo "try $tries went wrong" >&2; exit 4; }\n`,
  'shop/asks.sh': `#!/bin/sh\n${count}[ "$tries" -ge 3 ] || ctx operation retry "not yet, $tries" 0\n`,
  'shop/gives-up.sh': `#!/bin/sh\n${count}ctx abort-operation 'there is no point'\n`,
}

describe('an operation that fails', () => {
  let cli: CliSite
  before(async () => {
    cli = await openCliSite()
    await cli.ok('blueprints', 'upload', await cli.write({ 'shop/blueprint.yaml': blueprint, ...scripts }))
    await cli.ok('deployments', 'create', 'shop', '-b', 'shop', '-i', `folder=${cli.folder}`)
  })
  after(() => cli.close())

  async function run(operation: string, ...more: string[]): Promise<CliResult & { readonly tries: number }> {
    await rm(join(cli.folder, 'tries'), { force: true })
    const result = await cli.run(
      'executions',
      'start',
      'execute_operation',
      '-d',
      'shop',
      '-p',
      `operation=test.${operation}`,
      ...more,
    )
    return { ...result, tries: (await readFile(join(cli.folder, 'tries'), 'utf8')).length / 2 }
  }
  const again = (retries: number): string[] => ['--task-retries', String(retries), '--task-retry-interval', '0']

  it('twice succeeds with two retries, and its lines count them', async () => {
    const { code, stdout, tries } = await run('flaky', ...again(2))
    expect({ code, tries }).to.deep.equal({ code: 0, tries: 3 })
    expect(stdout).to.match(/Task failed 'script_runner\.tasks\.run' -> .*try 1 went wrong\n/)
    expect(stdout).to.match(/Task failed .*try 2 went wrong.* \[retry 1\/2\]\n/)
    expect(stdout).to.contain("Task succeeded 'script_runner.tasks.run' [retry 2/2]")
  })

  it('fails for good with one retry, or none', async () => {
    expect(await run('flaky', ...again(1))).to.include({ code: 1, tries: 2 })
    const { code, tries, stderr } = await run('flaky')
    expect({ code, tries }).to.deep.equal({ code: 1, tries: 1 })
    expect(stderr).to.contain('try 1 went wrong').and.to.contain('fermata executions resume ')
  })

  it('is tried without limit with -1', async () => {
    expect(await run('flaky', ...again(-1))).to.include({ code: 0, tries: 3 })
  })

  it('obeys its own max_retries first', async () => {
    expect(await run('once', ...again(5))).to.include({ code: 1, tries: 1 })
    expect(await run('thrice')).to.include({ code: 0, tries: 3 })
  })

  it('by `ctx operation retry` is rescheduled, within the same limit', async () => {
    const { code, tries, stdout } = await run('asks', ...again(2))
    expect({ code, tries }).to.deep.equal({ code: 0, tries: 3 })
    expect(stdout).to.contain("Task rescheduled 'script_runner.tasks.run' -> not yet, 1\n")
    expect(await run('asks', ...again(1))).to.include({ code: 1, tries: 2 })
  })

  it('by `ctx abort-operation` is not tried again', async () => {
    const { code, tries, stderr } = await run('gives_up', ...again(5))
    expect({ code, tries }).to.deep.equal({ code: 1, tries: 1 })
    expect(stderr).to.contain('there is no point')
  })
})
