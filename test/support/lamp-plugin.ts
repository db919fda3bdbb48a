// A small plugin as its author would bring it: an operation in TypeScript, a script and a workflow, each saying its version.

export interface LampFiles {
  readonly 'plugin.yaml': string
  readonly 'plugin.ts': string
  readonly 'scripts/start.sh': string
}

export function lampPlugin(version: string): LampFiles {
  return {
    'plugin.yaml': `
description: Lamps for tests
plugins:
  lamp:
    executor: central_deployment_agent
    package_name: lamp-plugin
    package_version: '${version}'
node_types:
  lamp.Lamp:
    derived_from: cloudify.nodes.Root
    interfaces:
      cloudify.interfaces.lifecycle:
        create: lamp.create
        start: scripts/start.sh
workflows:
  blink: lamp.blink
`,
    'plugin.ts': `
import { definePlugin, defineWorkflow, operation, Type } from 'fermata'

const blink = defineWorkflow({
  name: 'blink',
  parameters: Type.Object({}),
  async run(run) {
    run.log.info('blinked by ${version}')
  },
})
export default definePlugin({
  name: 'lamp',
  operations: { create: operation({ run: async (ctx) => ctx.log.info('made by ${version}') }) },
  workflows: { blink },
})
`,
    'scripts/start.sh': `#!/bin/sh\nctx logger info 'lit by ${version}'\n`,
  }
}

/** A blueprint of one lamp. */
export function lampBlueprint(imported = 'plugin:lamp-plugin'): string {
  return `
tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, '${imported}']
node_templates:
  lamp: { type: lamp.Lamp }
`
}

/** The same files below a folder. */
export function below(folder: string, files: object): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, String(text)]))
}
