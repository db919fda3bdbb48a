// Collects problems while a blueprint is read. Positions are looked up at the end, and only when there are problems.
import type { Problem } from './problem.ts'
import { aliasOf, type Details, hintOf, messageOf, type ProblemCode } from './problem-table.ts'
import { locate, positionAt } from './source/locate.ts'
import type { Path, SourceFile } from './source/source-file.ts'

/** Where something stands: the file and the way to it within that file. */
export interface Place {
  readonly source: SourceFile | undefined
  readonly path: Path
  /** The way in the merged blueprint, where it differs from `path`. */
  readonly shown?: Path
  readonly aim?: 'key' | 'value'
}

interface Finding {
  readonly code: ProblemCode
  readonly place: Place
  readonly details: Details
  readonly offset: number | undefined
}

export class Reporter {
  readonly #findings: Finding[] = []
  readonly #seen = new Set<string>()
  readonly #imports = new Map<SourceFile, Place>()

  get count(): number {
    return this.#findings.length
  }

  add(code: ProblemCode, place: Place, details: Details = {}, offset?: number): void {
    // Inherited elements are met once per heir; the reader needs to hear of them once.
    const key = `${code}\0${place.source?.name}\0${(place.shown ?? place.path).join('\0')}\0${JSON.stringify(details)}`
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    this.#findings.push({ code, place, details, offset })
  }

  /** Remembers where a file was imported, so that its problems can say how the reader gets there. */
  imported(source: SourceFile, by: Place): void {
    this.#imports.set(source, by)
  }

  /** All problems: files in the order they were met, each from top to bottom. */
  problems(): Problem[] {
    const order = new Map<string, number>()
    const problems = this.#findings.map((finding) => ({ ...toProblem(finding), ...this.#way(finding.place.source) }))
    for (const { file } of problems) if (!order.has(file)) order.set(file, order.size)
    const rank = (problem: Problem): number => order.get(problem.file) ?? 0
    return problems.sort(
      (left, right) => rank(left) - rank(right) || left.line - right.line || left.column - right.column,
    )
  }

  #way(source: SourceFile | undefined): Pick<Problem, 'importedAt'> {
    const way: string[] = []
    let by = source === undefined ? undefined : this.#imports.get(source)
    while (by?.source !== undefined && way.length < longestWay) {
      way.unshift(`${by.source.name}:${locate(by.source, by.path, by.aim).line}`)
      by = this.#imports.get(by.source)
    }
    return way.length === 0 ? {} : { importedAt: way }
  }
}

/** Longer ways help nobody. */
const longestWay = 6

function toProblem(finding: Finding): Problem {
  const { code, place, details, offset } = finding
  const { source } = place
  const alias = aliasOf(code)
  const hint = hintOf(code, details)
  const position =
    source === undefined
      ? { line: 1, column: 1 }
      : offset === undefined
        ? locate(source, place.path, place.aim)
        : positionAt(source.text, offset)
  return {
    code,
    ...(alias === undefined ? {} : { alias }),
    message: messageOf(code, details),
    ...(hint === undefined ? {} : { hint }),
    file: source?.name ?? '',
    ...position,
    path: (place.shown ?? place.path).join('.'),
  }
}
