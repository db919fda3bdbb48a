// Reads what a host says of a run: one line of words, then the output as it is.
import { fault } from '../../../kernel/fault.ts'

export interface Answer {
  /** `lost`: whatever ran it is gone without an end. `rebooted`: the host cannot know. */
  readonly state: 'ended' | 'running' | 'lost' | 'rebooted'
  readonly code: number
  /** Why it ended, when not by itself. */
  readonly ended: 'timeout' | 'cancelled' | null
  readonly stdout: string
  readonly stderr: string
  readonly stdoutBytes: number
  readonly stderrBytes: number
}

const states = ['ended', 'running', 'lost', 'rebooted'] as const
const line = /^fermata (\w+) (\d+|-) (\d+) (\d+) (\d+) (\d+) (\S+)$/

/** @throws Fault `operation.failed` with effect unknown for anything else */
export function readAnswer(bytes: Buffer): Answer {
  const end = bytes.indexOf(0x0a)
  const match = line.exec(bytes.subarray(0, Math.max(end, 0)).toString('latin1'))
  const state = states.find((known) => known === match?.[1])
  if (!match || !state) {
    const message = `the host gave no answer that can be read: ${bytes.subarray(0, 80).toString('utf8')}`
    throw fault('operation.failed', { details: { message }, effect: 'unknown' })
  }
  const [, , code, out, , outAll, errAll, ended] = match
  const from = end + 1
  const middle = from + Number(out)
  return {
    state,
    code: code === '-' ? -1 : Number(code),
    ended: ended === 'timeout' || ended === 'cancelled' ? ended : null,
    stdout: bytes.subarray(from, middle).toString('utf8'),
    stderr: bytes.subarray(middle).toString('utf8'),
    stdoutBytes: Number(outAll),
    stderrBytes: Number(errAll),
  }
}
