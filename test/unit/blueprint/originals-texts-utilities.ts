// Blueprints as users of the utilities plugin write them.
import type { UsersBlueprint } from './originals-texts.ts'

const suspendScripts: UsersBlueprint = {
  name: 'utilities: the older suspend and resume, by scripts',
  text: `
tosca_definitions_version: cloudify_dsl_1_3
imports:
  - http://www.getcloudify.org/spec/cloudify/4.1/types.yaml
  - https://raw.githubusercontent.com/cloudify-incubator/cloudify-utilities-plugin/1.4.1.1/plugin.yaml
  - https://raw.githubusercontent.com/cloudify-incubator/cloudify-utilities-plugin/1.4.1.1/cloudify_suspend/types.yaml
node_types:
  sleeper:
    derived_from: cloudify.nodes.ApplicationModule
    properties: {resource_id: {default: ''}}
    interfaces:
      cloudify.interfaces.lifecycle:
        suspend: {implementation: scripts/suspend.py, executor: central_deployment_agent}
        resume: {implementation: scripts/resume.py, executor: central_deployment_agent}
node_templates:
  server: {type: sleeper, properties: {resource_id: one}}
`,
  files: ['scripts/suspend.py', 'scripts/resume.py'],
  computes: [],
  mappings: { 'server lifecycle.suspend': 'script.script_runner.tasks.run' },
}

const devices: UsersBlueprint = {
  name: 'utilities and terminal: devices whose configuration is taken by commands and requests',
  text: `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-utilities-plugin', 'plugin:cloudify-terminal-plugin']
node_templates:
  switch:
    type: cloudify.terminal.raw
    properties: {terminal_auth: {user: admin, password: p, ip: 10.0.0.3, promt_check: ['#'], exit_command: quit}}
    interfaces:
      cloudify.interfaces.lifecycle:
        create: {inputs: {calls: [{action: show running-config, save_to: config}]}}
      cloudify.interfaces.snapshot:
        create: {implementation: terminal.cloudify_terminal.tasks.run, inputs: {calls: [{template: save.txt}]}}
  portal:
    type: cloudify.rest.Requests
    properties: {hosts: [10.0.0.4], port: 443, ssl: true, verify: false, params: {user: admin}}
    interfaces:
      cloudify.interfaces.lifecycle:
        start: {inputs: {template_file: get-token.yaml}}
  settings:
    type: configuration_loader
    properties: {parameters_json: '{}'}
  loaded:
    type: cloudify.nodes.ApplicationServer
    relationships: [{type: load_from_config, target: settings}]
`,
  files: ['save.txt', 'get-token.yaml'],
  computes: [],
  mappings: {
    'switch snapshot.create': 'terminal.cloudify_terminal.tasks.run',
    'portal lifecycle.start': 'rest.cloudify_rest.tasks.execute',
  },
}

export const customWorkflow: UsersBlueprint = {
  name: 'utilities: a workflow of its own over operations of its own',
  text: `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-utilities-plugin']
node_types:
  device:
    derived_from: cloudify.nodes.Root
    interfaces:
      custom:
        sync_config: {implementation: scripts/sync.sh, executor: central_deployment_agent}
        backup_config: {implementation: scripts/backup.sh, executor: central_deployment_agent}
node_templates:
  left: {type: device}
  right: {type: device, relationships: [{type: cloudify.relationships.depends_on, target: left}]}
workflows:
  BackupFlow:
    mapping: cloudify_custom_workflow.cloudify_custom_workflow.tasks.customwf
    parameters:
      nodes_to_runon: {default: [left, right]}
      operations_to_execute: {default: [custom.sync_config, custom.backup_config]}
`,
  files: ['scripts/sync.sh', 'scripts/backup.sh'],
  computes: [],
  mappings: {},
}

export const utilitiesBlueprints: readonly UsersBlueprint[] = [suspendScripts, devices, customWorkflow]
