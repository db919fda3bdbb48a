// A blueprint's files as the parser wants them: text where there is text, and only the name of everything else.
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { BlueprintTexts } from '../blueprint/parse-blueprint.ts'
import type { Problem } from '../blueprint/problem.ts'
import type { BlueprintFiles } from './blueprint-files.ts'
import { bundledPluginTypes } from './plugin-registry.ts'

/** Files longer than this are no DSL; only their names matter to the parser. */
const longestText = 50 * 1024 * 1024

export type NamedTexts = BlueprintTexts & { readonly files: Readonly<Record<string, string>> }

export async function blueprintTexts(mainFile: string, files: BlueprintFiles['files']): Promise<NamedTexts> {
  const texts: Record<string, string> = {}
  for (const [path, { content }] of files) texts[path] = isText(content) ? content.toString('utf8') : ''
  return { main: mainFile, files: texts, plugins: await bundledPluginTypes() }
}

/** The same for a blueprint that was uploaded: only its YAML files are read. */
export async function storedTexts(mainFile: string, folder: string): Promise<NamedTexts> {
  const texts: Record<string, string> = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path).split(sep).join('/')
    texts[name] = /\.ya?ml$/i.test(name) || name === mainFile ? await readFile(path, 'utf8') : ''
  }
  return { main: mainFile, files: texts, plugins: await bundledPluginTypes() }
}

/** Only the texts of the files that problems name. */
export function namedTexts(problems: readonly Problem[], texts: NamedTexts['files']): NamedTexts['files'] {
  const named = new Set(problems.map((problem) => problem.file))
  return Object.fromEntries(Object.entries(texts).filter(([path]) => named.has(path)))
}

function isText(content: Buffer): boolean {
  return content.length <= longestText && !content.subarray(0, 8000).includes(0)
}
