// The uploaded blueprints that a blueprint imports by `blueprint:ID`, and those they import in their turn.
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { Engine } from './engine.ts'

type Reader = Pick<Engine, 'store' | 'home'>

export interface ImportedBlueprints {
  /** Files of all of them, each below `blueprint:ID/`; of what is no YAML only the name. */
  readonly files: Readonly<Record<string, string>>
  readonly blueprints: Readonly<Record<string, { readonly yaml: string; readonly location: string }>>
}

/** Ids that nobody has are left to the parser, who knows the place to point at. */
export async function importedBlueprints(reader: Reader, texts: readonly string[]): Promise<ImportedBlueprints> {
  const files: Record<string, string> = {}
  const blueprints: Record<string, { yaml: string; location: string }> = {}
  const wanted = texts.flatMap(importedIds)
  for (let id = wanted.pop(); id !== undefined; id = wanted.pop()) {
    if (Object.hasOwn(blueprints, id)) continue
    const [row] = await reader.store.read<{ main_file: string }>('select main_file from blueprints where id = ?', [id])
    if (!row) continue
    const own = await storedFiles(reader, id, row.main_file)
    for (const [path, text] of Object.entries(own)) {
      files[`blueprint:${id}/${path}`] = text
      wanted.push(...importedIds(text))
    }
    blueprints[id] = { yaml: own[row.main_file] ?? '', location: `blueprint:${id}/${row.main_file}` }
  }
  return { files, blueprints }
}

/** Of an uploaded blueprint: path -> text, '' for what is no YAML. */
export async function storedFiles(
  { home }: Pick<Engine, 'home'>,
  id: string,
  mainFile: string,
): Promise<Record<string, string>> {
  const folder = home.blueprint(id)
  const texts: Record<string, string> = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path).split(sep).join('/')
    texts[name] = /\.ya?ml$/i.test(name) || name === mainFile ? await readFile(path, 'utf8') : ''
  }
  return texts
}

/** Which blueprints import this one. */
export async function importersOf({ store }: Pick<Engine, 'store'>, id: string): Promise<readonly string[]> {
  const rows = await store.read<{ id: string }>(
    "select blueprints.id from blueprints, json_each(blueprints.plan, '$.importedBlueprints') as imported where imported.value = ?",
    [id],
  )
  return rows.map((row) => row.id)
}

function importedIds(text: string): string[] {
  return [...text.matchAll(/blueprint:([A-Za-z][A-Za-z0-9._~-]*)/g)].map((match) => match[1] ?? '')
}
