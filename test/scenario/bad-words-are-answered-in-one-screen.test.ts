// Claim: wrong ids, inputs, parameters and words get an answer of one screen that names them and says what to do.
import { expect } from 'chai'
import { openCliSite, type CliSite } from '../support/cli.ts'
import { expectRefusal, type Refusal } from '../support/refusal.ts'

const blueprint = `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-utilities-plugin']
inputs:
  size: { type: integer }
node_types:
  thing:
    derived_from: cloudify.nodes.Root
    interfaces:
      cloudify.interfaces.snapshot: { create: made.sh, apply: made.sh, delete: made.sh }
node_templates:
  thing: { type: thing }
`

interface BadWords extends Refusal {
  readonly words: string
}

const inputs: readonly BadWords[] = [
  { words: 'deployments create other -b things', code: 3, says: ["input 'size' has no value"], hint: '-i size=VALUE' },
  { words: 'deployments create other -b things -i size=big', code: 3, says: ["input 'size'", "'big'", 'whole number'] },
  {
    words: 'deployments create other -b things -i size=1 -i sice=2',
    code: 3,
    says: ["no input 'sice'"],
    hint: "did you mean 'size'",
  },
  {
    words: 'deployments create other -b things -i nothing.yaml',
    code: 2,
    says: ["'nothing.yaml'"],
    hint: 'name=value',
  },
  {
    words: 'executions start backup -b things -i size=2',
    code: 2,
    says: ["'things'", 'another value of size'],
    hint: 'delete it first',
  },
]

const ids: readonly BadWords[] = [
  { words: 'blueprints get thinks', code: 2, says: ["no blueprint 'thinks'"], hint: "did you mean 'things'" },
  { words: 'deployments get thinks', code: 2, says: ["no deployment 'thinks'"], hint: "did you mean 'things'" },
  {
    words: 'deployments create things -b things -i size=1',
    code: 2,
    says: ["deployment 'things' already exists"],
    hint: 'another id',
  },
  {
    words: 'deployments create 1../x -b things -i size=1',
    code: 2,
    says: ["'1../x'", 'usage.bad_id'],
    hint: 'beginning with a letter',
  },
  {
    words: 'blueprints delete things',
    code: 2,
    says: ["'things' is still used by deployment things"],
    hint: 'delete those first',
  },
  { words: 'executions get nope', code: 2, says: ["no execution 'nope'"] },
  { words: 'executions cancel nope', code: 2, says: ["no execution 'nope'"] },
  { words: 'executions resume nope', code: 2, says: ["no execution 'nope'"] },
  { words: 'events list nope', code: 2, says: ["no execution 'nope'"] },
  { words: 'events list nope --tail', code: 2, says: ["no execution 'nope'"] },
  { words: 'node-instances get nope', code: 2, says: ["no node instance 'nope'"], hint: 'thing_' },
  { words: 'node-instances statistics nope', code: 2, says: ["no node instance 'nope'"] },
  { words: 'nodes list -d nope', code: 2, says: ["no deployment 'nope'"] },
  { words: 'secrets get nope', code: 2, says: ["no secret 'nope'"], hint: 'fermata secrets create nope' },
  { words: 'plugins get lokal', code: 2, says: ["no plugin 'lokal'"], hint: "'local'" },
]

const workflows: readonly BadWords[] = [
  {
    words: 'executions start bakcup -d things',
    code: 2,
    says: ["no workflow 'bakcup'"],
    hint: "did you mean 'backup'",
  },
  {
    words: 'executions start backup -d things -p snapshot_nam=x',
    code: 2,
    says: ["no parameter 'snapshot_nam'"],
    hint: "'snapshot_name'",
  },
  {
    words: 'executions start backup -d things -p snapshot_rotation=many',
    code: 2,
    says: ["parameter 'snapshot_rotation'", 'integer'],
  },
  { words: 'executions start backup', code: 2, says: ['on what to run'], hint: '-d' },
  { words: 'executions start backup -d things -p', code: 2, says: ['-p'] },
  { words: 'executions start backup -d things --task-retries few', code: 2, says: ['--task-retries', "'few'"] },
  { words: 'executions start backup -d things --tsk', code: 2, says: ["'--tsk'"], hint: '--help' },
  { words: 'executions strat', code: 2, says: ["'executions strat'"], hint: "'executions start'" },
  { words: 'frobnicate', code: 2, says: ["'frobnicate'"], hint: 'blueprints' },
  // These are found out by the workflow itself: the execution is recorded as failed.
  {
    words: 'executions start backup -d things --include-instances thing_zzzzzz',
    code: 1,
    says: ["no node instance 'thing_zzzzzz'"],
    hint: 'thing_',
  },
  {
    words: 'executions start backup -d things -p include_node_types=think',
    code: 1,
    says: ["has the type 'think'"],
    hint: "'thing'",
  },
  { words: 'executions start backup -d things -p lease=5parsecs', code: 1, says: ["'5parsecs'"], hint: '30s' },
  {
    words: 'executions start restore -d things',
    code: 1,
    says: ["'restore' needs parameter 'snapshot_name'"],
    hint: '-p snapshot_name=VALUE',
  },
  {
    words: 'executions start remove_backup -d things',
    code: 1,
    says: ["'remove_backup' needs parameter 'snapshot_name'"],
  },
  {
    words: 'executions start restore -d things -p snapshot_name=fist',
    code: 1,
    says: ["no backup 'fist'"],
    hint: "'first'",
  },
  {
    words: 'executions start remove_backup -d things -p snapshot_name=fist',
    code: 1,
    says: ["no backup 'fist'"],
    hint: "'first'",
  },
  {
    words: 'executions start backup -d things -p snapshot_name=first',
    code: 1,
    says: ["already has a backup 'first'"],
    hint: 'another snapshot_name',
  },
]

describe('bad words', () => {
  let cli: CliSite
  before(async () => {
    cli = await openCliSite()
    const path = await cli.write({
      'things/blueprint.yaml': blueprint,
      'things/made.sh': '#!/bin/sh\nctx returns made\n',
    })
    await cli.ok('blueprints', 'upload', path)
    await cli.ok('deployments', 'create', 'things', '-b', 'things', '-i', 'size=1')
    await cli.ok('executions', 'start', 'backup', '-d', 'things', '-p', 'snapshot_name=first')
  })
  after(() => cli.close())

  for (const [about, cases] of Object.entries({ inputs, ids, workflows })) {
    it(`about ${about}: ${cases.length} ways to be wrong`, async () => {
      for (const { words, ...refusal } of cases) expectRefusal(await cli.run(...words.split(' ')), refusal)
    })
  }

  it('never advise to carry on what would fail again', async () => {
    const { stderr } = await cli.run('executions', 'start', 'restore', '-d', 'things')
    expect(stderr).to.not.contain('executions resume')
  })

  it('leave the deployment free and the backup whole', async () => {
    await cli.ok('executions', 'start', 'restore', '-d', 'things', '-p', 'snapshot_name=first')
    const executions = await cli.json<{ status: string }[]>('executions', 'list', '-d', 'things')
    expect(new Set(executions.map(({ status }) => status))).to.deep.equal(new Set(['terminated', 'failed']))
  })
})
