// A shell on a terminal as a dialogue: type a line, read until a prompt, answer what is asked.
import type { Duplex } from 'node:stream'
import type { Duration } from '../../kernel/duration.ts'
import { fault } from '../../kernel/fault.ts'
import type { OperationContext } from '../contract/context.ts'

export interface Question {
  readonly question: string
  readonly answer: string
  readonly newline?: boolean
}

export interface Turn {
  /** Texts that end what is read. */
  readonly prompts: readonly string[]
  readonly questions: readonly Question[]
  readonly timeout: Duration
}

/** More than this of one answer is not kept. */
const longestAnswer = 1024 * 1024

export class Dialogue {
  readonly #shell: Duplex
  readonly #ctx: OperationContext
  #text = ''
  #isOver = false
  #wake: () => void = () => {}

  constructor(shell: Duplex, ctx: OperationContext) {
    this.#shell = shell
    this.#ctx = ctx
    shell.setEncoding('utf8')
    shell.on('data', (text: string) => {
      this.#text = (this.#text + text).slice(-longestAnswer)
      this.#wake()
    })
    const end = (): void => {
      this.#isOver = true
      this.#wake()
    }
    shell.on('close', end)
    shell.on('error', end)
  }

  type(line: string): void {
    this.#shell.write(line)
  }

  /** What came before the prompt. @throws Fault `ssh.bad_prompt` */
  async read(turn: Turn): Promise<string> {
    const { clock } = this.#ctx.world
    const over = new AbortController()
    let isLate = false
    const late = clock.sleep(turn.timeout, AbortSignal.any([over.signal, this.#ctx.signal])).then(
      () => {
        isLate = true
        this.#wake()
      },
      () => this.#wake(),
    )
    const questions = [...turn.questions]
    let before = ''
    try {
      for (;;) {
        this.#ctx.signal.throwIfAborted()
        const asked = questions.findIndex(({ question }) => this.#text.includes(question))
        const found = asked < 0 ? undefined : questions.splice(asked, 1)[0]
        if (found) {
          before += this.#text
          this.#text = ''
          this.type(`${found.answer}${found.newline === true ? '\n' : ''}`)
        } else if (this.#isOver || turn.prompts.some((prompt) => plain(this.#text).trimEnd().endsWith(prompt))) {
          const answer = before + this.#text
          this.#text = ''
          return plain(answer)
        } else if (isLate) {
          const reason = `no prompt ${turn.prompts.join(', ')} after ${turn.timeout / 1000} s; it ends with '${plain(this.#text).slice(-200)}'`
          throw fault('ssh.bad_prompt', { details: { reason }, effect: 'unknown' })
        } else await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      over.abort()
      await late
    }
  }

  end(): void {
    this.#shell.destroy()
  }
}

/** Without colours, titles and carriage returns. */
function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/\u001b(?:\[[0-9;?]*[A-Za-z]|\][^\u0007]*\u0007|[()][A-Za-z0-9])/g, '').replace(/\r/g, '')
}
