// Files that are there completely or not at all, also after a power loss.
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Json } from '../../../kernel/json.ts'

/** Writes beside, syncs, renames over, syncs the folder. Missing folders are made. */
export async function writeJson(path: string, value: Json): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const fresh = `${path}.new`
  {
    await using file = await open(fresh, 'w', 0o600)
    await file.writeFile(JSON.stringify(value))
    await file.sync()
  }
  await rename(fresh, path)
  await syncFolder(dirname(path))
}

/** undefined when there is no such file. @throws SyntaxError when it is not JSON */
export async function readJson(path: string): Promise<Json | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
  return text === undefined ? undefined : (JSON.parse(text) as Json)
}

export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r')
  await folder.sync()
}
