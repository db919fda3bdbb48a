// Files in a place: made, read, written, removed. What is written is on disk before anybody is told that it is there.
import { createHash } from 'node:crypto'
import type { OperationContext } from '../../contract/context.ts'
import { hasCode } from '../client/errors.ts'
import type { Volume } from '../client/structs.ts'
import { volumeXml, type NewVolume } from './documents.ts'
import type { SavedFile } from './part.ts'
import { leavePlace, type Place } from './place.ts'
import { refreshPool } from './refresh-pool.ts'

type Scene = Pick<OperationContext, 'signal'>
type WithClock = Pick<OperationContext, 'signal' | 'world'>

/** Makes files known that came to be without libvirt's storage: a backup job's. */
export async function refresh(ctx: WithClock, { hypervisor, pool }: Place): Promise<void> {
  await refreshPool(ctx, hypervisor, pool)
}

/** undefined: there is none. */
export async function findFile(ctx: Scene, place: Place, file: string): Promise<Volume | undefined> {
  const { hypervisor, pool, prefix } = place
  const name = `${prefix}${file}`
  const found = await hypervisor.call('STORAGE_VOL_LOOKUP_BY_NAME', { pool, name }, ctx).catch((thrown: unknown) => {
    if (hasCode(thrown, 'NO_STORAGE_VOL')) return undefined
    throw thrown
  })
  return found?.vol
}

export async function createFile(ctx: Scene, place: Place, volume: NewVolume): Promise<Volume> {
  const { hypervisor, pool, prefix } = place
  const xml = volumeXml({ ...volume, name: `${prefix}${volume.name}` })
  return (await hypervisor.call('STORAGE_VOL_CREATE_XML', { pool, xml }, ctx)).vol
}

/** A copy of the content, converted when the format is another one, and of all that the original rests on. Synced. */
export async function copyFile(ctx: Scene, place: Place, volume: NewVolume, clonevol: Volume): Promise<Volume> {
  const { hypervisor, pool, prefix } = place
  const xml = volumeXml({ ...volume, name: `${prefix}${volume.name}` })
  return (await hypervisor.call('STORAGE_VOL_CREATE_XML_FROM', { pool, xml, clonevol }, ctx)).vol
}

/** What is gone is gone. */
export async function removeFile(ctx: Scene, place: Place, file: string): Promise<void> {
  const vol = await findFile(ctx, place, file)
  if (vol !== undefined) await deleteVolume(ctx, place, vol)
}

/** All of them; when that fails, the place is left as whoever tries again would find it. */
export async function removeFiles(ctx: WithClock, place: Place, files: readonly string[]): Promise<void> {
  try {
    await refresh(ctx, place)
    for (const file of files) await removeFile(ctx, place, file)
  } catch (thrown) {
    await leavePlace(ctx, place)
    throw thrown
  }
}

export async function deleteVolume(ctx: Scene, { hypervisor }: Pick<Place, 'hypervisor'>, vol: Volume): Promise<void> {
  await hypervisor.call('STORAGE_VOL_DELETE', { vol }, ctx).catch((thrown: unknown) => {
    if (!hasCode(thrown, 'NO_STORAGE_VOL')) throw thrown
  })
}

/**
 * Libvirt syncs a volume that it copies, not one that is uploaded: so it is uploaded beside, and copied to its name.
 */
export async function writeFile(ctx: Scene, place: Place, file: string, content: Buffer): Promise<SavedFile> {
  const beside = `${file}.new`
  await removeFile(ctx, place, beside)
  await removeFile(ctx, place, file)
  const bytes = BigInt(content.length)
  const vol = await createFile(ctx, place, { name: beside, bytes, format: 'raw' })
  if (content.length > 0) await place.hypervisor.upload(vol, once(content), { ...ctx, length: bytes })
  await copyFile(ctx, place, { name: file, bytes, format: 'raw' }, vol)
  await deleteVolume(ctx, place, vol)
  return savedFile(file, content)
}

export const savedFile = (name: string, content: Buffer): SavedFile => ({
  name,
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
})

/** All of it, for files of which it is known that they are small. */
export async function readFile(
  ctx: Scene,
  { hypervisor }: Pick<Place, 'hypervisor'>,
  vol: Volume,
  length = 64n * 1024n * 1024n,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of hypervisor.download(vol, { ...ctx, length })) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Reads every byte back, or that many of them. */
export async function digestOf(
  ctx: Scene,
  { hypervisor }: Pick<Place, 'hypervisor'>,
  vol: Volume,
  most = 0,
): Promise<Pick<SavedFile, 'bytes' | 'sha256'>> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of hypervisor.download(vol, { ...ctx, length: BigInt(most) })) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest('hex') }
}

async function* once(content: Buffer): AsyncIterable<Uint8Array> {
  yield content
}
