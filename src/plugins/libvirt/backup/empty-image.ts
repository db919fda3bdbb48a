// An empty image in qcow2, as docs/interop/qcow2.txt in QEMU's source describes it: version 3, clusters of 64 KiB, a table of
// reference counts, and no cluster of data.

export const qcow2Magic = 0x514649fb

const headerLength = 104
const clusterBits = 16
const cluster = 2 ** clusterBits
/** Reference counts of 16 bits. */
const refcountOrder = 4
const refcountTableAt = cluster
const refcountBlockAt = 2 * cluster
const firstTableAt = 3 * cluster
/** Each entry of the first table stands for a table of its own, which is a cluster. */
const bytesOfEntry = BigInt(cluster) * BigInt(cluster / 8)
/** QEMU opens no image with a longer table. */
const mostEntries = BigInt((32 * 1024 * 1024) / 8)

export interface EmptyImage {
  /** What it begins with; all behind it is zero. */
  readonly head: Buffer
  /** Bytes of the file. */
  readonly length: number
}

/** `size`: bytes, as a guest sees it. @throws RangeError beyond 2 PiB */
export function emptyImage(size: bigint): EmptyImage {
  const entries = (size + bytesOfEntry - 1n) / bytesOfEntry
  if (entries > mostEntries) throw new RangeError(`an image of ${size} bytes is larger than QEMU opens`)
  const length = firstTableAt + Math.max(1, Math.ceil((Number(entries) * 8) / cluster)) * cluster
  const used = length / cluster
  const head = Buffer.alloc(refcountBlockAt + used * 2)
  head.writeUInt32BE(qcow2Magic, 0)
  head.writeUInt32BE(3, 4)
  head.writeUInt32BE(clusterBits, 20)
  head.writeBigUInt64BE(size, 24)
  head.writeUInt32BE(Number(entries), 36)
  head.writeBigUInt64BE(BigInt(firstTableAt), 40)
  head.writeBigUInt64BE(BigInt(refcountTableAt), 48)
  head.writeUInt32BE(1, 56)
  head.writeUInt32BE(refcountOrder, 96)
  head.writeUInt32BE(headerLength, 100)
  head.writeBigUInt64BE(BigInt(refcountBlockAt), refcountTableAt)
  for (let index = 0; index < used; index += 1) head.writeUInt16BE(1, refcountBlockAt + index * 2)
  return { head, length }
}

/** Bytes of an image as a guest sees it, by what the file begins with; undefined: it is no image. */
export function sizeOfImage(head: Buffer): bigint | undefined {
  return head.length >= 32 && head.readUInt32BE(0) === qcow2Magic ? head.readBigUInt64BE(24) : undefined
}
