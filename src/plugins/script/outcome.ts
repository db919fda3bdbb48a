// How a script ended, out of what it said through ctx and its exit code. Decides between result and fault.
import type { Duration } from '../../kernel/duration.ts'
import { fault, type Fault } from '../../kernel/fault.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import { lastText } from './output.ts'

type Said =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'returned'; readonly value: Json }
  | { readonly kind: 'stopped'; readonly fault: Fault }

/** What the process did. `exit` is null when it ended well. */
export interface ProcessEnd {
  readonly exit: { readonly code: number | null; readonly signal: string | null }
  readonly command: string
  readonly stdout: string
  readonly stderr: string
}

export class Outcome {
  #said: Said = { kind: 'nothing' }
  #raised: Fault | undefined

  returns(value: Json): null {
    this.#checkFirst()
    this.#said = { kind: 'returned', value }
    return null
  }

  /** @throws Fault `script.aborted`, which is also how the operation will end. */
  abort(message: string | undefined): never {
    throw this.#stop(
      fault('script.aborted', {
        details: { message: message ?? 'the script aborted the operation' },
        effect: 'unknown',
      }),
    )
  }

  /** @throws Fault `script.retry_asked`, which is also how the operation will end. */
  retry(message: string | undefined, after: Duration | undefined): never {
    throw this.#stop(
      fault('script.retry_asked', { details: { message: message ?? 'the script asked to be run again' }, after }),
    )
  }

  /** An exception that ended a Python script; wins over everything said before it. */
  raised(exception: JsonObject): void {
    const text = String(exception['message'] ?? '')
    const seconds = exception['retry_after']
    const after = typeof seconds === 'number' && seconds >= 0 ? seconds * 1000 : undefined
    const trace = lastText(String(exception['traceback'] ?? ''))
    const details = { message: text || String(exception['type'] ?? 'exception'), traceback: trace }
    if (exception['kind'] === 'abort') this.#raised = fault('script.aborted', { details, effect: 'unknown' })
    else if (exception['kind'] === 'retry') this.#raised = fault('script.retry_asked', { details, after })
    else this.#raised = fault('script.failed', { details, after, effect: 'unknown' })
  }

  /** The operation's result. @throws Fault `script.failed`, `script.aborted`, `script.retry_asked` */
  settle(end: ProcessEnd): Json {
    if (this.#raised) throw this.#raised
    if (this.#said.kind === 'stopped') throw this.#said.fault
    if (end.exit.code !== 0) throw failed(end)
    return this.#said.kind === 'returned' ? this.#said.value : null
  }

  #stop(stop: Fault): Fault {
    this.#checkFirst()
    this.#said = { kind: 'stopped', fault: stop }
    return stop
  }

  #checkFirst(): void {
    if (this.#said.kind === 'nothing') return
    const message = 'ctx may return, abort or retry only once'
    this.#said = { kind: 'stopped', fault: fault('script.aborted', { details: { message }, effect: 'unknown' }) }
    throw fault('script.bad_input', { details: { message } })
  }
}

function failed(end: ProcessEnd): Fault {
  const code = end.exit.code ?? end.exit.signal ?? 'unknown'
  const message = `command: ${end.command}, exit_code: ${code}, stdout: ${end.stdout}, stderr: ${end.stderr}`
  return fault('script.failed', { details: { message, exit_code: code }, effect: 'unknown' })
}
