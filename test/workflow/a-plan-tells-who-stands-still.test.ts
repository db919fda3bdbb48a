// Claim: a plan tells of each node whether it would be frozen, what would thaw it without us, for how long that holds, and
// what the parts are worth at best; by the same rules by which the bracket decides.
import { expect } from 'chai'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionDetails, Fermata } from '../../src/engine/api.ts'
import { openFermata } from '../../src/engine/open.ts'
import type { JsonObject } from '../../src/kernel/json.ts'
import type { ExecutionPlan } from '../../src/lifecycle/plan/execution-plan.ts'
import { realWorld } from '../../src/world/real-world.ts'
import { engineSite } from '../support/engine-site.ts'
import { temporaryFolder } from '../support/folder.ts'
import { planAndRun } from '../support/planned-and-run.ts'

const plugin = `
import { cutOperation, definePlugin, freezeOperation, operation, thawOperation } from 'fermata'
const deadman = (more) => ({
  kind: 'guest',
  async arm(ctx, { token }) { return { token } },
  async disarm() { return { firedAt: null } },
  ...more,
})
const freeze = (more) => freezeOperation({ deadman: more && deadman(more), async freeze() {} })
const thaw = thawOperation({ async thaw() {} })
export default definePlugin({
  name: 'own',
  operations: {
    short: freeze({ longestHold: 5000 }),
    long: freeze({ longestHold: 60000, async extend(ctx, handle) { return handle } }),
    probed: freeze({ async probe() { return { kind: 'none', longestHold: null, reason: 'its agent is too old' } } }),
    bare: freeze(null),
    thaw,
    cut: cutOperation({
      async cut(ctx) { return { kind: 'own', providerId: ctx.operation.key } },
      async settle(ctx, receipt) { return { ...receipt, bytes: 1, digest: null } },
    }),
    undo: operation({ async run() {} }),
  },
})
`
const node = (id: string, freeze: string): string =>
  `  ${id}: {type: Thing, interfaces: {cloudify.interfaces.freeze: {fs_prepare: own.${freeze}, fs_finalize: own.thaw}}}\n`

const blueprint = (nodes: string): string => `tosca_definitions_version: cloudify_dsl_1_4
plugins: {own: {executor: central_deployment_agent, source: own, install: false}}
node_types:
  cloudify.nodes.Root: {}
  Thing: {derived_from: cloudify.nodes.Root, interfaces: {cloudify.interfaces.snapshot: {create: own.cut, delete: own.undo}}}
node_templates:
${nodes}`

async function withNodes(nodes: string, work: (fermata: Fermata) => Promise<void>): Promise<void> {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'blueprint')
  await mkdir(join(path, 'plugins', 'own'), { recursive: true })
  await writeFile(join(path, 'plugins', 'own', 'plugin.ts'), plugin)
  await writeFile(join(path, 'blueprint.yaml'), blueprint(nodes))
  await using fermata = await openFermata({ home: join(folder.path, 'home'), world: realWorld() })
  await fermata.blueprints.upload('own', { path })
  await fermata.deployments.create('own', 'own', {})
  await work(fermata)
}

const question = (parameters: JsonObject) => ({ workflow: 'backup', deploymentId: 'own', parameters })
const planOf = (fermata: Fermata, parameters: JsonObject = {}): Promise<ExecutionPlan> =>
  fermata.executions.plan(question(parameters))
const run = (fermata: Fermata, parameters: JsonObject): Promise<ExecutionDetails> =>
  fermata.executions.start(question(parameters))

const problemsOf = (plan: ExecutionPlan): string[] => plan.problems.map(({ severity, code }) => `${severity} ${code}`)

describe('a plan tells who stands still', () => {
  it('by which deadman, and how long that holds; the lease is what all of them can bear', () =>
    withNodes(
      node('quick', 'short') + node('slow', 'long') + node('old', 'probed') + node('bare', 'bare'),
      async (fermata) => {
        const { plan } = await planAndRun(fermata, question({ max_hold: '40s' }))
        const [bracket] = plan.brackets
        expect(bracket?.lease).to.equal(5000)
        expect(bracket?.freezes.map(({ node: id, deadman, maximum }) => [id, deadman, maximum])).to.deep.equal([
          ['quick', { kind: 'guest', longestHold: 5000, reason: null }, 5000],
          ['slow', { kind: 'guest', longestHold: 60_000, reason: null }, 40_000],
          ['old', { kind: 'none', longestHold: null, reason: 'its agent is too old' }, 5000],
          ['bare', { kind: 'none', longestHold: null, reason: 'its fs_prepare comes without a deadman' }, 5000],
        ])
        expect(problemsOf(plan)).to.deep.equal(['warning plan.no_deadman', 'warning plan.no_deadman'])
        expect(plan.problems[0]?.message).to.contain('(its agent is too old)')
      },
    ))

  const refused: readonly (readonly [name: string, nodes: string, parameters: JsonObject, code: string])[] = [
    ['a lease that no deadman holds', node('quick', 'short'), { lease: '10s' }, 'freeze.lease_too_long'],
    [
      'a freeze on its own where one is required',
      node('old', 'probed'),
      { freeze_policy: 'require' },
      'plan.unsupported',
    ],
  ]
  for (const [name, nodes, parameters, code] of refused) {
    it(`and refuses ${name}, as the run does: ${code}`, () =>
      withNodes(nodes, async (fermata) => {
        const { problems } = await planOf(fermata, parameters)
        const { error } = await run(fermata, parameters)
        expect(error?.code).to.equal(code)
        const told = problems.find(({ severity }) => severity === 'error')
        expect([told?.code, told?.message]).to.deep.equal([code, error?.message])
      }))
  }

  it('by its policy, and what the parts are worth then', () =>
    withNodes(node('one', 'short') + node('two', 'long'), async (fermata) => {
      const { plan, execution } = await planAndRun(fermata, question({ freeze_policies: 'two=skip' }))
      const [bracket] = plan.brackets
      expect(bracket?.freezes.map(({ node: id, policy, left }) => [id, policy, left])).to.deep.equal([
        ['one', 'require', null],
        ['two', 'skip', 'its freeze_policy is skip'],
      ])
      const labels = bracket?.parts.map(({ instance, consistency }) => [instance.split('_')[0], consistency])
      expect(labels).to.deep.equal([
        ['one', 'application'],
        ['two', 'crash'],
      ])
      expect(problemsOf(plan)).to.deep.equal(['warning plan.unfrozen'])
      const [point] = await fermata.backups.list({ deploymentId: 'own' })
      expect([execution.status, point?.consistency]).to.deep.equal(['terminated', 'crash'])
    }))

  it('by its last times, and what becomes of a limit', () =>
    withNodes(node('one', 'long'), async (fermata) => {
      await run(fermata, { snapshot_name: 'first' })
      const limit = { freeze_slo: '0ms' }
      const warned = await planOf(fermata, { ...limit, freeze_slo_action: 'warn' })
      expect(warned.brackets[0]?.freezes[0]?.predicted).to.be.above(0)
      expect(problemsOf(warned)).to.deep.equal(['warning plan.freeze'])
      const degraded = await planAndRun(
        fermata,
        question({ ...limit, freeze_slo_action: 'degrade', snapshot_name: 'second' }),
      )
      expect(degraded.plan.phases.map(({ name }) => name)).to.deep.equal(['cut', 'settle'])
      expect(problemsOf(degraded.plan)).to.deep.equal(['warning plan.freeze', 'warning plan.unfrozen'])
      const failing = { ...limit, freeze_slo_action: 'fail', snapshot_name: 'third' }
      expect(problemsOf(await planOf(fermata, failing))).to.deep.equal(['error freeze.slo_predicted'])
      expect((await run(fermata, failing)).error?.code).to.equal('freeze.slo_predicted')
    }))

  it('now, by another execution, which is no reason against a later run', async () => {
    await using site = await engineSite()
    const seen: ExecutionPlan[] = []
    site.hooks['cut db'] = async () => {
      seen.push(await site.fermata.executions.plan({ workflow: 'backup', deploymentId: 'shop' }))
    }
    expect((await site.start('backup')).status).to.equal('terminated')
    const [plan] = seen
    const held = plan?.problems.map(({ severity, code, instance }) => [severity, code, instance?.split('_')[0]])
    expect(held).to.have.deep.members(['vm', 'db', 'web'].map((id) => ['warning', 'plan.frozen_now', id]))
  })
})
