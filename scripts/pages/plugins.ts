// The page of the plugins that come with fermata, from their modules and their plugin.yaml.
import { readFile } from 'node:fs/promises'
import { load, YAML11_SCHEMA } from 'js-yaml'
import { bundledPlugins } from '../../src/engine/plugin-registry.ts'
import { deadmanKind, type PluginOperation } from '../../src/plugins/contract/operation.ts'
import { table } from './table.ts'

type Bundled = (typeof bundledPlugins)[number]

interface NodeType {
  readonly derived_from?: string
  readonly properties?: Readonly<Record<string, NodeProperty | null>>
  readonly interfaces?: Readonly<Record<string, Readonly<Record<string, { readonly implementation?: string }>>>>
}

interface NodeProperty {
  readonly type?: string
  readonly description?: string
  readonly required?: boolean
  readonly default?: unknown
}

const head = `# Plugins

The plugins that come with fermata. \`fermata plugins list\` and \`fermata plugins get NAME\` tell the same.
Plugins of your own: [writing a plugin](../guides/custom-plugin.md).

Kinds of operations: \`run\` runs in one piece. \`freeze\` stops a node, and has a deadman that thaws it when the lease
ends. \`thaw\` lets it go on. \`cut\` captures state in an instant and settles afterwards, when the node runs again. A \`run\`
with a deadman has it when it is used as fs_prepare.

This page is generated; \`npm run gen\` writes it.`

export async function pluginsPage(): Promise<string> {
  return `${[head, ...(await Promise.all(bundledPlugins.map(pluginText)))].join('\n\n')}\n`
}

async function pluginText(bundled: Bundled): Promise<string> {
  const { operations, workflows } = (await bundled.load()).default
  const own = Object.keys(workflows ?? {})
  return [
    `## ${bundled.name}`,
    `${bundled.description}. More in its [README](../../src/plugins/${folderOf(bundled.name)}/README.md).`,
    ...(bundled.packages[0] === undefined ? [] : [`Import: \`plugin:${bundled.packages[0]}\``]),
    table(
      ['operation', 'kind', 'deadman'],
      Object.entries(operations).map(([name, operation]) => operationRow(bundled.name, name, operation)),
    ),
    ...(own.length === 0 ? [] : [`Workflows: ${own.map(code).join(', ')}`]),
    ...(bundled.types === null ? [] : await nodeTypeTexts(bundled.types)),
  ].join('\n\n')
}

function operationRow(plugin: string, name: string, operation: PluginOperation): string[] {
  return [code(`${plugin}.${name}`), operation.kind, deadmanKind(operation) ?? '']
}

async function nodeTypeTexts(file: URL): Promise<string[]> {
  const document = load(await readFile(file, 'utf8'), { schema: YAML11_SCHEMA }) as {
    readonly node_types?: Readonly<Record<string, NodeType>>
  }
  return Object.entries(document.node_types ?? {}).flatMap(([name, type]) => nodeTypeText(name, type))
}

function nodeTypeText(name: string, type: NodeType): string[] {
  const properties = Object.entries(type.properties ?? {}).map(([property, schema]) =>
    propertyRow(property, schema ?? {}),
  )
  const operations = Object.entries(type.interfaces ?? {}).flatMap(([interfaceName, entries]) =>
    Object.entries(entries).map(([operation, { implementation }]) => [
      code(`${interfaceName}.${operation}`),
      code(implementation ?? ''),
    ]),
  )
  return [
    `### \`${name}\``,
    `Derived from \`${type.derived_from ?? 'nothing'}\`.`,
    ...(properties.length === 0 ? [] : [table(['property', 'type', 'default', 'meaning'], properties)]),
    ...(operations.length === 0 ? [] : [table(['interface', 'implementation'], operations)]),
  ]
}

function propertyRow(name: string, schema: NodeProperty): string[] {
  const initial =
    schema.default === undefined ? (schema.required ? 'required' : '') : code(JSON.stringify(schema.default))
  return [code(name), schema.type ?? 'any', initial, (schema.description ?? '').trim()]
}

const code = (text: string): string => `\`${text}\``

/** Blueprints of the original name the one of Google Cloud with an ending that its folder does without. */
const folderOf = (plugin: string): string => plugin.replace(/_plugin$/, '')
