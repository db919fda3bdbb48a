// Looks through SQLite's write-ahead log before it is opened. SQLite takes the first frame that does not fit for the end
// of the log: after a crash it is. On a damaged disk it is not, and what was acknowledged behind it would be gone
// without a word. Format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

const headerBytes = 32
const frameHeaderBytes = 24
/** The magic number's last bit says in which byte order the checksums were made. */
const magic = 0x377f0682

/** In words what is wrong with the log; undefined when nothing is, or there is none. `read` gives what is in the file now. */
export function logDamage(path: string, read = (): Buffer | undefined => bytesOf(path)): string | undefined {
  let before: Damage | undefined
  for (;;) {
    const damage = damageOf(read(), () => pageSizeOf(path.replace(/-wal$/, '')))
    if (!damage) return undefined
    // Whoever reads while another process writes may see what was written last without what was written before it. What
    // was damaged then, and is now, in a log that is still the same, was not being written.
    if (before && damage.at === before.at && damage.header.equals(before.header))
      return `${damage.behind} transactions follow on a damaged place in the log, behind ${damage.sound} sound ones`
    before = damage
  }
}

interface Damage {
  readonly header: Buffer
  /** Where the first frame is that does not fit. */
  readonly at: number
  readonly sound: number
  readonly behind: number
}

function damageOf(log: Buffer | undefined, pageSizeOfFile: () => number | undefined): Damage | undefined {
  if (!log || log.length <= headerBytes) return undefined
  const found = commitsIn(log, pageSizeOfFile)
  // At most one transaction can be on its way to the disk; all before it were there before it began.
  return found.behind < 2 ? undefined : { ...found, header: log.subarray(0, headerBytes) }
}

/** Transactions up to the first frame that does not fit, and those of the same log from there on. */
function commitsIn(log: Buffer, pageSizeOfFile: () => number | undefined): Omit<Damage, 'header'> {
  const isBig = log.readUInt32BE(0) === magic + 1
  const counts = { at: 0, sound: 0, behind: 0 }
  const sum: Sum = [0, 0]
  addTo(sum, log, 0, 24, isBig)
  let fits = isSum(sum, log, 24)
  // A header that is damaged tells nothing of what follows.
  const pageSize = fits ? log.readUInt32BE(8) : (pageSizeOfFile() ?? log.readUInt32BE(8))
  if (pageSize < 512 || pageSize > 65_536) return counts
  // When the header itself is damaged, the first frame tells which log this is.
  const salt = log.subarray(...(fits ? [16, 24] : [headerBytes + 8, headerBytes + 16]))
  const frameBytes = frameHeaderBytes + pageSize
  for (let at = headerBytes; at + frameBytes <= log.length; at += frameBytes) {
    const isOfThisLog = log.compare(salt, 0, 8, at + 8, at + 16) === 0
    if (fits && isOfThisLog) {
      addTo(sum, log, at, 8, isBig)
      addTo(sum, log, at + frameHeaderBytes, pageSize, isBig)
    }
    if (fits) counts.at = at
    fits &&= isOfThisLog && isSum(sum, log, at + 16)
    const isCommit = log.readUInt32BE(at + 4) !== 0
    if (isCommit && isOfThisLog) counts[fits ? 'sound' : 'behind']++
  }
  return counts
}

/** Of the database itself; undefined when it is no database yet. See https://www.sqlite.org/fileformat2.html#the_database_header */
function pageSizeOf(path: string): number | undefined {
  const size = Buffer.alloc(2)
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    if (readSync(file, size, 0, 2, 16) !== 2) return undefined
    return size.readUInt16BE() === 1 ? 65_536 : size.readUInt16BE()
  } catch {
    return undefined
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

type Sum = [number, number]

function addTo(sum: Sum, bytes: Buffer, from: number, length: number, isBig: boolean): void {
  let [first, second] = sum
  for (let at = from; at < from + length; at += 8) {
    first = (first + second + (isBig ? bytes.readInt32BE(at) : bytes.readInt32LE(at))) | 0
    second = (second + first + (isBig ? bytes.readInt32BE(at + 4) : bytes.readInt32LE(at + 4))) | 0
  }
  sum[0] = first
  sum[1] = second
}

function isSum(sum: Sum, bytes: Buffer, at: number): boolean {
  return bytes.readInt32BE(at) === sum[0] && bytes.readInt32BE(at + 4) === sum[1]
}

function bytesOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
