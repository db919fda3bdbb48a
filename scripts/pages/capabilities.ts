// The page of what each node type can do in the workflows, read off the operations themselves: nothing here is claimed
// that a plugin does not provide.
import { readFile } from 'node:fs/promises'
import { load, YAML11_SCHEMA } from 'js-yaml'
import { bundledPlugins } from '../../src/engine/plugin-registry.ts'
import { deadmanKind, type PluginOperation } from '../../src/plugins/contract/operation.ts'
import { table } from './table.ts'

export type Bundled = (typeof bundledPlugins)[number]
type Operations = Readonly<Record<string, PluginOperation>>
/** Interface and operation -> what it is mapped to. */
type Mappings = Readonly<Record<string, PluginOperation | undefined>>

interface TypesFile {
  readonly node_types?: Readonly<Record<string, { readonly interfaces?: Readonly<Record<string, Interface>> }>>
}
type Interface = Readonly<Record<string, string | { readonly implementation?: string }>>

const legend = [
  [
    'suspend',
    '`yes`: suspend and resume; `as found`: what suspend finds standing still, resume leaves so, and both ends are read back',
  ],
  ['freeze', 'where the deadman lives that thaws the node when nobody else does'],
  [
    'capture',
    '`in an instant`: the node goes on as soon as the state is captured, and what is left is done afterwards; `whole`: it waits for the end',
  ],
  ['restore, remove', 'of what was captured'],
  ['verify', 'recovery points are read back without being touched'],
  ['compare', 'what a restore would change is shown before'],
  ['measure', 'figures of the workflow `statistics`'],
]

const head = `# Capabilities

What nodes of the types that come along can do in the workflows. An empty cell: nothing does it, and a blueprint may map an
operation of its own there.

${table(['column', 'meaning'], legend)}

This page is generated; \`npm run gen\` writes it.`

export const columns: readonly (readonly [title: string, cell: (mapped: Mappings) => string])[] = [
  ['suspend', (mapped) => suspendCell(mapped['freeze.suspend'], mapped['freeze.resume'])],
  ['freeze', (mapped) => freezeCell(mapped['freeze.fs_prepare'])],
  ['capture', (mapped) => captureCell(mapped['snapshot.create'])],
  ['restore', (mapped) => yes(mapped['snapshot.apply'])],
  ['remove', (mapped) => yes(mapped['snapshot.delete'])],
  ['verify', (mapped) => yes(cutOf(mapped)?.verify)],
  ['compare', (mapped) => yes(cutOf(mapped)?.compare)],
  ['measure', (mapped) => yes(mapped['statistics.perfomance'])],
]

export async function capabilitiesPage(): Promise<string> {
  const sections = await Promise.all(bundledPlugins.map(section))
  return `${[head, ...sections.filter((text) => text !== '')].join('\n\n')}\n`
}

async function section(bundled: Bundled): Promise<string> {
  const rows = (await capabilitiesOf(bundled)).map(([name, cells]) => [`\`${name}\``, ...cells])
  return rows.length === 0 ? '' : `## ${bundled.name}\n\n${table(['type', ...columns.map(([title]) => title)], rows)}`
}

/** Of each type that can do anything, cell by cell. */
export async function capabilitiesOf(bundled: Bundled): Promise<readonly (readonly [string, readonly string[]])[]> {
  const { operations } = (await bundled.load()).default
  if (bundled.types === null) return []
  const file = load(await readFile(bundled.types, 'utf8'), { schema: YAML11_SCHEMA }) as TypesFile
  return Object.entries(file.node_types ?? {}).flatMap(([name, { interfaces }]) => {
    const cells = cellsOf(mappingsOf(interfaces ?? {}, bundled.name, operations))
    return cells.every((cell) => cell === '') ? [] : [[name, cells] as const]
  })
}

/** Of one operation that freezes and thaws whatever it is mapped to. */
export function capabilitiesOfFreezer(operation: PluginOperation): readonly string[] {
  return cellsOf({ 'freeze.suspend': operation, 'freeze.resume': operation, 'freeze.fs_prepare': operation })
}

const cellsOf = (mapped: Mappings): readonly string[] => columns.map(([, cell]) => cell(mapped))

function mappingsOf(interfaces: Readonly<Record<string, Interface>>, plugin: string, operations: Operations): Mappings {
  return Object.fromEntries(
    Object.entries(interfaces).flatMap(([interfaceName, entries]) =>
      Object.entries(entries).map(([operation, mapping]) => {
        const implementation = typeof mapping === 'string' ? mapping : (mapping.implementation ?? '')
        const name = `${interfaceName.replace('cloudify.interfaces.', '')}.${operation}`
        return [name, operations[implementation.slice(plugin.length + 1)]]
      }),
    ),
  )
}

function suspendCell(suspend: PluginOperation | undefined, resume: PluginOperation | undefined): string {
  if (suspend === undefined || resume === undefined) return ''
  return suspend.kind === 'run' && suspend.power !== undefined ? 'as found' : 'yes'
}

function freezeCell(operation: PluginOperation | undefined): string {
  return operation === undefined ? '' : (deadmanKind(operation) ?? 'none')
}

function captureCell(operation: PluginOperation | undefined): string {
  if (operation === undefined) return ''
  return operation.kind === 'cut' ? 'in an instant' : 'whole'
}

function cutOf(mapped: Mappings): Extract<PluginOperation, { kind: 'cut' }> | undefined {
  const operation = mapped['snapshot.create']
  return operation?.kind === 'cut' ? operation : undefined
}

const yes = (there: unknown): string => (there === undefined ? '' : 'yes')
