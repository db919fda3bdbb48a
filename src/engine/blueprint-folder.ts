// The files of an uploaded blueprint on disk.
import { createHash } from 'node:crypto'
import { open, mkdir, rename, rm } from 'node:fs/promises'
import { realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { fault } from '../kernel/fault.ts'
import { openFault } from '../store/sqlite/faults.ts'
import type { BlueprintFiles } from './blueprint-files.ts'

export interface Placing {
  /** Tells this upload from all others. */
  readonly unique: string
  /** Called when everything is written to `building`, before it is moved to its place. When it throws, nothing is. */
  claim(building: string): Promise<void>
}

/** Writes all files beside their place and moves the whole there at once: nobody ever sees half a blueprint. */
export async function writeBlueprintFolder(
  folder: string,
  files: BlueprintFiles['files'],
  { unique, claim }: Placing,
): Promise<void> {
  const building = join(dirname(folder), `.new-${createHash('sha256').update(unique).digest('hex').slice(0, 16)}`)
  try {
    await rm(building, { recursive: true, force: true })
    for (const [path, file] of files) await writeOne(join(building, path), file.content, file.executable)
    await mkdir(building, { recursive: true, mode: 0o700 })
    await claim(building)
    // A folder without a row in the store is what an interrupted upload left.
    await rm(folder, { recursive: true, force: true })
    await rename(building, folder)
  } catch (thrown) {
    await rm(building, { recursive: true, force: true }).catch(() => {})
    throw openFault(folder, thrown)
  }
}

async function writeOne(path: string, content: Buffer, isExecutable: boolean): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const file = await open(path, 'w', isExecutable ? 0o700 : 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** @throws Fault `script.not_found` also for paths that lead out of the blueprint. */
export async function blueprintFile(folder: string, blueprintId: string, path: string): Promise<string> {
  const found = resolve(folder, path)
  if (isInside(folder, found) && statSync(found).isFile()) return found
  throw fault('script.not_found', { details: { path, blueprint: blueprintId } })
}

/** True for what exists below the folder, also when links are followed. */
export function isInside(folder: string, path: string): boolean {
  try {
    const way = relative(realpathSync(folder), realpathSync(path))
    return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
  } catch {
    return false
  }
}
