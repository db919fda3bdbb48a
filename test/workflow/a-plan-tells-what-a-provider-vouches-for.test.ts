// Claim: what a provider sees to itself raises what a plan expects of a part, in its own words; why it does not stands in the
// warning; a provider that cannot be asked, or has no word, changes nothing.
import { expect } from 'chai'
import { cutOperation, definePlugin, type Vouched } from '../../src/index.ts'
import { testFermata } from '../../src/testing/index.ts'

const cut = {
  cut: async () => ({ kind: 'own', providerId: 'x' }),
  settle: async (_ctx: unknown, receipt: { kind: string; providerId: string }) => ({
    ...receipt,
    bytes: 1,
    digest: null,
  }),
}

const saying = (vouched: Vouched) => cutOperation({ ...cut, vouches: async () => vouched })

const own = definePlugin({
  name: 'own',
  operations: {
    sees: saying({ consistency: 'filesystem', reason: 'it is quiesced' }),
    cannot: saying({ consistency: null, reason: 'its tools do not run' }),
    fails: cutOperation({ ...cut, vouches: () => Promise.reject(new Error('nobody answers')) }),
    silent: cutOperation(cut),
  },
})

const names = ['sees', 'cannot', 'fails', 'silent']

const blueprint = `tosca_definitions_version: cloudify_dsl_1_4
plugins: {own: {executor: central_deployment_agent, install: false}}
node_types:
  cloudify.nodes.Root: {}
node_templates:
${names.map((name) => `  ${name}: {type: cloudify.nodes.Root, interfaces: {cloudify.interfaces.snapshot: {create: own.${name}}}}`).join('\n')}
`

describe('a plan of a backup', () => {
  it('tells what the providers vouch for', async () => {
    await using test = await testFermata({ blueprint, plugins: { own } })
    const plan = await test.fermata.executions.plan({
      workflow: 'backup',
      deploymentId: 'test',
      parameters: { snapshot_name: 'b' },
    })
    const parts = plan.brackets[0]?.parts.map(({ instance, consistency, reason }) => [
      instance.split('_')[0],
      consistency,
      reason,
    ])
    expect(parts?.toSorted()).to.eql([
      ['cannot', 'crash', 'nothing was frozen, and its tools do not run'],
      ['fails', 'crash', 'nothing was frozen'],
      ['sees', 'filesystem', 'it is quiesced'],
      ['silent', 'crash', 'nothing was frozen'],
    ])
    const warnings = plan.problems.filter(({ code }) => code === 'plan.unfrozen').map(({ message }) => message)
    expect(warnings).to.have.length(3)
    const about = (name: string): string => warnings.find((text) => text.includes(name)) ?? ''
    expect(about('cannot')).to.match(/power cut: nothing was frozen, and its tools do not run$/)
    for (const name of ['fails', 'silent']) expect(about(name)).to.include('unless its provider vouches for more')
  })
})
