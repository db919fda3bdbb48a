// Inputs that a workflow gives an operation must have the types that the blueprint declares for them.
import { expect } from 'chai'
import { Fault } from '../../../src/kernel/fault.ts'
import type { JsonObject } from '../../../src/kernel/json.ts'
import { deploymentOf, planOf } from '../blueprint/texts.ts'
import { WorkflowSite } from '../../conformance/workflow-site.ts'

const plan = planOf(`
plugins: {p: {executor: central_deployment_agent, install: false}}
data_types: {size: {properties: {width: {type: integer}}}}
node_types:
  t:
    interfaces:
      custom:
        go:
          implementation: p.op
          inputs:
            count: {type: integer, default: 1}
            names: {type: list, default: []}
            area: {type: size, default: {width: 1}}
            anything: {default: 1}
node_templates: {n: {type: t}}
`)

async function run(inputs: JsonObject): Promise<Fault | JsonObject | undefined> {
  await using site = await WorkflowSite.open(deploymentOf(plan))
  try {
    const [noted] = await site.run('execute_operation', { operation: 'custom.go', operation_kwargs: inputs })
    return noted?.inputs
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown
    throw thrown
  }
}

describe('inputs of operations', () => {
  it('are taken when they have their types, or none was declared', async () => {
    const given = { count: 5, names: ['a'], area: { width: 3 }, anything: 'text', more: [1] }
    expect(await run(given)).to.deep.equal(given)
    expect(await run({ count: null })).to.deep.equal({ count: null, names: [], area: { width: 1 }, anything: 1 })
  })

  for (const [inputs, reason] of [
    [{ count: 'five' }, /input 'count': must be a whole number/],
    [{ count: 1.5 }, /input 'count': must be a whole number/],
    [{ names: 'a' }, /input 'names': must be a list/],
    [{ area: 3 }, /input 'area': must be a dict of type size/],
  ] as const) {
    it(`are refused as ${JSON.stringify(inputs)}`, async () => {
      const thrown = await run(inputs)
      expect(thrown).to.be.instanceOf(Fault)
      expect((thrown as Fault).message).to.match(reason)
    })
  }
})
