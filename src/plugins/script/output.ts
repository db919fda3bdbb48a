// Bounded reading of what a script prints: whole lines for the log, and the end of the text for an error.
import { StringDecoder } from 'node:string_decoder'

const longestLine = 16 * 1024
const longestTail = 4 * 1024
/** More lines than this of one operation are not logged: a script that prints without end must not fill the store. */
export const mostLines = 10_000

/** Cuts a stream of bytes into lines; what is longer than 16 Ki characters is cut there, and the cut is marked. */
export class LineReader {
  readonly #decoder = new StringDecoder('utf8')
  readonly #onLine: (line: string) => void
  #rest = ''
  #skipped = 0
  #tail = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  /** The last 4 Ki characters of everything read, without white space at the end. */
  get tail(): string {
    return this.#tail.trimEnd()
  }

  read(chunk: Buffer): void {
    this.#take(this.#decoder.write(chunk))
  }

  /** Gives out the last line when it had no line end. */
  end(): void {
    this.#take(this.#decoder.end())
    if (this.#rest !== '' || this.#skipped > 0) this.#emit()
  }

  #take(text: string): void {
    this.#tail = (this.#tail + text).slice(-longestTail)
    const pieces = text.split('\n')
    for (const [index, piece] of pieces.entries()) {
      this.#append(piece)
      if (index < pieces.length - 1) this.#emit()
    }
  }

  #append(piece: string): void {
    const room = longestLine - this.#rest.length
    this.#rest += piece.slice(0, room)
    this.#skipped += Math.max(0, piece.length - room)
  }

  #emit(): void {
    const line = this.#rest.endsWith('\r') ? this.#rest.slice(0, -1) : this.#rest
    this.#onLine(this.#skipped > 0 ? `${line}… (${this.#skipped} more characters)` : line)
    this.#rest = ''
    this.#skipped = 0
  }
}

/** A text of a script, cut to what a log record may hold. */
export function boundedText(text: string): string {
  if (text.length <= longestLine) return text
  return `${text.slice(0, longestLine)}… (${text.length - longestLine} more characters)`
}

/** The end of a text, as long as an error may hold. */
export const lastText = (text: string): string => text.slice(-longestTail).trimEnd()
