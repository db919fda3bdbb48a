// A problem: what is wrong with a blueprint or with the inputs given to it, and where.

/** Lines and columns count from 1. `path` is the dotted way to the value: `node_templates.vm.properties.size`. */
export interface Problem {
  /** Stable: `blueprint.unknown_type`. Listed in docs/reference/problems.md and, for warnings, in docs/reference/lint.md. */
  readonly code: string
  /** Cloudify's error number, where it has one. */
  readonly alias?: number
  /** Absent: an error. A warning refuses nothing. */
  readonly severity?: 'error' | 'warning'
  readonly message: string
  readonly hint?: string
  readonly file: string
  readonly line: number
  readonly column: number
  readonly path: string
  /** How the reader gets there from the main file, when the problem is in an imported file: `blueprint.yaml:4`, ... */
  readonly importedAt?: readonly string[]
}
