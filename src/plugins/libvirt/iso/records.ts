// The pieces that an ISO 9660 image consists of, as ECMA-119 lays them out: directory records, path tables, dates.
export const sectorLength = 2048

export const sectorsOf = (bytes: number): number => Math.ceil(bytes / sectorLength)

/** Numbers stand there in both byte orders. */
export function both32(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(value, 0)
  bytes.writeUInt32BE(value, 4)
  return bytes
}

export function both16(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt16LE(value, 0)
  bytes.writeUInt16BE(value, 2)
  return bytes
}

/** As directory records have it: seven bytes, UTC. */
export function recordDate(at: Date): Buffer {
  return Buffer.from([
    at.getUTCFullYear() - 1900,
    at.getUTCMonth() + 1,
    at.getUTCDate(),
    at.getUTCHours(),
    at.getUTCMinutes(),
    at.getUTCSeconds(),
    0,
  ])
}

/** As volume descriptors have it: digits, and the offset to UTC. */
export function volumeDate(at: Date): Buffer {
  const digits = at.toISOString().replace(/\D/g, '').slice(0, 16)
  return Buffer.concat([Buffer.from(digits, 'latin1'), Buffer.from([0])])
}

/** Big-endian UCS-2, as Joliet writes names. */
export function joliet(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16()
}

export interface RecordFields {
  readonly name: Buffer
  readonly extent: number
  readonly bytes: number
  readonly isFolder: boolean
  readonly at: Date
  /** Of the system: Rock Ridge's fields. */
  readonly more: Buffer
}

export function directoryRecord({ name, extent, bytes, isFolder, at, more }: RecordFields): Buffer {
  const fixed = Buffer.concat([
    Buffer.from([0, 0]),
    both32(extent),
    both32(bytes),
    recordDate(at),
    Buffer.from([isFolder ? 2 : 0, 0, 0]),
    both16(1),
    Buffer.from([name.length]),
    name,
    Buffer.alloc(name.length % 2 === 0 ? 1 : 0),
    more,
  ])
  const record = Buffer.concat([fixed, Buffer.alloc(fixed.length % 2)])
  record[0] = record.length
  return record
}

/** No record goes over the end of a sector. */
export function packed(records: readonly Buffer[]): Buffer {
  const pieces: Buffer[] = []
  let length = 0
  for (const record of records) {
    const left = sectorLength - (length % sectorLength)
    if (record.length > left) {
      pieces.push(Buffer.alloc(left))
      length += left
    }
    pieces.push(record)
    length += record.length
  }
  return padded(Buffer.concat(pieces))
}

export function padded(content: Buffer): Buffer {
  const whole = Math.max(sectorsOf(content.length), 1) * sectorLength
  return Buffer.concat([content, Buffer.alloc(whole - content.length)])
}

export interface PathEntry {
  readonly name: Buffer
  readonly extent: number
  /** From 1. */
  readonly parent: number
}

export function pathTable(entries: readonly PathEntry[], order: 'little' | 'big'): Buffer {
  return Buffer.concat(
    entries.map(({ name, extent, parent }) => {
      const entry = Buffer.alloc(8 + name.length + (name.length % 2))
      entry[0] = name.length
      if (order === 'little') {
        entry.writeUInt32LE(extent, 2)
        entry.writeUInt16LE(parent, 6)
      } else {
        entry.writeUInt32BE(extent, 2)
        entry.writeUInt16BE(parent, 6)
      }
      name.copy(entry, 8)
      return entry
    }),
  )
}

const everyoneReads = { folder: 0o040555, file: 0o100444 } as const

/** Rock Ridge: mode, links, owner, and the real name. */
export function rockRidge(name: string, isFolder: boolean): Buffer {
  const mode = isFolder ? everyoneReads.folder : everyoneReads.file
  const owner = Buffer.concat([both32(mode), both32(isFolder ? 2 : 1), both32(0), both32(0)])
  const px = Buffer.concat([Buffer.from('PX'), Buffer.from([4 + owner.length, 1]), owner])
  if (name === '') return px
  const text = Buffer.from(name, 'utf8')
  return Buffer.concat([px, Buffer.from('NM'), Buffer.from([5 + text.length, 1, 0]), text])
}

/** In the first record of the top folder: that there is Rock Ridge. */
export function rockRidgeMark(): Buffer {
  const id = Buffer.from('RRIP_1991A')
  const here = Buffer.concat([Buffer.from('SP'), Buffer.from([7, 1, 0xbe, 0xef, 0])])
  return Buffer.concat([here, Buffer.from('ER'), Buffer.from([8 + id.length, 1, id.length, 0, 0, 1]), id])
}
