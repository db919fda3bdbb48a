// A blueprint's files as the parser wants them: text where there is text, and only the name of everything else.
import type { BlueprintTexts } from '../blueprint/parse-blueprint.ts'
import type { Problem } from '../blueprint/problem.ts'
import type { BlueprintFiles } from './blueprint-files.ts'
import type { PluginRow } from '../store/tables.ts'
import type { Engine } from './engine.ts'
import { importedBlueprints, storedFiles } from './imported-blueprints.ts'
import { importedPlugins, type ImportedPlugins } from './plugin-imports.ts'
import { bundledPluginTypes } from './plugin-registry.ts'

/** Files longer than this are no DSL; only their names matter to the parser. */
const longestText = 50 * 1024 * 1024

export type NamedTexts = BlueprintTexts & {
  readonly files: Readonly<Record<string, string>>
  readonly urls: Readonly<Record<string, string | null>>
  readonly uploaded: ImportedPlugins
}

export async function blueprintTexts(
  engine: Pick<Engine, 'store' | 'home'>,
  mainFile: string,
  files: BlueprintFiles['files'],
): Promise<NamedTexts> {
  const texts: Record<string, string> = {}
  for (const [path, { content }] of files) texts[path] = isText(content) ? content.toString('utf8') : ''
  return withImports(engine, mainFile, texts)
}

/** The same for a blueprint that was uploaded: only its YAML files are read. */
export async function storedTexts(
  { store, home }: Pick<Engine, 'store' | 'home'>,
  blueprint: { readonly id: string; readonly main_file: string },
): Promise<NamedTexts> {
  const { main_file: mainFile } = blueprint
  const texts = await storedFiles({ home }, blueprint.id, mainFile)
  return withImports({ store, home }, mainFile, texts)
}

/** Only the texts of the files that problems name. */
export function namedTexts(
  problems: readonly Problem[],
  { files, urls }: Pick<NamedTexts, 'files' | 'urls'>,
): Readonly<Record<string, string>> {
  const named = [...new Set(problems.map((problem) => problem.file))]
  const texts = named.flatMap((path): [string, string][] => {
    const text = Object.hasOwn(files, path) ? files[path] : Object.hasOwn(urls, path) ? urls[path] : undefined
    return typeof text === 'string' ? [[path, text]] : []
  })
  return Object.fromEntries(texts)
}

async function withImports(
  { store, home }: Pick<Engine, 'store' | 'home'>,
  mainFile: string,
  own: Readonly<Record<string, string>>,
): Promise<NamedTexts> {
  const isYaml = ([path]: readonly [string, string]): boolean => /\.ya?ml$/i.test(path) || path === mainFile
  const yamlIn = (files: Readonly<Record<string, string>>): string[] =>
    Object.entries(files)
      .filter(isYaml)
      .map(([, text]) => text)
  const imported = await importedBlueprints({ store, home }, yamlIn(own))
  const sql = 'select package, version, yaml, files from plugins'
  const rows = await store.read<Pick<PluginRow, 'package' | 'version' | 'yaml' | 'files'>>(sql)
  const uploaded = importedPlugins(
    [...yamlIn(own), ...yamlIn(imported.files)],
    rows.map((row) => ({ ...row, files: JSON.parse(row.files) as string[] })),
  )
  return {
    main: mainFile,
    files: { ...Object.fromEntries(uploaded.files.map((path) => [path, ''])), ...imported.files, ...own },
    urls: uploaded.urls,
    blueprints: imported.blueprints,
    plugins: { ...uploaded.newest, ...(await bundledPluginTypes()) },
    uploaded,
  }
}

function isText(content: Buffer): boolean {
  return content.length <= longestText && !content.subarray(0, 8000).includes(0)
}
