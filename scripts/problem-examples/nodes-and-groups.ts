// Examples of problems with relationships, numbers of instances, groups and policies.
import { type ProblemExample, things, types } from './example.ts'

const root = (name: string, more = ''): string => `  ${name}: { type: cloudify.nodes.Root${more} }\n`
const to = (kind: string, target: string, more = ''): string =>
  `{ type: cloudify.relationships.${kind}, target: ${target}${more} }`
const nodes = (...lines: readonly string[]): string => `${types}node_templates:\n${lines.join('')}`
const scaled = (properties: string): string =>
  things(`  vm:\n    type: thing\n    capabilities: { scalable: { properties: { ${properties} } } }\n`)
const policy = (name: string, text: string): string => `policies:\n  ${name}: { ${text} }\n`
const scaling = 'type: cloudify.policies.scaling'

export const nodesAndGroups = {
  'blueprint.unknown_relationship_type': {
    blueprint: nodes(
      root('vm'),
      root('app', ', relationships: [{ type: cloudify.relationships.conected_to, target: vm }]'),
    ),
  },
  'blueprint.unknown_target': {
    blueprint: nodes(root('vm'), root('app', `, relationships: [${to('depends_on', 'vn')}]`)),
  },
  'blueprint.target_is_self': { blueprint: nodes(root('app', `, relationships: [${to('depends_on', 'app')}]`)) },
  'blueprint.contained_twice': {
    blueprint: nodes(
      root('one'),
      root('two'),
      root('app', `, relationships: [${to('contained_in', 'one')}, ${to('contained_in', 'two')}]`),
    ),
  },
  'blueprint.relationship_cycle': {
    blueprint: nodes(
      root('hen', `, relationships: [${to('depends_on', 'egg')}]`),
      root('egg', `, relationships: [${to('depends_on', 'hen')}]`),
    ),
  },
  'blueprint.lifecycle_operation_missing': {
    blueprint: nodes(root('vm'), root('app', `, relationships: [${to('depends_on_lifecycle_operation', 'vm')}]`)),
  },
  'blueprint.lifecycle_operation_unknown': {
    blueprint: nodes(
      root('vm'),
      root(
        'app',
        `, relationships: [${to('depends_on_lifecycle_operation', 'vm', ', properties: { operation: precreate }')}]`,
      ),
    ),
  },
  'blueprint.instances_twice': {
    blueprint: things('  vm:\n    type: thing\n    instances: { deploy: 2 }\n    capabilities: { scalable: {} }\n'),
  },
  'blueprint.negative_count': { blueprint: scaled('default_instances: -1') },
  'blueprint.count_order': { blueprint: scaled('default_instances: 9, max_instances: 5') },
  'blueprint.bad_count': { blueprint: scaled('max_instances: many') },
  'blueprint.count_is_dict': { blueprint: scaled('default_instances: { count: 2 }') },
  'blueprint.unknown_member': { blueprint: `${things('  vm: { type: thing }\n')}groups:\n  all: { members: [vn] }\n` },
  'blueprint.unknown_policy_type': {
    blueprint: `${things('  vm: { type: thing }\n')}groups:\n  all: { members: [vm], policies: { watch: { type: threshold } } }\n`,
  },
  'blueprint.unknown_trigger': {
    blueprint: `policy_types: { threshold: { source: t.clj } }\n${things('  vm: { type: thing }\n')}groups:\n  all:\n    members: [vm]\n    policies: { watch: { type: threshold, triggers: { heal: { type: heal } } } }\n`,
  },
  'blueprint.group_cycle': {
    blueprint: `${things('  vm: { type: thing }\n')}groups:\n  one: { members: [two] }\n  two: { members: [one] }\n${policy('p', `${scaling}, targets: [one, two]`)}`,
  },
  'blueprint.several_groups': {
    blueprint: `${things('  vm: { type: thing }\n')}groups:\n  one: { members: [vm] }\n  two: { members: [vm] }\n${policy('p', `${scaling}, targets: [one, two]`)}`,
  },
  'blueprint.group_not_together': {
    blueprint: `${nodes(root('one'), root('two'), root('app', `, relationships: [${to('contained_in', 'one')}]`), root('log', `, relationships: [${to('contained_in', 'two')}]`))}groups:\n  pair: { members: [app, log] }\n${policy('p', `${scaling}, targets: [pair]`)}`,
  },
  'blueprint.policy_unsupported': {
    blueprint: `${things('  vm: { type: thing }\n')}groups:\n  all: { members: [vm] }\n${policy('p', 'type: shrink, targets: [all]')}`,
  },
  'blueprint.policy_target': {
    blueprint: `${things('  vm: { type: thing }\n')}groups:\n  all: { members: [vm] }\n${policy('p', `${scaling}, targets: [al]`)}`,
  },
  'blueprint.policy_without_targets': { blueprint: policy('p', `${scaling}, targets: []`) },
  'blueprint.group_is_node': { blueprint: `${things('  vm: { type: thing }\n')}groups:\n  vm: { members: [vm] }\n` },
  'blueprint.unsupported_relationship': {
    blueprint: `relationships: { link: {} }\n${things('  vm: { type: thing }\n  app: { type: thing, relationships: [{ type: link, target: vm }] }\n')}`,
    inputs: {},
  },
  'blueprint.bad_connection_type': {
    blueprint: nodes(
      root('vm'),
      root('app', `, relationships: [${to('connected_to', 'vm', ', properties: { connection_type: one_to_one }')}]`),
    ),
    inputs: {},
  },
  'blueprint.all_to_one_in_group': {
    blueprint: `${nodes(root('vm'), root('app', `, relationships: [${to('connected_to', 'vm', ', properties: { connection_type: all_to_one }')}]`))}groups:\n  pair: { members: [vm, app] }\n${policy('p', `${scaling}, targets: [pair]`)}`,
    inputs: {},
  },
  'blueprint.nothing_to_scale': { blueprint: things('  vm: { type: thing }\n'), inputs: {}, scale: { vn: 2 } },
  'blueprint.scale_out_of_range': { blueprint: scaled('max_instances: 3'), inputs: {}, scale: { vm: 7 } },
  'blueprint.too_many_instances': { blueprint: scaled('default_instances: 1000000000'), inputs: {} },
} as const satisfies Readonly<Record<string, ProblemExample>>
