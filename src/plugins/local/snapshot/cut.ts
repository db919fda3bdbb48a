// The first half of a snapshot: copies the tree, or what changed of it, into a staging folder while it stands still.
import { constants } from 'node:fs'
import { chmod, copyFile, mkdir, rm, stat } from 'node:fs/promises'
import type { BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { DirectorySettings } from '../directory/directory-settings.ts'
import { shownPath, toJsonPath, type RawPath } from '../directory/raw-path.ts'
import { bootId } from '../../guard/process-table.ts'
import { readJson, writeJson } from './durable-file.ts'
import { stagingFolder, type StoreLayout } from './layout.ts'
import { readManifest, type FileEntry, type SealedManifest } from './manifest.ts'
import { changed, metadata, walkTree, type PlainEntry } from './tree-walk.ts'

/** A file whose digest is not known yet: `staged` names its copy in the staging folder. */
export type StagedFile = Omit<FileEntry, 'digest'> & { readonly staged: string }
export type CutEntry = PlainEntry | FileEntry | StagedFile

/** What a cut leaves in its staging folder, as `cut.json`. */
export interface Cut {
  readonly name: string
  readonly operationKey: string
  readonly cutId: string
  readonly isIncremental: boolean
  readonly parent: string | null
  readonly path: string
  readonly begunAt: string
  /** The copies are not synced to disk; after a crash of the machine they cannot be trusted. */
  readonly bootId: string
  readonly entries: readonly CutEntry[]
}

/** Two changes within this time may leave the same time stamp on a file, on a file system with coarse ones. */
const coarsest = 2_000_000_000n

export async function cutDirectory(
  ctx: OperationContext,
  settings: DirectorySettings,
  wanted: { readonly name: string; readonly isIncremental: boolean },
): Promise<Cut> {
  const { path, store } = settings
  const staging = stagingFolder(store, ctx.operation.key)
  // Left by an attempt whose outcome was lost. Its instant is not that of the bracket we are in now.
  await rm(staging, { recursive: true, force: true })
  await mkdir(staging, { recursive: true, mode: 0o700 })
  const parent = wanted.isIncremental ? await parentFor(ctx, settings) : undefined
  const { mtimeNs } = await stat(staging, { bigint: true })
  const copier = new TreeCopier(ctx, staging, parent)
  await walkTree(path, copier)
  const cut: Cut = {
    ...wanted,
    operationKey: ctx.operation.key,
    cutId: ctx.world.newId(),
    parent: parent?.name ?? null,
    path,
    begunAt: String(mtimeNs),
    bootId: bootId(),
    entries: copier.entries.sort((left, right) => (left.path < right.path ? -1 : 1)),
  }
  await writeJson(join(staging, 'cut.json'), cutToJson(cut))
  return cut
}

class TreeCopier {
  readonly entries: CutEntry[] = []
  readonly #ctx: OperationContext
  readonly #staging: string
  readonly #known: ReadonlyMap<RawPath, FileEntry>
  readonly #trustedUntil: bigint
  #count = 0

  constructor(ctx: OperationContext, staging: string, parent: SealedManifest | undefined) {
    this.#ctx = ctx
    this.#staging = staging
    const files = (parent?.entries ?? []).filter((entry) => entry.type === 'file')
    this.#known = new Map(files.map((entry) => [entry.path, entry]))
    this.#trustedUntil = BigInt(parent?.begunAt ?? 0) - coarsest
  }

  entry(entry: PlainEntry): void {
    this.entries.push(entry)
    if (entry.type === 'skipped')
      this.#ctx.log.warning(`'${shownPath(entry.path)}' is a ${entry.what} and is not saved`)
  }

  async file(path: RawPath, stats: BigIntStats, open: () => Promise<FileHandle>): Promise<void> {
    this.#ctx.signal.throwIfAborted()
    const known = this.#known.get(path)
    if (known && this.#isUnchanged(known, stats)) {
      this.entries.push({ ...fileMetadata(path, stats), digest: known.digest })
      return
    }
    await using source = await open()
    const staged = String((this.#count += 1))
    if (!(await source.stat()).isFile()) throw changed(path)
    await copyOpen(source, join(this.#staging, staged))
    const after = await source.stat({ bigint: true })
    const copy = await stat(join(this.#staging, staged), { bigint: true })
    if (!isSame(stats, after) || copy.size !== after.size) throw changed(path)
    this.entries.push({ ...fileMetadata(path, after), staged })
  }

  #isUnchanged(known: FileEntry, stats: BigIntStats): boolean {
    const isSameFile = known.inode === String(stats.ino) && known.size === Number(stats.size)
    const isSameTime = known.mtime === String(stats.mtimeNs) && known.ctime === String(stats.ctimeNs)
    return isSameFile && isSameTime && stats.ctimeNs < this.#trustedUntil
  }
}

// By its handle, so that it is the file that was looked at. Shares the blocks where the file system can.
async function copyOpen(source: FileHandle, target: string): Promise<void> {
  await copyFile(`/proc/self/fd/${source.fd}`, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
  await chmod(target, 0o600)
}

function fileMetadata(path: RawPath, stats: BigIntStats) {
  return {
    type: 'file' as const,
    ...metadata(path, stats),
    size: Number(stats.size),
    ctime: String(stats.ctimeNs),
    inode: String(stats.ino),
  }
}

function isSame(left: BigIntStats, right: BigIntStats): boolean {
  return (
    left.ino === right.ino &&
    left.size === right.size &&
    left.mtimeNs === right.mtimeNs &&
    left.ctimeNs === right.ctimeNs
  )
}

/** The newest incremental snapshot of the same directory, if it can be read. */
async function parentFor(
  ctx: OperationContext,
  { path, store }: DirectorySettings,
): Promise<SealedManifest | undefined> {
  try {
    const name = await latestName(store)
    const manifest = name === undefined ? undefined : await readManifest(store, name)
    return manifest?.path === path && manifest.isIncremental ? manifest : undefined
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    ctx.log.warning(`The snapshot before this one cannot be read, so everything is copied: ${reason}`)
    return undefined
  }
}

async function latestName(store: StoreLayout): Promise<string | undefined> {
  const value = await readJson(store.latest)
  const name = (value as JsonObject | undefined)?.['name']
  return typeof name === 'string' ? name : undefined
}

function cutToJson(cut: Cut): Json {
  const entries = cut.entries.map((entry) => {
    const path = toJsonPath(entry.path)
    return entry.type === 'symlink' ? { ...entry, path, target: toJsonPath(entry.target) } : { ...entry, path }
  })
  return { ...cut, entries } as unknown as Json
}
