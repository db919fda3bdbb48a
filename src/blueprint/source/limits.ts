// How large and deep a document may be.
export const limits = {
  /** Characters of one file. */
  textLength: 16 * 1024 * 1024,
  /** Levels of nesting as written. */
  depth: 100,
  /** Levels of nesting once aliases are written out. */
  expandedDepth: 400,
  /** Values once aliases are written out. */
  values: 4_000_000,
} as const
