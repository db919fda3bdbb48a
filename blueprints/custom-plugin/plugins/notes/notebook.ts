// The thing this plugin looks after: a text file, its title first, then one line for each note.
import { createHash } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { OperationContext } from 'fermata'

/** `stateDirectory` belongs to this plugin and this deployment; each instance takes a folder of its own in it. */
export const folderOf = (ctx: OperationContext): string => join(ctx.stateDirectory, ctx.instance.id)
export const notebookOf = (ctx: OperationContext): string => join(folderOf(ctx), 'notes.txt')

/** A short name that is the same on every attempt of one piece of work, and no other's. */
export const markOf = (ctx: OperationContext): string =>
  createHash('sha256').update(ctx.operation.key).digest('hex').slice(0, 12)

/** undefined when there is no such file. */
export async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((problem: NodeJS.ErrnoException) => {
    if (problem.code === 'ENOENT') return undefined
    throw problem
  })
}

/** Whoever looks sees the old text or the new one, never half of it, also after a power loss. */
export async function replaceText(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
}

export const remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true })
