// The encoding of everything that crosses the socket (RFC 4506), both ways: one description reads a value and writes it.
// Nothing here trusts what it reads: lengths are checked before anything is made of them.
import { fault, type Fault } from '../../../kernel/fault.ts'

/** How one kind of value is read and written; the type of the value follows from it. */
export interface XdrType<Value> {
  read(from: XdrReader): Value
  write(to: XdrWriter, value: Value): void
}

/** May be left out when writing. */
export interface XdrOptional<Value> extends XdrType<Value> {
  readonly fallback: Value
}

export type ValueOf<Type> = Type extends { read(from: XdrReader): infer Value } ? Value : never
export type Fields = Readonly<Record<string, XdrType<unknown>>>

type OptionalNames<Shape extends Fields> = {
  [Name in keyof Shape]: Shape[Name] extends XdrOptional<unknown> ? Name : never
}[keyof Shape]

/** What a struct is after reading: every field is there. */
export type Decoded<Shape extends Fields> = { readonly [Name in keyof Shape]: ValueOf<Shape[Name]> }

/** What has to be given for writing one. */
export type Encodable<Shape extends Fields> = {
  readonly [Name in Exclude<keyof Shape, OptionalNames<Shape>>]: ValueOf<Shape[Name]>
} & { readonly [Name in OptionalNames<Shape>]?: ValueOf<Shape[Name]> | undefined }

/** Strings longer than this are refused by libvirt on either side. */
export const longestString = 4_194_304
/** Lists of domains, snapshots, networks and so on. */
export const longestList = 16_384

export const malformed = (reason: string): Fault => fault('libvirt.bad_message', { details: { reason } })

export class XdrReader {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  /** What is left; a newer peer may have appended fields that nobody here knows. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  i32(): number {
    return this.#bytes.readInt32BE(this.#take(4))
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  i64(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8))
  }

  u64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8))
  }

  f64(): number {
    return this.#bytes.readDoubleBE(this.#take(8))
  }

  /** A copy: what was read must not keep a whole message in memory. */
  bytes(length: number): Buffer {
    const at = this.#take(length)
    this.#take(padding(length))
    return Buffer.from(this.#bytes.subarray(at, at + length))
  }

  text(length: number): string {
    const at = this.#take(length)
    this.#take(padding(length))
    return this.#bytes.toString('utf8', at, at + length)
  }

  #take(length: number): number {
    if (length > this.left) throw malformed(`${length} bytes are expected, ${this.left} are left`)
    const at = this.#at
    this.#at += length
    return at
  }
}

export class XdrWriter {
  #bytes = Buffer.allocUnsafe(256)
  #length = 0

  get written(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  i32(value: number): void {
    const at = this.#room(4)
    this.#bytes.writeInt32BE(value, at)
  }

  u32(value: number): void {
    const at = this.#room(4)
    this.#bytes.writeUInt32BE(value, at)
  }

  i64(value: bigint): void {
    const at = this.#room(8)
    this.#bytes.writeBigInt64BE(value, at)
  }

  u64(value: bigint): void {
    const at = this.#room(8)
    this.#bytes.writeBigUInt64BE(value, at)
  }

  f64(value: number): void {
    const at = this.#room(8)
    this.#bytes.writeDoubleBE(value, at)
  }

  bytes(value: Uint8Array): void {
    const at = this.#room(value.length + padding(value.length))
    this.#bytes.set(value, at)
    this.#bytes.fill(0, at + value.length, this.#length)
  }

  /** As it is: no padding. */
  raw(value: Uint8Array): void {
    const at = this.#room(value.length)
    this.#bytes.set(value, at)
  }

  text(value: string, length: number): void {
    const at = this.#room(length + padding(length))
    this.#bytes.write(value, at, 'utf8')
    this.#bytes.fill(0, at + length, this.#length)
  }

  // Before the buffer is touched: it may become another one.
  #room(length: number): number {
    const at = this.#length
    this.#length += length
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#bytes.length * 2))
      this.#bytes.copy(larger, 0, 0, at)
      this.#bytes = larger
    }
    return at
  }
}

const padding = (length: number): number => (4 - (length % 4)) % 4

export const i32: XdrType<number> = { read: (from) => from.i32(), write: (to, value) => to.i32(value) }
export const u32: XdrType<number> = { read: (from) => from.u32(), write: (to, value) => to.u32(value) }
export const i64: XdrType<bigint> = { read: (from) => from.i64(), write: (to, value) => to.i64(value) }
export const u64: XdrType<bigint> = { read: (from) => from.u64(), write: (to, value) => to.u64(value) }
export const f64: XdrType<number> = { read: (from) => from.f64(), write: (to, value) => to.f64(value) }
/** Chars and shorts take four bytes each. */
export const short: XdrType<number> = { ...i32 }
/** As i32. */
export const bool: XdrType<boolean> = {
  read: (from) => from.i32() !== 0,
  write: (to, value) => to.i32(value ? 1 : 0),
}

export const str: XdrType<string> = {
  read: (from) => from.text(checkedLength(from.u32(), longestString, 'a text')),
  write(to, value) {
    const length = checkedLength(Buffer.byteLength(value), longestString, 'a text')
    to.u32(length)
    to.text(value, length)
  },
}

export const opaque: XdrType<Buffer> = {
  read: (from) => from.bytes(checkedLength(from.u32(), longestString, 'data')),
  write(to, value) {
    to.u32(checkedLength(value.length, longestString, 'data'))
    to.bytes(value)
  },
}

/** `0000000a-1ab0-4f4e-8d3c-52540012ab34`; on the wire 16 bytes. */
export const uuid: XdrType<string> = {
  read: (from) =>
    from
      .bytes(16)
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  write(to, value) {
    const hex = value.replaceAll('-', '')
    if (!/^[0-9a-f]{32}$/i.test(hex)) throw malformed(`'${value}' is no UUID`)
    to.bytes(Buffer.from(hex, 'hex'))
  },
}

/** A text in an array of chars of that size; the rest is zeros. */
export function chars(size: number): XdrType<string> {
  return {
    read(from) {
      const codes = Array.from({ length: size }, () => from.i32() & 0xff)
      const end = codes.indexOf(0)
      return Buffer.from(end < 0 ? codes : codes.slice(0, end)).toString('utf8')
    },
    write(to, value) {
      const bytes = Buffer.from(value, 'utf8')
      for (let index = 0; index < size; index++) to.i32(bytes[index] ?? 0)
    },
  }
}

export function list<Value>(of: XdrType<Value>, longest: number = longestList): XdrType<readonly Value[]> {
  return {
    read(from) {
      const length = checkedLength(from.u32(), longest, 'a list')
      // An element takes four bytes at least: no memory is taken for more of them than can be there.
      if (length * 4 > from.left) throw malformed(`a list of ${length} in ${from.left} bytes`)
      const values: Value[] = []
      for (let index = 0; index < length; index++) values.push(of.read(from))
      return values
    },
    write(to, values) {
      to.u32(checkedLength(values.length, longest, 'a list'))
      for (const value of values) of.write(to, value)
    },
  }
}

/** What may be NULL; left out, it is. */
export function nullable<Value>(of: XdrType<Value>): XdrOptional<Value | null> {
  return {
    fallback: null,
    read: (from) => (from.u32() === 0 ? null : of.read(from)),
    write(to, value) {
      to.u32(value === null ? 0 : 1)
      if (value !== null) of.write(to, value)
    },
  }
}

export function withDefault<Value>(of: XdrType<Value>, fallback: Value): XdrOptional<Value> {
  return { fallback, read: (from) => of.read(from), write: (to, value) => of.write(to, value) }
}

export interface XdrStruct<Shape extends Fields> {
  readonly fields: Shape
  read(from: XdrReader): Decoded<Shape>
  write(to: XdrWriter, value: Encodable<Shape>): void
}

/** Fields in the order of the wire. */
export function struct<Shape extends Fields>(fields: Shape): XdrStruct<Shape> {
  const entries = Object.entries(fields)
  return {
    fields,
    read(from) {
      const value: Record<string, unknown> = {}
      for (const [name, type] of entries) value[name] = type.read(from)
      return value as Decoded<Shape>
    },
    write(to, value) {
      for (const [name, type] of entries) {
        const given = (value as Readonly<Record<string, unknown>>)[name]
        type.write(to, given === undefined && 'fallback' in type ? type.fallback : given)
      }
    },
  }
}

function checkedLength(length: number, longest: number, what: string): number {
  if (length > longest) throw malformed(`${what} of ${length}, more than ${longest}`)
  return length
}
