// Answers what a script's `ctx` asks from another host, as the command on this machine would.
import { asFault } from '../../../kernel/fault.ts'
import type { Json } from '../../../kernel/json.ts'
import { helpText, printed, readCommandLine } from '../bin/ctx.ts'
import { respond, type ProxyHandlers } from '../proxy/server.ts'

export interface Answer {
  readonly out: string
  readonly err: string
  readonly code: number
}

/** `ID words x6869 x…` or `ID json x…`; undefined: it is no question. */
export function parseQuestion(line: string): { id: string; kind: string; words: readonly string[] } | undefined {
  const [id = '', kind = '', ...words] = line.trim().split(' ')
  if (!/^\d+$/.test(id) || !['words', 'json'].includes(kind)) return undefined
  return { id, kind, words: words.map((word) => Buffer.from(word.slice(1), 'hex').toString('utf8')) }
}

export async function answerQuestion(
  { kind, words }: { readonly kind: string; readonly words: readonly string[] },
  handlers: ProxyHandlers,
): Promise<Answer> {
  if (kind === 'json') return { out: JSON.stringify((await respond(words[0] ?? '', handlers)).body), err: '', code: 0 }
  try {
    const request = readCommandLine(words)
    if (request.isHelp) return { out: helpText, err: '', code: 0 }
    if (request.words.length === 0) throw new Error(`say what you want\n${helpText}`)
    const value = await handlers.command(request.words as Json[])
    return { out: request.asJson ? JSON.stringify(value) : printed(value), err: '', code: 0 }
  } catch (thrown) {
    const { code, message } = asFault(thrown)
    const isStop = code === 'script.aborted' || code === 'script.retry_asked'
    return { out: '', err: `${isStop ? '' : 'ctx: '}${thrown instanceof Error ? thrown.message : message}\n`, code: 1 }
  }
}
