// Sends what a command prints to the operation's log, a line at a time and with a bound: `<out> text`, `<err> text`.
import type { OperationLog } from '../../contract/context.ts'

const longestLine = 16 * 1024
/** A command that prints without end must not fill the store. */
const mostLines = 10_000

export interface OutputLog {
  onOutput(stream: 'stdout' | 'stderr', text: string): void
  /** Logs a last line that had no end. */
  end(): void
}

export function outputLog(log: Pick<OperationLog, 'info' | 'warning'>): OutputLog {
  const rest = { stdout: '', stderr: '' }
  const skipped = { stdout: 0, stderr: 0 }
  let lines = 0
  const emit = (stream: 'stdout' | 'stderr'): void => {
    const line = rest[stream].replace(/\r$/, '')
    const cut = skipped[stream] > 0 ? `… (${skipped[stream]} more characters)` : ''
    rest[stream] = ''
    skipped[stream] = 0
    lines += 1
    if (lines === mostLines + 1) log.warning(`it printed more than ${mostLines} lines; the rest is not logged`)
    if (lines <= mostLines) log.info(`<${stream === 'stdout' ? 'out' : 'err'}> ${line}${cut}`)
  }
  return {
    onOutput(stream, text) {
      if (lines > mostLines) return
      const pieces = text.split('\n')
      for (const [index, piece] of pieces.entries()) {
        const room = longestLine - rest[stream].length
        rest[stream] += piece.slice(0, room)
        skipped[stream] += Math.max(0, piece.length - room)
        if (index < pieces.length - 1) emit(stream)
      }
    },
    end() {
      for (const stream of ['stdout', 'stderr'] as const) if (rest[stream] !== '') emit(stream)
    },
  }
}
