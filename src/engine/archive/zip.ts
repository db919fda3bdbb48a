// Reads a zip archive into a Collector. Only the central directory is believed, and every size in it is verified.
import { crc32 } from 'node:zlib'
import { getFileNameLowLevel, openPromise, type Entry, type ZipFile } from 'yauzl'
import { Fault } from '../../kernel/fault.ts'
import type { Collector, FileSink } from './collector.ts'
import { unreadable } from './format.ts'

const typeMask = 0o170000
const linkType = 0o120000
const folderType = 0o040000
const fileType = 0o100000

export async function readZip(path: string, collector: Collector): Promise<void> {
  try {
    // Names are decoded here, not by yauzl: it would turn backslashes into slashes, and drop what we want to name.
    const zip = await openPromise(path, { decodeStrings: false, validateEntrySizes: true, autoClose: false })
    try {
      for await (const entry of zip.eachEntry()) await readEntry(path, zip, entry, collector)
    } finally {
      zip.close()
    }
  } catch (error) {
    throw error instanceof Fault
      ? error
      : unreadable(path, error instanceof Error ? error.message : String(error), error)
  }
}

async function readEntry(path: string, zip: ZipFile, entry: Entry, collector: Collector): Promise<void> {
  const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true)
  const mode = unixMode(entry)
  const type = mode & typeMask
  if (type === linkType) throw collector.refuse(name, 'it is a link')
  if (type !== 0 && type !== fileType && type !== folderType) throw collector.refuse(name, 'it is a device or a pipe')
  if (name.endsWith('/') || type === folderType) return collector.folder(name)
  if (entry.isEncrypted()) throw unreadable(path, `'${name}' is encrypted`)
  const sink = collector.file(name, entry.uncompressedSize, (mode & 0o111) !== 0)
  await copy(path, name, zip, entry, collector, sink)
}

async function copy(
  path: string,
  name: string,
  zip: ZipFile,
  entry: Entry,
  collector: Collector,
  sink: FileSink,
): Promise<void> {
  let bytes = 0
  let checksum = 0
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    const piece = chunk as Buffer
    bytes += piece.length
    checksum = crc32(piece, checksum)
    collector.checkRatio(bytes, entry.compressedSize)
    sink.write(piece)
  }
  if (checksum !== entry.crc32) throw unreadable(path, `'${name}' is damaged`)
  sink.end()
}

/** Only archives made on Unix and macOS carry a mode. */
function unixMode(entry: Entry): number {
  const maker = entry.versionMadeBy >> 8
  return maker === 3 || maker === 19 ? entry.externalFileAttributes >>> 16 : 0
}
