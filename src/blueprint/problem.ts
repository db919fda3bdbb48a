// A problem: what is wrong with a blueprint or with the inputs given to it, and where.

/** Lines and columns count from 1. `path` is the dotted way to the value: `node_templates.vm.properties.size`. */
export interface Problem {
  /** Stable: `blueprint.unknown_type`. Listed in docs/reference/problems.md. */
  readonly code: string
  /** Cloudify's error number, where it has one. */
  readonly alias?: number
  readonly message: string
  readonly hint?: string
  readonly file: string
  readonly line: number
  readonly column: number
  readonly path: string
}
