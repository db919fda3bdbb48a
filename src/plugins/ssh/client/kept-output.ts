// The output of one stream of a command: kept up to a limit, counted beyond it, told as whole characters.
import { StringDecoder } from 'node:string_decoder'

export class KeptOutput {
  readonly #limit: number
  readonly #tell: ((text: string) => void) | undefined
  readonly #decoder = new StringDecoder('utf8')
  readonly #chunks: Buffer[] = []
  #kept = 0
  #bytes = 0

  constructor(limit: number, tell?: (text: string) => void) {
    this.#limit = limit
    this.#tell = tell
  }

  add(chunk: Buffer): void {
    this.#bytes += chunk.length
    const room = this.#limit - this.#kept
    if (room > 0) {
      // A copy: the chunk is a view into a bigger piece of memory, which would stay with it.
      const part = Buffer.from(chunk.subarray(0, room))
      this.#chunks.push(part)
      this.#kept += part.length
    }
    const text = this.#tell && this.#decoder.write(chunk)
    if (text) this.#tell?.(text)
  }

  end(): void {
    const rest = this.#decoder.end()
    if (rest !== '') this.#tell?.(rest)
  }

  get bytes(): number {
    return this.#bytes
  }

  get content(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}
