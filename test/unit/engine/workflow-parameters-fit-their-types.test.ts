import { expect } from 'chai'
import { Type } from 'typebox'
import { workflowParameters } from '../../../src/engine/workflow-parameters.ts'
import type { ResolvedWorkflow } from '../../../src/engine/workflow-table.ts'
import type { JsonObject } from '../../../src/kernel/json.ts'
import { defineWorkflow } from '../../../src/plugins/contract/workflow.ts'
import { backup } from '../../../src/workflows/backup.ts'
import { faultOf } from '../../support/freezing-provider.ts'

const definition = defineWorkflow({
  name: 'drain',
  parameters: Type.Object({
    target: Type.String(),
    grace: Type.Integer({ default: 5 }),
    ratio: Type.Number({ default: 0.5 }),
    hard: Type.Boolean({ default: false }),
    nodes: Type.Array(Type.String(), { default: [] }),
    lease: Type.Union([Type.String(), Type.Number(), Type.Null()], { default: null }),
  }),
  async run() {},
})

const resolved = (declared: ResolvedWorkflow['declared'] = {}): ResolvedWorkflow => ({
  name: 'drain',
  definition,
  declared,
})
const given = (values: JsonObject, declared?: ResolvedWorkflow['declared'], allowCustom = false): JsonObject =>
  workflowParameters(resolved(declared), values, allowCustom)
const refused = (values: JsonObject, declared?: ResolvedWorkflow['declared']) =>
  faultOf(Promise.resolve().then(() => given(values, declared)))

const defaults = { target: 'a', grace: 5, ratio: 0.5, hard: false, nodes: [], lease: null }

describe('workflow parameters', () => {
  it('are filled with the defaults of the workflow, then those of the blueprint, then what is given', () => {
    expect(given({ target: 'a' })).to.deep.equal(defaults)
    const declared = { grace: { default: 7 }, target: { default: 'b' } }
    expect(given({}, declared)).to.deep.equal({ ...defaults, target: 'b', grace: 7 })
    expect(given({ grace: 9 }, declared)).to.deep.equal({ ...defaults, target: 'b', grace: 9 })
  })

  it('become what they are meant to be, when they come as texts', () => {
    const texts = { target: 'a', grace: '12', ratio: '-0.25', hard: 'TRUE', nodes: 'x, y', lease: '30s' }
    expect(given(texts)).to.deep.equal({
      target: 'a',
      grace: 12,
      ratio: -0.25,
      hard: true,
      nodes: ['x', 'y'],
      lease: '30s',
    })
    expect(given({ target: 5, nodes: '' })).to.deep.include({ target: '5', nodes: [] })
    expect(given({ target: 'true', lease: 30 })).to.deep.include({ target: 'true', lease: 30 })
  })

  it('are refused by name when they do not fit', async () => {
    for (const [name, value] of [
      ['grace', 'soon'],
      ['grace', 1.5],
      ['hard', 'maybe'],
      ['nodes', [1]],
      ['ratio', {}],
      ['lease', true],
    ] as const) {
      const problem = await refused({ target: 'a', [name]: value as never })
      expect(problem?.code, name).to.equal('plan.bad_parameter')
      expect(problem?.message, name).to.contain(name)
    }
  })

  it('are refused when nobody knows them, with what was meant', async () => {
    const problem = await refused({ target: 'a', grac: 1 })
    expect(problem?.code).to.equal('plan.unknown_parameter')
    expect((problem as { hint?: string }).hint)
      .to.contain("'grace'")
      .and.to.contain('--allow-custom-parameters')
    expect(given({ target: 'a', grac: { deep: 1 } }, {}, true)).to.deep.equal({ ...defaults, grac: { deep: 1 } })
  })

  it('must be there when they have no default', async () => {
    const problem = await refused({})
    expect([problem?.code, problem?.message]).to.deep.equal([
      'plan.missing_parameter',
      "workflow 'drain' needs parameter 'target'",
    ])
    expect((await refused({ target: 'a' }, { colour: { type: 'string' } }))?.code).to.equal('plan.missing_parameter')
    expect(given({ target: 'a' }, { colour: { type: 'string', required: false } })).to.deep.equal(defaults)
  })

  it('may have any name, also one that objects know', () => {
    expect(() => given({ target: 'a', constructor: 1 } as never)).to.throw('constructor')
    const odd = JSON.parse('{"target": "a", "toString": 1, "__proto__": {"x": 1}}') as JsonObject
    expect(Object.keys(given(odd, {}, true))).to.include('toString')
    expect(({} as { x?: number }).x).to.equal(undefined)
  })

  it('of a backup are those of Cloudify and our own', () => {
    expect(workflowParameters({ name: 'backup', definition: backup, declared: {} }, {}, false)).to.deep.equal({
      snapshot_name: '',
      snapshot_incremental: true,
      snapshot_type: 'irregular',
      snapshot_rotation: 1,
      snapshot_policy: 'all',
      groups: [],
      lease: null,
      max_hold: null,
      freeze_policy: null,
      freeze_policies: {},
      freeze_slo: null,
      freeze_slo_action: 'warn',
      include_instances: [],
      include_node_types: [],
      exclude_node_types: [],
    })
  })
})
