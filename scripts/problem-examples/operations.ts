// Examples of problems with operations, plugins and workflows.
import { type ProblemExample, things, types } from './example.ts'

const vm = (operation: string): string =>
  things(`  vm:\n    type: thing\n    interfaces: { make: { build: ${operation} } }\n`)
const plugin = (name: string): string => `  ${name}: { executor: central_deployment_agent, install: false }\n`

export const operations = {
  'blueprint.unmapped_operation': { blueprint: vm('clokc.build').replace(/^/, `plugins:\n${plugin('clock')}`) },
  'blueprint.unmapped_relationship_operation': {
    blueprint: `relationships: { link: {} }\n${things(
      '  vm: { type: thing }\n  app:\n    type: thing\n    relationships:\n      - { type: link, target: vm, source_interfaces: { make: { join: clock.join } } }\n',
    )}`,
  },
  'blueprint.unmapped_workflow': { blueprint: 'workflows:\n  tidy: clock.tidy\n' },
  'blueprint.ambiguous_plugin': {
    blueprint: `plugins:\n${plugin('clock')}${plugin('clock.wall')}${vm('clock.wall.build')}`,
  },
  'blueprint.script_input': {
    blueprint: `${types}${vm('{ implementation: build.sh, inputs: { script_path: other.sh } }')}`,
    files: { 'build.sh': '' },
  },
  'blueprint.no_script_plugin': { blueprint: vm('build.sh'), files: { 'build.sh': '' } },
  'blueprint.plugin_executor': { blueprint: 'plugins:\n  clock: { executor: here, install: false }\n' },
  'blueprint.operation_executor': {
    blueprint: `plugins:\n${plugin('clock')}${vm('{ implementation: clock.build, executor: here }')}`,
  },
  'blueprint.plugin_not_installable': { blueprint: 'plugins:\n  clock: { executor: central_deployment_agent }\n' },
  'blueprint.bad_retries': {
    blueprint: `plugins:\n${plugin('clock')}${vm('{ implementation: clock.build, max_retries: -5 }')}`,
  },
  'blueprint.host_needed': {
    blueprint: `plugins:\n  clock: { executor: host_agent, install: false }\n${vm('clock.build')}`,
  },
} as const satisfies Readonly<Record<string, ProblemExample>>
