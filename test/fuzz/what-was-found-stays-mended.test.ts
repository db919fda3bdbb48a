// Texts that once broke the parser, each in its smallest form.
import { expect } from 'chai'
import { parseBlueprint } from '../../src/blueprint/parse-blueprint.ts'

const found: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  'a node type without a name': ['node_types: {"": {}}', []],
  'a relationship type without a name': ['relationships: {"": {}}', []],
  'a type that is derived from one without a name': ['node_types: {a: {derived_from: ""}, "": {}}', []],
  'an empty member of a group': [
    'node_types: {t: {}}\nnode_templates: {n: {type: t}}\ngroups: {g: {members: [n, ~]}}',
    ['blueprint.wrong_shape'],
  ],
  'an empty target of a policy': [
    'policies: {p: {type: cloudify.policies.scaling, targets: [~]}}',
    ['blueprint.wrong_shape'],
  ],
  'an empty relationship': [
    'node_types: {t: {}}\nnode_templates: {n: {type: t, relationships: [~]}}',
    ['blueprint.wrong_shape'],
  ],
}

describe('what damaged blueprints brought to light', () => {
  for (const [what, [body, codes]] of Object.entries(found)) {
    it(`${what} ${codes.length === 0 ? 'is read' : `is ${codes.join(', ')}`}`, () => {
      const { problems = [] } = parseBlueprint({ main: `tosca_definitions_version: cloudify_dsl_1_3\n${body}\n` })
      expect(problems.map(({ code }) => code)).to.deep.equal(codes)
    })
  }
})
