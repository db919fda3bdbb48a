// Paths as the bytes they are: a name on disk need not be valid UTF-8. In memory one character stands for one byte.

/** Relative path or name, one character (code 0-255) for each byte. */
export type RawPath = string

/** As it stands in JSON: the text itself, or its bytes where it is no valid UTF-8. */
export type JsonPath = string | { readonly base64: string }

export function rawFrom(bytes: Buffer): RawPath {
  return bytes.toString('latin1')
}

export function bytesOf(raw: RawPath): Buffer {
  return Buffer.from(raw, 'latin1')
}

export function toJsonPath(raw: RawPath): JsonPath {
  const bytes = bytesOf(raw)
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? text : { base64: bytes.toString('base64') }
}

/** Undefined when the value is no path. */
export function fromJsonPath(value: unknown): RawPath | undefined {
  if (typeof value === 'string') return rawFrom(Buffer.from(value, 'utf8'))
  const isEncoded = typeof value === 'object' && value !== null && 'base64' in value && typeof value.base64 === 'string'
  return isEncoded ? rawFrom(Buffer.from(value.base64 as string, 'base64')) : undefined
}

/** For messages. */
export function shownPath(raw: RawPath): string {
  return JSON.stringify(bytesOf(raw).toString('utf8')).slice(1, -1)
}

/** Bytes of `folder` (a text) and a raw path below it. '' is the folder itself. */
export function pathBelow(folder: string, raw: RawPath): Buffer {
  return raw === '' ? Buffer.from(folder) : Buffer.concat([Buffer.from(`${folder}/`), bytesOf(raw)])
}
