// The page of types that come along for the originals' plugins, from the files themselves.
import { bundledPlugin, bundledPluginNames } from '../../src/blueprint/imports/bundled.ts'
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { isJsonObject } from '../../src/kernel/json.ts'
import { table } from './table.ts'

interface BundledFile {
  /** What blueprints import, the originals' name first. */
  readonly names: readonly string[]
  readonly value: JsonObject
}

/** Text of docs/reference/bundled-types.md. */
export function bundledTypesPage(): string {
  return `${[head, ...bundledFiles().map(fileSection)].join('\n\n')}\n`
}

function bundledFiles(): BundledFile[] {
  const files = new Map<string, { names: string[]; value: JsonObject }>()
  for (const name of bundledPluginNames()) {
    const file = bundledPlugin(name)
    if (file === undefined) continue
    const known = files.get(file.key)
    if (known === undefined) files.set(file.key, { names: [name], value: file.open().value })
    else known.names.push(name)
  }
  return [...files.values()]
}

const head = `# Bundled types

Blueprints that were written for the plugins of Cloudify import them by name or address. fermata answers these imports
with files of its own, so that such a blueprint can be read, checked and planned as it stands. Whether an operation can
be run as well depends on the plugins that are there: \`fermata plugins list\` names them, and
\`fermata blueprints validate\` warns of each operation that nobody provides.

An import may ask for any version (\`plugin:cloudify-gcp-plugin?version=>=1.0\`). These addresses mean the same as the
name: \`http(s)://www.getcloudify.org/spec/NAME-plugin/VERSION/plugin.yaml\`, the same below \`cloudify.co\`, and
plugin.yaml, compat.yaml and types.yaml of the plugin's repository on GitHub. None of them is ever fetched.

Nothing is required of a node beyond what the built-in types require. Tables show what a type adds to the one it comes
from.

This page is generated; \`npm run gen\` writes it.`

function fileSection({ names, value }: BundledFile): string {
  const plugins = Object.keys(objectOf(value['plugins']))
  return [
    `## ${names[0]}`,
    `Import: ${list(names.map((name) => `plugin:${name}`))}. Its operations belong to ${list(plugins)}.`,
    ...section('Node types', value['node_types'], nodeType),
    ...section('Data types', value['data_types'], dataType),
    ...relationships(value['relationships']),
    ...workflows(value['workflows']),
  ].join('\n\n')
}

/** Types that only give another one a second name go into one table. */
function section(title: string, value: Json | undefined, describe: (type: JsonObject) => string[]): string[] {
  const types = Object.entries(objectOf(value)).map(([name, type]) => [name, objectOf(type)] as const)
  if (types.length === 0) return []
  const isAlias = (type: JsonObject): boolean => Object.keys(type).join() === 'derived_from'
  const own = types.filter(([, type]) => !isAlias(type)).flatMap(([name, type]) => [`#### ${name}`, ...describe(type)])
  const aliases = types
    .filter(([, type]) => isAlias(type))
    .map(([name, type]) => [code(name), code(type['derived_from'])])
  const others = aliases.length === 0 ? [] : ['#### Other names', table(['name', 'the same as'], aliases)]
  return [`### ${title}`, ...own, ...others]
}

function nodeType(type: JsonObject): string[] {
  return [`From ${code(type['derived_from'])}.`, ...properties(type), ...interfaces(type['interfaces'])]
}

function dataType(type: JsonObject): string[] {
  return properties(type)
}

function properties(type: JsonObject): string[] {
  const rows = Object.entries(objectOf(type['properties'])).map(([name, property]) => {
    const schema = objectOf(property)
    const hasDefault = Object.hasOwn(schema, 'default')
    return [
      code(name),
      schema['type'] === undefined ? '' : code(schema['type']),
      hasDefault ? inJson(schema['default']) : '',
    ]
  })
  return rows.length === 0 ? [] : [table(['property', 'type', 'default'], rows)]
}

function interfaces(value: Json | undefined): string[] {
  const lines = Object.entries(objectOf(value)).map(
    ([name, operations]) => `- ${code(name)}: ${list(Object.keys(objectOf(operations)))}`,
  )
  return lines.length === 0 ? [] : [lines.join('\n')]
}

function relationships(value: Json | undefined): string[] {
  const rows = Object.entries(objectOf(value)).map(([name, type]) => [
    code(name),
    code(objectOf(type)['derived_from']),
    list(['source_interfaces', 'target_interfaces'].flatMap((side) => operationsOf(objectOf(type)[side], side))),
  ])
  return rows.length === 0 ? [] : ['### Relationships', table(['relationship', 'from', 'operations'], rows)]
}

function operationsOf(value: Json | undefined, side: string): string[] {
  const end = side.slice(0, side.indexOf('_'))
  return Object.values(objectOf(value)).flatMap((operations) =>
    Object.keys(objectOf(operations)).map((operation) => `${end} ${operation}`),
  )
}

function workflows(value: Json | undefined): string[] {
  const rows = Object.entries(objectOf(value)).map(([name, workflow]) => [
    code(name),
    list(Object.keys(objectOf(objectOf(workflow)['parameters']))),
  ])
  return rows.length === 0 ? [] : ['### Workflows', table(['workflow', 'parameters'], rows)]
}

function list(names: readonly string[]): string {
  return names.map(code).join(', ')
}

function code(value: Json | undefined): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}

function inJson(value: Json | undefined): string {
  return `\`${JSON.stringify(value)}\``
}

function objectOf(value: Json | undefined): JsonObject {
  return value !== undefined && isJsonObject(value) ? value : {}
}
