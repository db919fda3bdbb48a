// Writes tar and zip archives byte by byte, so that tests can make the ones no honest tool would make.
import { crc32, deflateRawSync } from 'node:zlib'

export interface TarEntry {
  readonly name: string
  readonly content?: string | Buffer
  /** '0' file, '1' hard link, '2' symbolic link, '3' character device, '5' folder, '6' pipe, 'x' pax header, 'L' long name. */
  readonly type?: string
  readonly mode?: number
  readonly link?: string
  /** Says another size than the content has. */
  readonly size?: number
}

export function tarBytes(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(tarEntryBytes), Buffer.alloc(1024)])
}

function tarEntryBytes(entry: TarEntry): Buffer[] {
  const content = Buffer.from(entry.content ?? '')
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512)
  return [tarHeader(entry, content.length), content, padding]
}

function tarHeader(entry: TarEntry, length: number): Buffer {
  const header = Buffer.alloc(512)
  header.write(entry.name, 0, 100)
  header.write(octal(entry.mode ?? 0o644, 8), 100)
  header.write(octal(0, 8), 108)
  header.write(octal(0, 8), 116)
  header.write(octal(entry.size ?? length, 12), 124)
  header.write(octal(0, 12), 136)
  header.write('        ', 148)
  header.write(entry.type ?? '0', 156)
  header.write(entry.link ?? '', 157, 100)
  header.write('ustar\u000000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`
}

export interface ZipEntry {
  readonly name: string | Buffer
  readonly content?: string | Buffer
  /** With type bits: 0o120777 is a symbolic link. */
  readonly mode?: number
  readonly isStored?: boolean
  /** General purpose bits; bit 0 says encrypted. Default: names are UTF-8. */
  readonly flags?: number
  /** Says another checksum than the content has. */
  readonly checksum?: number
  /** Says another unpacked size than the content has. */
  readonly size?: number
}

export function zipBytes(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const { local, central } = zipEntryBytes(entry, offset)
    parts.push(local)
    directory.push(central)
    offset += local.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, central, end])
}

function zipEntryBytes(entry: ZipEntry, offset: number): { local: Buffer; central: Buffer } {
  const name = Buffer.from(entry.name)
  const content = Buffer.from(entry.content ?? '')
  const packed = entry.isStored ? content : deflateRawSync(content)
  // Version needed, flags, method, time, date, checksum, sizes, lengths: the part both headers share.
  const shared = Buffer.alloc(26)
  shared.writeUInt16LE(20, 0)
  shared.writeUInt16LE(entry.flags ?? 0x800, 2)
  shared.writeUInt16LE(entry.isStored ? 0 : 8, 4)
  shared.writeUInt32LE(entry.checksum ?? crc32(content), 10)
  shared.writeUInt32LE(packed.length, 14)
  shared.writeUInt32LE(entry.size ?? content.length, 18)
  shared.writeUInt16LE(name.length, 22)
  const tail = Buffer.alloc(14)
  tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6)
  tail.writeUInt32LE(offset, 10)
  return {
    local: Buffer.concat([Buffer.from('PK\u0003\u0004'), shared, name, packed]),
    central: Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 3]), shared, tail, name]),
  }
}
