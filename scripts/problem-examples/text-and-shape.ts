// Examples of problems with the text itself and with the shape of what it says.
import type { ProblemExample } from './example.ts'

export const textAndShape = {
  'blueprint.yaml': { blueprint: 'node_templates:\n  vm: { type: server\n' },
  'blueprint.too_deep': {
    blueprint: `inputs: ${'['.repeat(200)}${']'.repeat(200)}\n`,
    words: 'An input of 200 lists inside each other.',
  },
  'blueprint.too_large': {
    blueprint: `dsl_definitions:\n  a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]\n${Array.from({ length: 9 }, (_unused, index) => `  a${index + 1}: &a${index + 1} [${Array(9).fill(`*a${index}`).join(', ')}]\n`).join('')}`,
    words: 'Ten anchors, each of which repeats the one before nine times.',
  },
  'blueprint.cyclic_alias': { blueprint: 'dsl_definitions:\n  self: &self [*self]\n' },
  'blueprint.unsafe_key': { blueprint: 'metadata:\n  __proto__: { admin: true }\n' },
  'blueprint.key_not_text': { blueprint: 'outputs:\n  8080: { value: 1 }\n' },
  'blueprint.no_main': { blueprint: '', version: null, words: 'A main file `blueprint.yaml` that is not there.' },
  'blueprint.wrong_shape': { blueprint: 'node_templates:\n  - vm\n' },
  'blueprint.unknown_key': { blueprint: 'node_types:\n  server:\n    propertys: {}\n' },
  'blueprint.missing_key': { blueprint: 'node_types: { server: {} }\nnode_templates:\n  vm: {}\n' },
  'blueprint.empty_list': { blueprint: 'groups:\n  all: { members: [] }\n' },
  'blueprint.bad_value': {
    blueprint:
      'plugins: { p: { executor: central_deployment_agent, install: false } }\nworkflows:\n  w:\n    mapping: p.w\n    availability_rules: { node_instances_active: [most] }\n',
    version: 'cloudify_dsl_1_4',
  },
  'blueprint.bad_label': { blueprint: 'labels:\n  team: { values: [7] }\n' },
  'blueprint.bad_schedule': {
    blueprint: 'deployment_settings:\n  default_schedules:\n    nightly: { workflow: backup, since: tomorrow }\n',
  },
  'blueprint.version_missing': { blueprint: 'node_types: {}\n', version: null },
  'blueprint.version_unsupported': { blueprint: 'node_types: {}\n', version: 'cloudify_dsl_2_0' },
  'blueprint.version_too_low': { blueprint: 'dsl_definitions: {}\n', version: 'cloudify_dsl_1_1' },
} as const satisfies Readonly<Record<string, ProblemExample>>
