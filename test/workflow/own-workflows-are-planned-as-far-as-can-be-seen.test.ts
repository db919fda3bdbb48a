// Claim: of a workflow of one's own a plan shows what can be seen, runs none of its steps, and says what it cannot see.
import { expect } from 'chai'
import { join } from 'node:path'
import { mkdir, writeFile } from 'node:fs/promises'
import { openFermata } from '../../src/engine/open.ts'
import type { ExecutionPlan } from '../../src/lifecycle/plan/execution-plan.ts'
import { realWorld } from '../../src/world/real-world.ts'
import { temporaryFolder } from '../support/folder.ts'

const plugin = `
import { definePlugin, defineWorkflow, operation, fault, Type } from 'fermata'
const none = Type.Object({})
const called = (what) => { throw new Error(what + ' was called') }
const each = (run, work) => Promise.all(run.members.map(work))
export default definePlugin({
  name: 'own',
  operations: { look: operation({ run: async () => called('look') }), mend: operation({ run: async () => called('mend') }) },
  workflows: {
    seen: defineWorkflow({ name: 'seen', parameters: none, async run(run) {
      await each(run, (member) => run.execute(member, 'own.look'))
      await run.walk('own.mend', { instances: run.members, order: 'dependents-first', inputs: { force: true } })
    } }),
    hidden: defineWorkflow({ name: 'hidden', parameters: none, async run(run) {
      const answer = await run.step('ask', async () => called('a step'))
      if (answer.items.length > 3) run.log.info('many')
      for (const item of answer.items) await run.execute(run.members[0], item)
      await run.walk('own.mend', { instances: run.members, order: 'none', inputs: { name: 'is ' + answer.name, size: 1 } })
    } }),
    lost: defineWorkflow({ name: 'lost', parameters: none, async run(run) {
      await run.walk('own.look', { instances: run.members, order: 'none' })
      const { list } = await run.step('ask', async () => called('a step'))
      const first = JSON.parse(String(list))
      await run.execute(run.members[0], 'own.mend', { inputs: first })
    } }),
    refused: defineWorkflow({ name: 'refused', parameters: none, async run() {
      throw fault('operation.failed', { message: 'not on a Sunday', retry: 'never' })
    } }),
    endless: defineWorkflow({ name: 'endless', parameters: none, async run(run) {
      for (let count = 0; ; count++) {
        const state = await run.execute(run.members[0], 'own.look', { phase: 'look' + count })
        if (state === 'done') return
      }
    } }),
  },
})
`
const blueprint = `tosca_definitions_version: cloudify_dsl_1_4
plugins: {own: {executor: central_deployment_agent, source: own, install: false}}
node_types:
  cloudify.nodes.Root: {}
  Thing: {derived_from: cloudify.nodes.Root, interfaces: {own: {look: own.look, mend: own.mend}}}
relationships:
  cloudify.relationships.depends_on: {properties: {connection_type: {default: all_to_all}}}
node_templates:
  a: {type: Thing}
  b: {type: Thing, relationships: [{type: cloudify.relationships.depends_on, target: a}]}
workflows: {seen: own.seen, hidden: own.hidden, lost: own.lost, refused: own.refused, endless: own.endless}
`

async function planOf(workflow: string): Promise<ExecutionPlan> {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'blueprint')
  await mkdir(join(path, 'plugins', 'own'), { recursive: true })
  await writeFile(join(path, 'plugins', 'own', 'plugin.ts'), plugin)
  await writeFile(join(path, 'blueprint.yaml'), blueprint)
  await using fermata = await openFermata({ home: join(folder.path, 'home'), world: realWorld() })
  await fermata.blueprints.upload('own', { path })
  await fermata.deployments.create('own', 'own', {})
  return await fermata.executions.plan({ workflow, deploymentId: 'own' })
}

const callsOf = (plan: ExecutionPlan): string[] =>
  plan.phases.flatMap(({ calls }) => calls.map(({ group, node, operation }) => `${group} ${node} ${operation}`))
const problemsOf = (plan: ExecutionPlan): string[] => plan.problems.map(({ severity, code }) => `${severity} ${code}`)

describe("workflows of one's own are planned", () => {
  it('as they are written, calls at the same time in one group', async () => {
    const plan = await planOf('seen')
    expect(callsOf(plan)).to.deep.equal(['1 a own.look', '1 b own.look', '2 b own.mend', '3 a own.mend'])
    expect(plan.isComplete).to.equal(true)
    expect(plan.problems).to.deep.equal([])
  })

  it('around steps whose results nobody has, and say so', async () => {
    const plan = await planOf('hidden')
    expect(callsOf(plan)).to.deep.equal(['1 a own.mend', '1 b own.mend'])
    const [call] = plan.phases[0]?.calls ?? []
    expect(call?.unknownInputs).to.deep.equal(['name'])
    expect(call?.inputs).to.deep.equal({ name: "is <result of step 'ask', name: not known before it runs>", size: 1 })
    expect([plan.isComplete, plan.unknownSteps]).to.deep.equal([false, ['ask']])
    expect(problemsOf(plan)).to.deep.equal(['warning plan.unknown_step'])
  })

  it('until they cannot go on without such a result', async () => {
    const plan = await planOf('lost')
    expect(callsOf(plan)).to.deep.equal(['1 a own.look', '1 b own.look'])
    expect(plan.isComplete).to.equal(false)
    expect(problemsOf(plan)).to.deep.equal(['warning plan.incomplete', 'warning plan.unknown_step'])
  })

  it('to the fault that they throw', async () => {
    const plan = await planOf('refused')
    expect(plan.problems.map(({ severity, message }) => [severity, message])).to.deep.equal([
      ['error', 'not on a Sunday'],
    ])
  })

  it('to an end, also when they wait for an answer that never comes', async () => {
    const plan = await planOf('endless')
    expect(plan.isComplete).to.equal(false)
    expect(problemsOf(plan)).to.deep.equal(['warning plan.incomplete'])
  })
})
