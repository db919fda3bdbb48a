// Examples of problems with imports and with joining files.
import type { ProblemExample } from './example.ts'

const propertyPlugin = `
plugins:
  cloud:
    executor: central_deployment_agent
    install: false
    properties: { region: { type: string } }
`

export const imports = {
  'blueprint.import_not_found': { blueprint: 'imports:\n  - typse.yaml\n', files: { 'types.yaml': '' } },
  'blueprint.import_repeated': { blueprint: 'imports:\n  - more.yaml\n  - more.yaml\n', files: { 'more.yaml': '' } },
  'blueprint.import_malformed': {
    blueprint: 'imports:\n  - { one.yaml: {}, two.yaml: {} }\n',
    files: { 'one.yaml': '', 'two.yaml': '' },
    version: 'cloudify_dsl_1_5',
  },
  'blueprint.import_property': {
    blueprint: "imports:\n  - 'plugin:cloud': { zone: north }\n",
    plugins: { cloud: propertyPlugin },
    version: 'cloudify_dsl_1_5',
  },
  'blueprint.import_version': {
    blueprint: 'imports: [newer.yaml]\n',
    files: { 'newer.yaml': 'tosca_definitions_version: cloudify_dsl_1_5\n' },
  },
  'blueprint.namespace_delimiter': { blueprint: 'imports:\n  - a--b--more.yaml\n', files: { 'more.yaml': '' } },
  'blueprint.namespace_missing': {
    blueprint: "imports:\n  - 'blueprint:network'\n",
    blueprints: { network: 'tosca_definitions_version: cloudify_dsl_1_3\n' },
  },
  'blueprint.namespace_used': {
    blueprint: "imports:\n  - 'net--blueprint:network'\n  - 'net--blueprint:storage'\n",
    blueprints: {
      network: 'tosca_definitions_version: cloudify_dsl_1_3\n',
      storage: 'tosca_definitions_version: cloudify_dsl_1_3\n',
    },
  },
  'blueprint.namespace_builtin': { blueprint: 'imports:\n  - types--cloudify/types/types.yaml\n' },
  'blueprint.section_repeated': {
    blueprint: 'imports: [more.yaml]\ninputs: { size: {} }\n',
    files: { 'more.yaml': 'inputs: { zone: {} }\n' },
    version: 'cloudify_dsl_1_2',
  },
  'blueprint.merge_conflict': {
    blueprint: 'imports: [more.yaml]\nnode_types: { server: {} }\n',
    files: { 'more.yaml': 'node_types: { server: {} }\n' },
  },
} as const satisfies Readonly<Record<string, ProblemExample>>
