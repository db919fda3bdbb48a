// Reads a tar archive, plain or gzipped, into a Collector. Nothing is written to disk, so only the parser of tar is used.
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import { Fault } from '../../kernel/fault.ts'
import type { Collector } from './collector.ts'
import { unreadable } from './format.ts'
import type { ReadLimits } from './limits.ts'

const fileTypes: ReadonlySet<string> = new Set(['File', 'OldFile', 'ContiguousFile'])
const linkTypes: ReadonlySet<string> = new Set(['Link', 'SymbolicLink'])
const folderTypes: ReadonlySet<string> = new Set(['Directory', 'GNUDumpDir'])

export async function readTar(
  path: string,
  isPacked: boolean,
  collector: Collector,
  limits: ReadLimits,
): Promise<void> {
  try {
    await feed(path, isPacked, collector, limits)
  } catch (error) {
    throw error instanceof Fault
      ? error
      : unreadable(path, error instanceof Error ? error.message : String(error), error)
  }
}

async function feed(path: string, isPacked: boolean, collector: Collector, limits: ReadLimits): Promise<void> {
  const file = createReadStream(path)
  // The callback is there only because pipeline wants one: errors come out of the loop over the last stream.
  const tar = isPacked ? pipeline(file, createGunzip(), () => {}) : file
  const parsing = startParsing(collector)
  // Headers and padding come on top of the content that the collector counts.
  const mostBytes = limits.totalBytes + (limits.entries + 1) * 4096
  let bytes = 0
  for await (const chunk of tar) {
    const piece = chunk as Buffer
    if (bytes === 0 && isPacked && isCompressed(piece)) throw unreadable(path, 'it is packed twice')
    bytes += piece.length
    if (bytes > mostBytes) throw collector.tooLarge(`${mostBytes} bytes of tar`)
    if (isPacked) collector.checkRatio(bytes, file.bytesRead)
    await parsing.write(piece)
  }
  await parsing.end()
}

/** Faults in events of the parser come out of `write` and `end`. */
function startParsing(collector: Collector): { write(chunk: Buffer): Promise<void>; end(): Promise<void> } {
  let failure: unknown
  const parser = new Parser({ strict: true, maxDecompressionRatio: Number.POSITIVE_INFINITY })
  const guarded = (work: () => void): void => {
    if (failure !== undefined) return
    try {
      work()
    } catch (error) {
      failure = error
    }
  }
  parser.on('error', (error: unknown) => (failure ??= error))
  parser.on('entry', (entry: ReadEntry) => {
    guarded(() => takeEntry(entry, collector, guarded))
    entry.resume()
  })
  parser.on('ignoredEntry', (entry: ReadEntry) => {
    guarded(() => {
      throw collector.refuse(entry.path, `it is of the kind ${entry.type}`)
    })
  })
  const check = (): void => {
    if (failure !== undefined) throw failure
  }
  return {
    async write(chunk) {
      const isReady = parser.write(chunk)
      check()
      if (!isReady) await new Promise<void>((resolve) => parser.once('drain', resolve))
      check()
    },
    async end() {
      const closed = new Promise<void>((resolve) => parser.once('close', resolve).once('error', () => resolve()))
      parser.end()
      check()
      await closed
      check()
    },
  }
}

function takeEntry(entry: ReadEntry, collector: Collector, guarded: (work: () => void) => void): void {
  if (linkTypes.has(entry.type)) throw collector.refuse(entry.path, 'it is a link')
  if (folderTypes.has(entry.type)) return collector.folder(entry.path)
  if (!fileTypes.has(entry.type)) throw collector.refuse(entry.path, `it is of the kind ${entry.type}`)
  const sink = collector.file(entry.path, entry.size, ((entry.mode ?? 0) & 0o111) !== 0)
  entry.on('data', (chunk: Buffer) => guarded(() => sink.write(chunk)))
  entry.on('end', () => guarded(() => sink.end()))
}

function isCompressed(head: Buffer): boolean {
  return (head[0] === 0x1f && head[1] === 0x8b) || (head[0] === 0x28 && head[1] === 0xb5)
}
