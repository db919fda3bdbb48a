// Claim: every verb answers people with lines and programs with JSON, on a home with something in it and on an empty one.
import { expect } from 'chai'
import { commandTable } from '../../src/cli/command-table.ts'
import { openCliSite, type CliSite } from '../support/cli.ts'

const blueprint = `
tosca_definitions_version: cloudify_dsl_1_3
description: Something to look at.
imports: [cloudify/types/types.yaml, 'plugin:cloudify-utilities-plugin']
inputs:
  size: { type: integer, default: 1 }
  label: { type: string }
node_templates:
  host: { type: cloudify.nodes.Compute, properties: { ip: 10.0.0.1 } }
  server:
    type: cloudify.nodes.SoftwareComponent
    relationships: [{ type: cloudify.relationships.contained_in, target: host }]
    interfaces:
      cloudify.interfaces.lifecycle: { start: measure.sh }
      cloudify.interfaces.statistics: { perfomance: measure.sh }
      cloudify.interfaces.snapshot: { create: measure.sh, apply: measure.sh, delete: measure.sh }
outputs:
  label: { value: { concat: [{ get_input: label }, '-', { get_input: size }] } }
  load: { value: { get_attribute: [server, load] } }
capabilities:
  address: { value: { get_attribute: [host, ip] } }
`

const measure = `#!/bin/sh
ctx instance runtime-properties load @7
ctx returns '@{"cpu": {"value": 12.5, "unit": "%"}, "memory": {"used": 3}}'
`

describe('every verb', () => {
  let cli: CliSite
  let execution: string
  let instance: string

  before(async () => {
    cli = await openCliSite()
    const path = await cli.write({
      'shop/blueprint.yaml': blueprint,
      'shop/measure.sh': measure,
      'inputs.yaml': 'label: mine\nsize: 2\n',
    })
    expect(await cli.ok('blueprints', 'validate', path)).to.match(/./)
    expect(await cli.ok('blueprints', 'upload', path, '-q')).to.equal('shop\n')
    const created = await cli.json<{ id: string; inputs: object }>(
      'deployments',
      'create',
      'one',
      '-b',
      'shop',
      '-i',
      `${cli.folder}/inputs.yaml`,
      '-i',
      'size=3',
    )
    expect(created.inputs).to.deep.equal({ label: 'mine', size: 3 })
    await cli.ok('executions', 'start', 'install', '-d', 'one')
    await cli.ok('executions', 'start', 'statistics', '-d', 'one')
    await cli.ok('executions', 'start', 'statistics', '-d', 'one')
    await cli.ok('executions', 'start', 'backup', '-d', 'one', '-p', 'snapshot_name=first')
    execution = (await cli.json<{ id: string }[]>('executions', 'list', '-d', 'one'))[0]?.id ?? ''
    instance =
      (await cli.json<{ id: string; nodeId: string }[]>('node-instances', 'list', '-d', 'one')).find(
        ({ nodeId }) => nodeId === 'server',
      )?.id ?? ''
    expect((await cli.runWith({ input: 'x' }, 'secrets', 'create', 'token')).code).to.equal(0)
  })
  after(() => cli.close())

  const reading = (): readonly { readonly words: readonly string[]; readonly says: string }[] => [
    { words: ['blueprints', 'list'], says: 'shop' },
    { words: ['blueprints', 'get', 'shop'], says: 'Something to look at.' },
    { words: ['blueprints', 'validate', `${cli.folder}/shop`], says: '' },
    { words: ['blueprints', 'plan', 'shop'], says: 'server' },
    { words: ['blueprints', 'graph', 'shop', '--format', 'mermaid'], says: 'server' },
    { words: ['deployments', 'list'], says: 'one' },
    { words: ['deployments', 'get', 'one'], says: 'remove_backup' },
    { words: ['deployments', 'outputs', 'one'], says: 'mine-3' },
    { words: ['executions', 'list'], says: execution },
    { words: ['executions', 'get', execution], says: 'terminated' },
    { words: ['executions', 'plan', 'statistics', '-d', 'one'], says: 'measure.sh' },
    { words: ['executions', 'check', execution], says: 'rules' },
    { words: ['backups', 'list'], says: 'first' },
    { words: ['backups', 'get', 'first'], says: instance },
    { words: ['backups', 'verify', 'first'], says: 'unchecked' },
    { words: ['backups', 'compare', 'first'], says: instance },
    { words: ['backups', 'hold', 'first', '--reason', 'for a test'], says: 'for a test' },
    { words: ['backups', 'release', 'first', '-d', 'one'], says: 'first' },
    { words: ['backups', 'prune', '-d', 'one', '--keep-last', '1', '--dry-run'], says: 'last 1: 1st' },
    { words: ['retention', 'explain', '-d', 'one', '--keep-last', '1'], says: 'floor: the last good one' },
    { words: ['retention', 'simulate', '--keep-daily', '2', '--every', '12h', '--for', '9d'], says: '(2 of 2)' },
    { words: ['events', 'list', execution], says: "'install' workflow execution succeeded" },
    { words: ['nodes', 'list', '-d', 'one'], says: 'cloudify.nodes.SoftwareComponent' },
    { words: ['node-instances', 'list', '-d', 'one'], says: instance },
    { words: ['node-instances', 'get', instance], says: 'load' },
    { words: ['node-instances', 'statistics', instance], says: 'memory.used' },
    { words: ['plugins', 'list'], says: 'script' },
    { words: ['plugins', 'get', 'local'], says: 'process.freeze' },
    { words: ['secrets', 'list'], says: 'token' },
    { words: ['secrets', 'get', 'token'], says: 'x' },
    { words: ['fleet', 'list'], says: '' },
    { words: ['mail', 'list'], says: '' },
    { words: ['mail', 'settings'], says: '' },
    { words: ['status'], says: cli.home },
    { words: ['thaw'], says: 'thaw' },
    { words: ['completion', 'bash'], says: 'fermata' },
  ]

  it('says what it needs where nothing leads to a vCenter', async () => {
    const { code, stderr } = await cli.run('vsphere', 'report')
    expect(code).to.equal(1)
    expect(stderr).to.contain('a deployment that names its vCenter')
  })

  it('is called here', () => {
    const called = reading().map(({ words }) => words.slice(0, 2).join(' '))
    const elsewhere = [
      'upload',
      'create',
      'delete',
      'start',
      'resume',
      'cancel',
      'init',
      'test',
      'simulate',
      'run',
      'show',
      'send',
      'snapshot',
      'clone',
      'restore',
      'report',
    ]
    for (const [noun, verbs] of Object.entries(commandTable)) {
      for (const verb of Object.keys(verbs).filter((name) => !elsewhere.includes(name || noun))) {
        expect(
          called.some((words) => words === `${noun} ${verb}` || (verb === '' && words.startsWith(noun))),
          `${noun} ${verb}`,
        ).to.equal(true)
      }
    }
  })

  it('answers people with lines', async function () {
    this.timeout(60_000)
    for (const { words, says } of reading()) {
      const printed = await cli.ok(...words)
      expect(printed, words.join(' ')).to.contain(says)
      expect(printed, words.join(' ')).to.not.match(/\[object Object\]|undefined|\u001b/)
    }
  })

  it('answers programs with one JSON document', async function () {
    this.timeout(60_000)
    for (const { words, says } of reading().filter((each) => each.words[0] !== 'completion')) {
      expect(JSON.stringify(await cli.json(...words)), words.join(' ')).to.contain(says)
    }
  })

  it('shows runtime properties, outputs and statistics as they are', async () => {
    const { runtimeProperties, state } = await cli.json<{ runtimeProperties: object; state: string }>(
      'node-instances',
      'get',
      instance,
    )
    expect({ runtimeProperties, state }).to.deep.equal({ runtimeProperties: { load: 7 }, state: 'started' })
    expect(await cli.json('deployments', 'outputs', 'one')).to.deep.equal({
      outputs: { label: 'mine-3', load: 7 },
      capabilities: { address: '10.0.0.1' },
    })
    const series = await cli.json<{ name: string; unit: string | null; points: { value: number }[] }[]>(
      'node-instances',
      'statistics',
      instance,
    )
    expect(
      series.map(({ name, unit, points }) => [name, unit, points.map((point) => point.value)]).toSorted(),
    ).to.deep.equal([
      ['cpu', '%', [12.5, 12.5]],
      ['memory.used', null, [3, 3]],
    ])
  })

  it('follows the events of what has ended to their end, with its exit code', async () => {
    const listed = await cli.ok('events', 'list', execution)
    const tail = await cli.run('events', 'list', '--tail', execution)
    expect(tail).to.deep.equal({ code: 0, stdout: listed, stderr: '' })
    const lines = (await cli.ok('events', 'list', '--tail', '--json', '-e', execution)).trimEnd().split('\n')
    const sequences = lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence)
    expect(sequences).to.deep.equal(sequences.map((_, index) => index + 1))
  })

  it('prints events of a run as JSON lines, the execution last', async () => {
    const lines = (await cli.ok('executions', 'start', 'suspend', '-d', 'one', '--json')).trimEnd().split('\n')
    const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(records[0]).to.include({ kind: 'workflow_started', sequence: 1, deploymentId: 'one' })
    expect(records.at(-1)).to.include({ workflow: 'suspend', status: 'terminated' })
  })

  it('says in an empty home that there is nothing', async () => {
    const home = ['--home', `${cli.folder}/empty`]
    for (const words of [
      ['blueprints', 'list'],
      ['deployments', 'list'],
      ['executions', 'list'],
      ['backups', 'list'],
      ['secrets', 'list'],
    ]) {
      expect(await cli.ok(...words, ...home)).to.match(/^There are no \w+\.\n$/)
      expect(JSON.parse(await cli.ok(...words, ...home, '--json'))).to.deep.equal([])
    }
  })

  it('explains itself with --help, every one', async function () {
    this.timeout(60_000)
    for (const [noun, verbs] of Object.entries(commandTable)) {
      const overview = await cli.ok(noun, '--help')
      for (const verb of Object.keys(verbs)) expect(overview).to.contain(verb)
    }
    expect(await cli.ok('executions', 'start', '--help')).to.contain('--task-retries')
    expect(await cli.ok('--version')).to.match(/^\d+\.\d+\.\d+\n$/)
    expect(await cli.ok()).to.contain('executions')
  })

  it('deletes what it is told to, and only when nothing needs it', async () => {
    await cli.ok('deployments', 'create', 'two', '-b', 'shop', '-i', 'label=x')
    await cli.ok('deployments', 'delete', 'two')
    expect((await cli.json<{ id: string }[]>('deployments', 'list')).map(({ id }) => id)).to.deep.equal(['one'])
    expect((await cli.run('blueprints', 'delete', 'shop')).code).to.equal(2)
  })
})
