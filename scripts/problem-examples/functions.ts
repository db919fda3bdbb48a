// Examples of problems with functions and secrets.
import { type ProblemExample, things } from './example.ts'

const output = (value: string): string => `outputs:\n  o: { value: ${value} }\n`

export const functions = {
  'blueprint.function_arguments': { blueprint: output('{ concat: text }') },
  'blueprint.function_scope': { blueprint: output('{ get_property: [SELF, size] }') },
  'blueprint.function_version': {
    blueprint: output('{ concat: [a, b] }'),
    version: 'cloudify_dsl_1_0',
  },
  'blueprint.function_unknown_input': { blueprint: `inputs: { size: {} }\n${output('{ get_input: sise }')}` },
  'blueprint.function_unknown_node': {
    blueprint: `${things('  vm: { type: thing }\n')}${output('{ get_attribute: [vn, ip] }')}`,
  },
  'blueprint.function_failed': {
    blueprint: `${things('  vm: { type: thing, properties: { size: 1 } }\n', '{ properties: { size: {} } }')}${output('{ get_property: [vm, sise] }')}`,
  },
  'blueprint.function_cycle': {
    blueprint: things(
      '  left: { type: thing, properties: { size: { get_property: [right, size] } } }\n  right: { type: thing, properties: { size: { get_property: [left, size] } } }\n',
      '{ properties: { size: {} } }',
    ),
    inputs: {},
  },
  'blueprint.secrets_missing': { blueprint: output('{ get_secret: password }'), inputs: {}, secrets: ['token'] },
  'blueprint.secrets_unsupported': { blueprint: output('{ get_secret: password }'), inputs: {} },
} as const satisfies Readonly<Record<string, ProblemExample>>
