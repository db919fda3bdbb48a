// Finds what could harm whoever walks a document: aliases that contain themselves or multiply, and dangerous keys.
import type { Details, ProblemCode } from '../problem-table.ts'
import { limits } from './limits.ts'
import type { Path, PathPart } from './source-file.ts'

export interface Harm {
  readonly code: ProblemCode
  readonly details: Details
  readonly path: Path
}

/** Every value is looked at once, however often aliases repeat it. */
export function findHarm(root: object): Harm | undefined {
  const inspector = new Inspector()
  inspector.sizeOf(root)
  return inspector.harm
}

class Inspector {
  harm: Harm | undefined
  readonly #sizes = new Map<object, number>()
  readonly #open = new Set<object>()
  readonly #path: PathPart[] = []

  /** How many values it is with all aliases written out. */
  sizeOf(value: object): number {
    const known = this.#sizes.get(value)
    if (known !== undefined) return known
    if (this.#open.has(value)) return this.#found('blueprint.cyclic_alias', {})
    if (this.#path.length > limits.expandedDepth) {
      return this.#found('blueprint.too_deep', { limit: limits.expandedDepth })
    }
    this.#open.add(value)
    const size = this.#sizeOfParts(value)
    this.#open.delete(value)
    this.#sizes.set(value, size)
    if (size <= limits.values) return size
    return this.#found('blueprint.too_large', { what: 'the document', limit: `${limits.values} values` })
  }

  #sizeOfParts(value: object): number {
    let size = 1
    for (const [key, part] of Object.entries(value)) {
      if (this.harm !== undefined) break
      this.#path.push(key)
      if (key === '__proto__') this.#found('blueprint.unsafe_key', { key })
      else size += typeof part === 'object' && part !== null ? this.sizeOf(part) : 1
      this.#path.pop()
    }
    return size
  }

  #found(code: ProblemCode, details: Details): number {
    this.harm ??= { code, details, path: [...this.#path] }
    return 0
  }
}
