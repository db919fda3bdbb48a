// Files of a backup as whoever settles it needs them: through the hypervisor's daemon, or straight in their folder where that
// is ours, too. A daemon on this machine may see other mounts than we do, so that it is the same folder is proved first.
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import PQueue from 'p-queue'
import type { OperationContext } from '../../contract/context.ts'
import { hasCode } from '../../guard/process-table.ts'
import { parseUri } from '../client/uri.ts'
import type { Document } from './metadata.ts'
import type { SavedFile } from './part.ts'
import type { Place } from './place.ts'
import { digestOf, findFile, readFile, refresh, savedFile, writeFile } from './volumes.ts'

type Scene = Pick<OperationContext, 'signal' | 'world'>
type Digest = Pick<SavedFile, 'bytes' | 'sha256'>

export interface FolderFiles {
  /** All of one that is known to be small; undefined: there is none. */
  read(file: string): Promise<Buffer | undefined>
  /** Reads every byte back; undefined: there is none. */
  digest(file: string): Promise<Digest | undefined>
  /** On disk when it resolves. */
  write(...documents: readonly Document[]): Promise<readonly SavedFile[]>
  /** Somebody else made files there: QEMU. */
  renew(): Promise<void>
}

export async function filesIn(ctx: Scene, place: Place): Promise<FolderFiles> {
  return (await isOurFolder(ctx, place)) ? filesHere(ctx, place) : throughDaemon(ctx, place)
}

// What we put there under a name that nobody else can know of, the daemon must see.
async function isOurFolder(ctx: Scene, place: Place): Promise<boolean> {
  const mayBe = place.isOurs && parseUri(place.hypervisor.uri).way === 'unix'
  const trace = `${ctx.world.randomText(20, 'abcdefghijklmnopqrstuvwxyz')}.trace`
  const path = join(place.path, trace)
  const isLeft = mayBe && (await mayWrite(path))
  try {
    await refresh(ctx, place)
    return isLeft && (await findFile(ctx, place, trace)) !== undefined
  } finally {
    if (isLeft) await rm(path, { force: true })
  }
}

// Not there, or not for us: then it is the hypervisor's alone.
function mayWrite(path: string): Promise<boolean> {
  return create(path).then(
    async (file) => {
      await file.close()
      return true
    },
    () => false,
  )
}

// Readable by nobody but the hypervisor, and never what a link leads to.
const create = (path: string): Promise<FileHandle> =>
  open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)

function throughDaemon(ctx: Scene, place: Place): FolderFiles {
  return {
    async read(file) {
      const vol = await findFile(ctx, place, file)
      return vol && readFile(ctx, place, vol)
    },
    async digest(file) {
      const vol = await findFile(ctx, place, file)
      return vol && digestOf(ctx, place, vol)
    },
    async write(...documents) {
      const written: SavedFile[] = []
      for (const { name, content } of documents) written.push(await writeFile(ctx, place, name, content))
      return written
    },
    renew: () => refresh(ctx, place),
  }
}

const pieceLength = 256 * 1024
/** Files that are read at once: as many as Node has threads for that. */
const readAtOnce = 4
const digesting = new PQueue({ concurrency: readAtOnce })
/** What files are read into, piece by piece. A new one for each of many files would have V8 look through all its memory. */
const pieces: Buffer[] = []

async function withPiece<Result>(use: (piece: Buffer) => Promise<Result>): Promise<Result> {
  const piece = pieces.pop() ?? Buffer.allocUnsafeSlow(pieceLength)
  try {
    return await use(piece)
  } finally {
    pieces.push(piece)
  }
}

/** For a folder that is known to be ours, too. */
export function filesHere({ signal }: Pick<Scene, 'signal'>, { path: folder }: Place): FolderFiles {
  const reading = async <Result>(file: string, use: (handle: FileHandle) => Promise<Result>) => {
    const handle = await open(join(folder, file), constants.O_RDONLY | constants.O_NOFOLLOW).catch(missing)
    if (handle === undefined) return undefined
    try {
      return await use(handle)
    } finally {
      await handle.close()
    }
  }
  return {
    read: (file) => reading(file, (handle) => handle.readFile()),
    digest: (file) =>
      digesting.add(() => reading(file, (handle) => withPiece((piece) => digestThrough(piece, handle, signal)))),
    async write(...documents) {
      const written: SavedFile[] = []
      for (const document of documents) written.push(await writeHere(folder, document))
      await sync(await open(folder, constants.O_RDONLY | constants.O_DIRECTORY))
      return written
    },
    renew: async () => {},
  }
}

async function digestThrough(piece: Buffer, handle: FileHandle, signal: AbortSignal): Promise<Digest> {
  const hash = createHash('sha256')
  for (let bytes = 0; ;) {
    signal.throwIfAborted()
    const { bytesRead } = await handle.read(piece, 0, pieceLength, null)
    if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') }
    hash.update(piece.subarray(0, bytesRead))
    bytes += bytesRead
  }
}

async function writeHere(folder: string, { name, content }: Document): Promise<SavedFile> {
  const [path, beside] = [join(folder, name), join(folder, `${name}.new`)]
  await rm(beside, { force: true })
  const handle = await create(beside)
  await sync(handle, () => handle.writeFile(content))
  await rename(beside, path)
  return savedFile(name, content)
}

async function sync(handle: FileHandle, fill = async (): Promise<void> => {}): Promise<void> {
  try {
    await fill()
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function missing(thrown: unknown): undefined {
  if (hasCode(thrown, 'ENOENT')) return undefined
  throw thrown
}
