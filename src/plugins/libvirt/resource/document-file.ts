// The file of a whole backup of a network or pool: in a folder or pool of the hypervisor, or, when backup_dir is no absolute
// path, below the folder that the plugin has on this machine.
import { mkdir, open, readFile as readLocal, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { OperationContext } from '../../contract/context.ts'
import { closePlace, openPlace, removePlace } from '../backup/place.ts'
import { findFile, readFile, refresh, removeFiles, writeFile } from '../backup/volumes.ts'
import { backupFailed } from '../backup/errors.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { LibvirtSettings } from '../settings.ts'
import type { DocumentPlace } from './part.ts'

export interface DocumentFile {
  readonly place: DocumentPlace
  /** Its folder, or what its name begins with in a pool. */
  readonly name: string
  /** `network.xml` */
  readonly file: string
}

export function documentPlaceOf({ options, backupDir }: LibvirtSettings): DocumentPlace {
  const pool = options.text('backup_pool')
  if (pool !== undefined) return { pool }
  return backupDir.startsWith('/') ? { directory: backupDir } : { local: join('backups', join('/', backupDir)) }
}

type Scene = Pick<OperationContext, 'signal' | 'world' | 'stateDirectory'>

/** What it holds afterwards was read back. */
export async function writeDocument(
  ctx: Scene,
  hypervisor: Hypervisor,
  { place, name, file }: DocumentFile,
  text: string,
): Promise<void> {
  if ('local' in place) await writeHere(join(ctx.stateDirectory, place.local, name), file, text)
  else {
    const there = await openPlace(ctx, hypervisor, { place, name, make: true })
    if (there === undefined) throw backupFailed(name, 'its pool is gone')
    try {
      await refresh(ctx, there)
      await writeFile(ctx, there, file, Buffer.from(text))
    } finally {
      await closePlace(ctx, there)
    }
  }
  if ((await readDocument(ctx, hypervisor, { place, name, file })) !== text)
    throw backupFailed(name, `'${file}' is not what was written to it`)
}

/** undefined: it is not there. */
export async function readDocument(
  ctx: Scene,
  hypervisor: Hypervisor,
  { place, name, file }: DocumentFile,
): Promise<string | undefined> {
  if ('local' in place) return readHere(join(ctx.stateDirectory, place.local, name, file))
  const there = await openPlace(ctx, hypervisor, { place, name })
  if (there === undefined) return undefined
  try {
    await refresh(ctx, there)
    const vol = await findFile(ctx, there, file)
    return vol && (await readFile(ctx, there, vol)).toString('utf8')
  } finally {
    await closePlace(ctx, there)
  }
}

/** With its folder, unless somebody put something into that. What is gone is gone. */
export async function removeDocument(
  ctx: Scene,
  hypervisor: Hypervisor,
  { place, name, file }: DocumentFile,
): Promise<void> {
  if ('local' in place) return removeHere(join(ctx.stateDirectory, place.local, name), file)
  const there = await openPlace(ctx, hypervisor, { place, name })
  if (there === undefined) return
  await removeFiles(ctx, there, [`${file}.new`, file])
  if (!(await removePlace(ctx, there))) await closePlace(ctx, there)
}

async function writeHere(folder: string, file: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const beside = join(folder, `${file}.new`)
  const handle = await open(beside, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(beside, join(folder, file))
}

async function readHere(path: string): Promise<string | undefined> {
  return readLocal(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return undefined
    throw thrown
  })
}

async function removeHere(folder: string, file: string): Promise<void> {
  for (const one of [`${file}.new`, file]) await rm(join(folder, one), { force: true })
  await rmdir(folder).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== 'ENOENT' && thrown.code !== 'ENOTEMPTY') throw thrown
  })
}
