// The provider: here a folder, in your plugin the calls of an API. The rest of the plugin goes through these functions
// only, so that this is the file to replace.
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fault } from 'fermata'

export interface Box {
  readonly data: string
  readonly power: 'running' | 'suspended'
  /** Frozen until this instant (milliseconds since 1970); 0: it runs. The box itself heeds it: nobody has to thaw it. */
  readonly frozenUntil: number
}

const boxFile = (path: string): string => join(path, 'box.json')
const snapshotFile = (path: string, id: string): string => join(path, 'snapshots', `${id}.json`)

/** undefined when there is no box. */
export async function readBox(path: string): Promise<Box | undefined> {
  const text = await textOf(boxFile(path))
  return text === undefined ? undefined : (JSON.parse(text) as Box)
}

export async function existingBox(path: string): Promise<Box> {
  const box = await readBox(path)
  if (box) return box
  throw fault('operation.failed', { message: `there is no box at '${path}'; run install first`, retry: 'never' })
}

export const writeBox = (path: string, box: Box): Promise<void> => replaceText(boxFile(path), JSON.stringify(box))

export const deleteBox = (path: string): Promise<void> => rm(path, { recursive: true, force: true })

export const writeSnapshot = (path: string, id: string, data: string): Promise<void> =>
  replaceText(snapshotFile(path, id), data)

/** undefined when it is gone. */
export const readSnapshot = (path: string, id: string): Promise<string | undefined> => textOf(snapshotFile(path, id))

export const deleteSnapshot = (path: string, id: string): Promise<void> => rm(snapshotFile(path, id), { force: true })

export const listSnapshots = (path: string): Promise<string[]> => readdir(join(path, 'snapshots')).catch(() => [])

export const digestOf = (data: string): string => createHash('sha256').update(data).digest('hex')

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((problem: NodeJS.ErrnoException) => {
    if (problem.code === 'ENOENT') return undefined
    throw problem
  })
}

/** Whoever looks sees the old text or the new one, never half of it. */
async function replaceText(path: string, text: string): Promise<void> {
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
