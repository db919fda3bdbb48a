// How much a blueprint may bring along. Stated in docs/reference/cli.md; enforced while reading, before memory is spent.

export interface ReadLimits {
  /** Files and folders together. */
  readonly entries: number
  readonly fileBytes: number
  readonly totalBytes: number
  /** Unpacked size over packed size; looked at only above `ratioFromBytes`, since small files may shrink a lot. */
  readonly ratio: number
  readonly ratioFromBytes: number
  /** UTF-8 bytes of one name with its folders. */
  readonly nameBytes: number
}

export const mebibyte = 1024 * 1024

export const readLimits: ReadLimits = {
  entries: 10_000,
  fileBytes: 50 * mebibyte,
  totalBytes: 200 * mebibyte,
  ratio: 200,
  ratioFromBytes: mebibyte,
  nameBytes: 1024,
}
