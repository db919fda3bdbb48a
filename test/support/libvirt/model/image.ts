// Disk images as files: blocks of text in a qcow2 with a true header (so that whoever reads headers finds format, size and
// backing file), or in a raw file of 512 byte blocks. Overlays, saved states and backups are made of the same blocks.
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

export type ImageFormat = 'qcow2' | 'raw'
export type Blocks = Map<number, string>

export interface Image {
  readonly format: ImageFormat
  readonly capacity: number
  backing: { readonly path: string; readonly format: ImageFormat } | undefined
  blocks: Blocks
  /** Internal snapshots: name -> the blocks at their instant. */
  readonly saved: Map<string, Blocks>
}

const magic = 0x514649fb
const headerLength = 104
const payloadAt = 4096
const blockSize = 512

export const blankImage = (format: ImageFormat, capacity: number, backing?: Image['backing']): Image => ({
  format,
  capacity,
  backing,
  blocks: new Map(),
  saved: new Map(),
})

export function formatOf(path: string): ImageFormat {
  const head = readFileSync(path).subarray(0, 4)
  return head.length === 4 && head.readUInt32BE(0) === magic ? 'qcow2' : 'raw'
}

export function readImage(path: string, format: ImageFormat = formatOf(path)): Image {
  const bytes = readFileSync(path)
  if (format === 'raw') return readRaw(bytes)
  if (bytes.length < payloadAt || bytes.readUInt32BE(0) !== magic) throw new Error(`Image is not in qcow2 format`)
  const backingAt = Number(bytes.readBigUInt64BE(8))
  const backingPath = bytes.subarray(backingAt, backingAt + bytes.readUInt32BE(16)).toString()
  const capacity = Number(bytes.readBigUInt64BE(24))
  // One that somebody else has made, and nobody has written to.
  if (bytes[payloadAt] === 0) return blankImage('qcow2', capacity)
  const payload = JSON.parse(bytes.subarray(payloadAt).toString()) as {
    readonly backingFormat?: ImageFormat
    readonly blocks: [number, string][]
    readonly saved: [string, [number, string][]][]
  }
  return {
    format,
    capacity,
    backing: backingAt === 0 ? undefined : { path: backingPath, format: payload.backingFormat ?? 'qcow2' },
    blocks: new Map(payload.blocks),
    saved: new Map(payload.saved.map(([name, blocks]) => [name, new Map(blocks)])),
  }
}

function readRaw(bytes: Buffer): Image {
  const image = blankImage('raw', bytes.length)
  for (let at = 0; at < bytes.length; at += blockSize) {
    const text = bytes
      .subarray(at, at + blockSize)
      .toString()
      .replace(/\0+$/, '')
    if (text !== '') image.blocks.set(at / blockSize, text)
  }
  return image
}

/** In one step, as far as readers see. */
export function writeImage(path: string, image: Image): void {
  const part = `${path}.part`
  writeFileSync(part, image.format === 'raw' ? rawBytes(image) : qcow2Bytes(image))
  renameSync(part, path)
}

function rawBytes(image: Image): Buffer {
  const bytes = Buffer.alloc(image.capacity)
  for (const [block, text] of image.blocks) bytes.write(text, block * blockSize)
  return bytes
}

function qcow2Bytes(image: Image): Buffer {
  const head = Buffer.alloc(payloadAt)
  head.writeUInt32BE(magic, 0)
  head.writeUInt32BE(3, 4)
  const name = Buffer.from(image.backing?.path ?? '')
  head.writeBigUInt64BE(image.backing ? 1024n : 0n, 8)
  head.writeUInt32BE(name.length, 16)
  head.writeUInt32BE(16, 20)
  head.writeBigUInt64BE(BigInt(image.capacity), 24)
  head.writeUInt32BE(image.saved.size, 60)
  head.writeUInt32BE(4, 96)
  head.writeUInt32BE(headerLength, 100)
  name.copy(head, 1024)
  const payload = JSON.stringify({
    ...(image.backing ? { backingFormat: image.backing.format } : {}),
    blocks: [...image.blocks],
    saved: [...image.saved].map(([saved, blocks]) => [saved, [...blocks]]),
  })
  return Buffer.concat([head, Buffer.from(payload)])
}

/** The image and what it rests on, top first. @throws when a file of the chain is missing */
export function chainOf(path: string, format?: ImageFormat): { readonly path: string; readonly image: Image }[] {
  const image = readImage(path, format)
  const { backing } = image
  return [{ path, image }, ...(backing ? chainOf(resolve(dirname(path), backing.path), backing.format) : [])]
}

/** What a guest would read: every layer below the ones above it. */
export function contentOf(path: string, format?: ImageFormat): Blocks {
  const content: Blocks = new Map()
  for (const { image } of chainOf(path, format).toReversed()) {
    for (const [block, text] of image.blocks) content.set(block, text)
  }
  return content
}

/** The content as one text, for comparing. */
export const textOf = (blocks: Blocks): string =>
  [...blocks]
    .toSorted(([left], [right]) => left - right)
    .map(([block, text]) => `${block}: ${text}\n`)
    .join('')

/** Stores blocks in the top layer alone. */
export function writeBlocks(path: string, format: ImageFormat, blocks: Iterable<readonly [number, string]>): void {
  const image = readImage(path, format)
  for (const [block, text] of blocks) image.blocks.set(block, text)
  writeImage(path, image)
}

/** Moves all blocks of `top` down into `base`. */
export function commitInto(base: string, top: string, baseFormat?: ImageFormat): void {
  const below = readImage(base, baseFormat)
  for (const layer of layersBetween(top, base).toReversed()) {
    for (const [block, text] of layer.image.blocks) below.blocks.set(block, text)
  }
  writeImage(base, below)
}

function layersBetween(top: string, base: string): { readonly path: string; readonly image: Image }[] {
  const chain = chainOf(top)
  const end = chain.findIndex((layer) => layer.path === base)
  if (end < 0) throw new Error(`'${base}' is not below '${top}'`)
  return chain.slice(0, end)
}

export const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0)
