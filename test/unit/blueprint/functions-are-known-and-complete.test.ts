// The functions there are, and what the ones of running deployments give.
import { expect } from 'chai'
import { evaluateFunctions } from '../../../src/blueprint/evaluate-functions.ts'
import { functionNames } from '../../../src/blueprint/functions/call.ts'
import type { InstanceAnswer, Question } from '../../../src/blueprint/functions/function.ts'
import { functionNamed } from '../../../src/blueprint/functions/registry.ts'
import { asFault } from '../../../src/kernel/fault.ts'
import type { Json } from '../../../src/kernel/json.ts'
import { deploymentOf, planOf, problemsOf, refusalsOf } from './texts.ts'

const instance = (id: string, runtimeProperties: InstanceAnswer['runtimeProperties']): InstanceAnswer => ({
  id,
  nodeId: 'vm',
  index: 1,
  runtimeProperties,
  relationships: [],
  scalingGroups: [],
})
const instances = [instance('vm_1', { ip: '10.0.0.1', nested: { list: [1, 2] } }), instance('vm_2', { ip: '10.0.0.2' })]

async function answer(question: Question) {
  if (question.ask === 'instance') return instances.find(({ id }) => id === question.id)
  if (question.ask === 'instances') return instances
  if (question.ask === 'node') return { id: 'vm', properties: { size: 3, again: { get_attribute: ['SELF', 'ip'] } } }
  return question.ask === 'secret' && question.name === 'db' ? '{"user": "root"}' : undefined
}

const evaluateFor = (value: Json) => evaluateFunctions(value, { self: 'vm_1', answer })

describe('functions are known and complete', () => {
  it('has one function per name', () => {
    for (const name of functionNames) expect(functionNamed(name).name).to.equal(name)
  })

  it('looks for attributes at run time first, then among special names, then in properties', async () => {
    expect(await evaluateFor({ get_attribute: ['SELF', 'ip'] })).to.equal('10.0.0.1')
    expect(await evaluateFor({ get_attribute: ['SELF', 'nested', 'list', 1] })).to.equal(2)
    expect(await evaluateFor({ get_attribute: ['SELF', 'node_instance_id'] })).to.equal('vm_1')
    expect(await evaluateFor({ get_attribute: ['SELF', 'size'] })).to.equal(3)
    expect(await evaluateFor({ get_attribute: ['SELF', 'again'] })).to.equal('10.0.0.1')
    expect(await evaluateFor({ get_attribute: ['SELF', 'nothing'] })).to.equal(null)
  })

  it('opens secrets that hold JSON, and keeps their value out of messages', async () => {
    expect(await evaluateFor({ get_secret: ['db', 'user'] })).to.equal('root')
    const failure = await evaluateFor({ get_secret: ['db', 'port'] }).catch(asFault)
    expect(String((failure as Error).message))
      .to.contain("secret 'db'")
      .and.not.contain('root')
  })

  it('does not guess which of several instances is meant', async () => {
    const failure = await evaluateFunctions({ get_attribute: ['vm', 'ip'] }, { answer }).catch(asFault)
    expect(String((failure as Error).message)).to.contain('more than one node instance')
    const forgiven = await evaluateFunctions({ get_attribute: ['vm', 'ip'] }, { forgives: true, answer })
    expect(forgiven).to.match(/^<ERROR: /)
  })

  it('writes values into text as Python does', () => {
    const { outputs } = deploymentOf(
      planOf('outputs: {o: {value: {concat: [true, " ", null, " ", 1, " ", [a, {b: 1}]]}}}'),
    )
    expect(outputs['o']?.value).to.equal("True None 1 ['a', {'b': 1}]")
  })

  it('leaves for later what only a running deployment knows', () => {
    const body =
      'node_types: {t: {}}\nnode_templates: {n: {type: t}}\ninputs: {i: {default: x}}\noutputs: {o: {value: {concat: [{get_input: i}, {get_attribute: [n, a]}]}}}'
    expect(deploymentOf(planOf(body)).outputs['o']?.value).to.deep.equal({
      concat: ['x', { get_attribute: ['n', 'a'] }],
    })
  })

  it('keeps SELF on the node that says it when another node takes its property', () => {
    const plan = planOf(`
node_types: {t: {properties: {address: {default: {get_attribute: [SELF, ip]}}, peer: {default: ''}}}}
node_templates:
  db: {type: t}
  web: {type: t, properties: {peer: {get_property: [db, address]}}}
`)
    const web = deploymentOf(plan).nodes.find(({ id }) => id === 'web')
    expect(web?.properties['peer']).to.deep.equal({ get_attribute: ['db', 'ip'] })
    expect(web?.properties['address']).to.deep.equal({ get_attribute: ['SELF', 'ip'] })
  })

  it('wants the secrets that a deployment names to exist', () => {
    const plan = planOf('outputs: {o: {value: {get_secret: password}}}')
    expect(plan.secrets).to.deep.equal(['password'])
    expect(refusalsOf(plan, { secrets: ['other'] })[0]?.code).to.equal('blueprint.secrets_missing')
    expect(refusalsOf(plan)[0]?.code).to.equal('blueprint.secrets_unsupported')
    deploymentOf(plan, { secrets: ['password'] })
  })

  it('checks calls before there is a deployment', () => {
    const wrong = (value: string): string | undefined =>
      problemsOf(`node_types: {t: {}}\nnode_templates: {n: {type: t}}\noutputs: {o: {value: ${value}}}`)[0]?.code
    expect(wrong('{get_attribute: [SELF, x]}')).to.equal('blueprint.function_scope')
    expect(wrong('{get_attribute: x}')).to.equal('blueprint.function_arguments')
    expect(wrong('{get_property: [m, x]}')).to.equal('blueprint.function_unknown_node')
    expect(wrong('{get_property: [n, x]}')).to.equal('blueprint.function_failed')
    expect(wrong('{get_sys: [deployment, colour]}')).to.equal('blueprint.function_arguments')
  })
})
