// Examples of problems with types, properties and inputs.
import { type ProblemExample, things } from './example.ts'

export const typesAndValues = {
  'blueprint.unknown_node_type': { blueprint: things('  vm: { type: thin }\n') },
  'blueprint.unknown_parent': { blueprint: 'node_types:\n  server: { derived_from: machine }\n' },
  'blueprint.type_cycle': { blueprint: 'node_types:\n  hen: { derived_from: egg }\n  egg: { derived_from: hen }\n' },
  'blueprint.unknown_type': { blueprint: 'node_types:\n  server:\n    properties: { size: { type: interger } }\n' },
  'blueprint.primitive_redefined': { blueprint: 'data_types:\n  string: { properties: {} }\n' },
  'blueprint.wrong_type': {
    blueprint: things(
      '  vm: { type: thing, properties: { size: large } }\n',
      '{ properties: { size: { type: integer } } }',
    ),
  },
  'blueprint.unknown_property': {
    blueprint: things('  vm: { type: thing, properties: { sise: 1 } }\n', '{ properties: { size: { default: 1 } } }'),
  },
  'blueprint.missing_property': {
    blueprint: things('  vm: { type: thing }\n', '{ properties: { size: { type: integer } } }'),
  },
  'blueprint.external_by_function': {
    blueprint: `inputs: { there: {} }\n${things(
      '  vm: { type: thing, properties: { use_external_resource: { get_input: there } } }\n',
      '{ properties: { use_external_resource: { default: false } } }',
    )}`,
  },
  'blueprint.item_type_unknown': {
    blueprint: 'inputs:\n  names: { type: list, item_type: name }\n',
    version: 'cloudify_dsl_1_4',
  },
  'blueprint.item_type_without_list': {
    blueprint: 'inputs:\n  names: { type: string, item_type: string }\n',
    version: 'cloudify_dsl_1_4',
  },
  'blueprint.hidden_without_default': { blueprint: 'inputs:\n  key: { hidden: true }\n' },
  'blueprint.display_misplaced': { blueprint: 'inputs:\n  text: { type: string, display: { rows: 5 } }\n' },
  'blueprint.unknown_constraint': { blueprint: 'inputs:\n  size: { constraints: [{ min_lenght: 1 }] }\n' },
  'blueprint.constraint_form': {
    blueprint: 'inputs:\n  size: { constraints: [{ min_length: 1, max_length: 5 }] }\n',
  },
  'blueprint.constraint_argument': { blueprint: 'inputs:\n  size: { constraints: [{ in_range: 5 }] }\n' },
  'blueprint.constraint_on_function': {
    blueprint: 'inputs:\n  zone: {}\n  size: { default: { get_input: zone }, constraints: [{ min_length: 1 }] }\n',
  },
  'blueprint.constraint_violated': {
    blueprint: 'inputs:\n  size: { type: integer, constraints: [{ in_range: [1, 5] }] }\n',
    inputs: { size: 9 },
  },
  'blueprint.unknown_input': { blueprint: 'inputs:\n  size: { default: 1 }\n', inputs: { sise: 2 } },
  'blueprint.missing_input': { blueprint: 'inputs:\n  size: { type: integer }\n', inputs: {} },
  'blueprint.input_type': { blueprint: 'inputs:\n  size: { type: integer }\n', inputs: { size: 'big' } },
} as const satisfies Readonly<Record<string, ProblemExample>>
