// The table of README that tells what each provider can do, read off the operations of its types, and which tests hold it to that.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundledPlugins } from '../../src/engine/plugin-registry.ts'
import { capabilitiesOf, capabilitiesOfFreezer, columns, type Bundled } from './capabilities.ts'
import { contractTests } from './contract-tests.ts'
import { table } from './table.ts'

const [begin, end] = ['<!-- capabilities: `npm run gen` writes this table -->', '<!-- end of capabilities -->']

/** The suite has cases for all of them. */
const titles = columns.map(([title]) => title).filter((title) => title !== 'compare')

export interface ProviderRow {
  readonly plugin: string
  /** Column -> what its types can do there, each once. */
  readonly cells: Readonly<Record<string, string>>
}

export async function providerRows(): Promise<readonly ProviderRow[]> {
  return Promise.all(Object.keys(contractTests).map((name) => rowOf(bundledNamed(name))))
}

async function rowOf(bundled: Bundled): Promise<ProviderRow> {
  const types = (await capabilitiesOf(bundled)).map(([, cells]) => cells)
  const rows = bundled.types === null ? await ofScripts(bundled) : types
  const cells = titles.map((title) => {
    const at = columns.findIndex(([one]) => one === title)
    const values = new Set(rows.map((row) => row[at] ?? '').filter((cell) => cell !== ''))
    return [title, [...values].join(', ')] as const
  })
  return { plugin: bundled.name, cells: Object.fromEntries(cells) }
}

// Scripts of a blueprint may do anything; that what they froze is thawed is the plugin's doing.
async function ofScripts(bundled: Bundled): Promise<readonly (readonly string[])[]> {
  const { operations } = (await bundled.load()).default
  return Object.values(operations).slice(0, 1).map(capabilitiesOfFreezer)
}

function bundledNamed(name: string): Bundled {
  const found = bundledPlugins.find((bundled) => bundled.name === name)
  if (found === undefined) throw new Error(`no plugin is called ${name}`)
  return found
}

export async function readmeWithCapabilities(): Promise<string> {
  const text = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8')
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error('README.md has no place for the table of capabilities')
  const rows = (await providerRows()).map(({ plugin, cells }) => {
    const tests = Map.groupBy(contractTests[plugin] ?? [], kindOf)
    const links = [...tests].map(([kind, paths]) => `[${kind}](${paths[0]})`)
    return [`\`${plugin}\``, ...titles.map((title) => cells[title] ?? ''), links.join(', ')]
  })
  const written = table(['plugin', ...titles, 'contract suite'], rows)
  return `${text.slice(0, from)}${begin}\n\n${written}\n\n${text.slice(to)}`
}

const kindOf = (path: string): string =>
  path.startsWith('test/lab/') ? 'lab' : path.includes('fake') ? 'fake' : 'here'
