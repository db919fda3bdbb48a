// Claim: a plan is shown to people and programs, kept in a file, drawn, and started from that file; what cannot run is told
// by the exit code.
import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionPlan } from '../../src/lifecycle/plan/execution-plan.ts'
import { openCliSite, type CliSite } from '../support/cli.ts'

const blueprint = `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-utilities-plugin']
inputs:
  size: { type: integer, default: 1 }
node_templates:
  db:
    type: cloudify.nodes.DBMS
    interfaces:
      cloudify.interfaces.freeze: { fs_prepare: act.sh, fs_finalize: act.sh }
      cloudify.interfaces.snapshot:
        create:
          implementation: act.sh
          inputs: { size: { get_input: size }, door: { get_secret: door } }
  web:
    type: cloudify.nodes.WebServer
    interfaces:
      cloudify.interfaces.freeze: { fs_prepare: act.sh, fs_finalize: act.sh }
    relationships: [{ type: cloudify.relationships.connected_to, target: db }]
`

describe('a plan', () => {
  let cli: CliSite

  before(async () => {
    cli = await openCliSite()
    const path = await cli.write({ 'shop/blueprint.yaml': blueprint, 'shop/act.sh': '#!/bin/sh\ntrue\n' })
    await cli.ok('blueprints', 'upload', path)
    await cli.ok('secrets', 'create', 'door', '-s', 'open-sesame')
    await cli.ok('deployments', 'create', 'shop', '-b', 'shop')
  })
  after(() => cli.close())

  const named = ['-p', 'snapshot_name=monday']

  it('shows people who is called when, who stands still, and what is to be known', async () => {
    const text = await cli.ok('executions', 'plan', 'backup', '-d', 'shop', ...named)
    const order = text.matchAll(/^ +(\d)  (\w+(?: \w+)?) +(db|web)_\w+ +(\w+) +act\.sh /gm)
    const lines = [...order].map((match) => match.slice(1).join(' '))
    expect(lines).to.deep.equal([
      '1 freeze services web fs_prepare',
      '2 freeze services db fs_prepare',
      '3 cut db create',
      '4 thaw services db fs_finalize',
      '5 thaw services web fs_finalize',
    ])
    expect(text).to.match(/^db_\w+ +require /m)
    expect(text).to.match(/^warning: when the backup fails, what was cut of db_\w+ stays: .*\[plan\.no_undo\]$/m)
  })

  it('is JSON for programs, without a secret', async () => {
    const plan = await cli.json<ExecutionPlan>('executions', 'plan', 'backup', '-d', 'shop', ...named)
    const cut = plan.phases.flatMap(({ calls }) => calls).find(({ role }) => role === 'cut')
    expect(cut?.inputs).to.include({ size: 1, door: '********', snapshot_name: 'monday' })
    expect(JSON.stringify(plan)).to.not.contain('open-sesame')
  })

  it('is the same by `executions start --dry-run`, and nothing is started', async () => {
    const words = ['backup', '-d', 'shop', ...named]
    const { madeAt: _at, digest: _own, ...plan } = await cli.json<ExecutionPlan>('executions', 'plan', ...words)
    const dry = await cli.json<ExecutionPlan>('executions', 'start', ...words, '--dry-run')
    expect(dry).to.deep.include(plan)
    expect(await cli.json('executions', 'list')).to.deep.equal([])
  })

  it('makes no deployment', async () => {
    const { code, stderr } = await cli.run('executions', 'start', 'backup', '-b', 'shop', '-d', 'new', '--dry-run')
    expect([code, stderr]).to.deep.equal([
      2,
      "error: there is no deployment 'new', and a dry run makes none [usage.bad_argument]\nhint: make it with `fermata deployments create`\n",
    ])
    expect(await cli.json('deployments', 'list')).to.have.lengthOf(1)
  })

  it('is drawn', async () => {
    const svg = await cli.ok('executions', 'plan', 'backup', '-d', 'shop', '--svg', '-')
    expect(svg).to.match(/^<svg .*<\/svg>\n$/s)
    const file = join(cli.folder, 'plan.svg')
    expect(await cli.ok('executions', 'plan', 'backup', '-d', 'shop', '--svg', file, '-q')).to.equal('')
    expect(await readFile(file, 'utf8')).to.match(/db_\w+.*web_\w+|web_\w+.*db_\w+/s)
  })

  it('ends with 3 when the run would be refused', async () => {
    const words = ['executions', 'plan', 'restore', '-d', 'shop', '-p', 'snapshot_name=sunday']
    const whole = await cli.run(...words)
    expect([whole.code, whole.stderr]).to.deep.equal([3, ''])
    expect(whole.stdout).to.contain("error: deployment 'shop' has no backup 'sunday' [catalog.no_such_backup]")
    const quiet = await cli.run(...words, '-q')
    expect([quiet.code, quiet.stdout.split('\n')[0]]).to.deep.equal([
      3,
      "error: deployment 'shop' has no backup 'sunday' [catalog.no_such_backup]",
    ])
    expect((await cli.run(...words, '--json')).code).to.equal(3)
  })

  it('is started from its file, once it was looked at, and the execution knows it', async () => {
    const file = join(cli.folder, 'monday.json')
    await cli.ok('executions', 'plan', 'backup', '-d', 'shop', ...named, '-o', file)
    expect(await cli.ok('executions', 'start', '--plan', file)).to.contain("INFO: Backuped to 'monday'")
    const { digest } = JSON.parse(await readFile(file, 'utf8')) as ExecutionPlan
    const [execution] = await cli.json<{ id: string }[]>('executions', 'list')
    expect(await cli.ok('executions', 'get', execution?.id ?? '')).to.contain(digest)
    // Now there is a history: lengths are known.
    const plan = await cli.json<ExecutionPlan>('executions', 'plan', 'backup', '-d', 'shop', '-p', 'snapshot_name=next')
    expect(plan.timeline.guessed).to.equal(0)
    expect(plan.brackets[0]?.freezes.every(({ predicted }) => (predicted ?? 0) > 0)).to.equal(true)
  })

  it('is refused from a file that is none, and together with what it says already', async () => {
    const file = await cli.write({ 'plan.json': '{"format": "fermata.plan/1"}', 'text.json': 'nothing' })
    const text = join(cli.folder, 'text.json')
    const refused: readonly (readonly [words: readonly string[], said: string])[] = [
      [['--plan', file], 'that is no plan of an execution: '],
      [['--plan', text], `that is no plan of an execution: '${text}' is no JSON`],
      [['--plan', join(cli.folder, 'gone.json')], 'cannot read '],
      [['--plan', file, '-p', 'a=1', '-d', 'shop'], '-d and -p cannot be given together with --plan'],
      [['backup', '--plan', file], 'a workflow cannot be given together with --plan'],
      [['--plan', file, '--dry-run'], '--dry-run cannot be given together with --plan'],
      [['-d', 'shop'], 'it is not said which workflow to run'],
    ]
    for (const [words, said] of refused) {
      const { code, stderr } = await cli.run('executions', 'start', ...words)
      expect([code, stderr.startsWith(`error: ${said}`)], stderr).to.deep.equal([2, true])
    }
  })

  it('is refused when the deployment is another by now', async () => {
    const file = join(cli.folder, 'tuesday.json')
    await cli.ok('executions', 'plan', 'backup', '-d', 'shop', '-p', 'snapshot_name=tuesday', '-o', file, '-q')
    await cli.ok('executions', 'start', 'remove_backup', '-d', 'shop', ...named)
    await cli.ok('deployments', 'delete', 'shop')
    await cli.ok('deployments', 'create', 'shop', '-b', 'shop', '-i', 'size=2')
    const { code, stderr } = await cli.run('executions', 'start', '--plan', file)
    expect(code).to.equal(3)
    expect(stderr).to.match(/^error: the plan does not fit any more; changed since: the deployment's inputs, /)
  })
})
