// Sends what a script prints to the operation's log, a line at a time: `<out> text`, `<err> text`.
import type { OperationLog } from '../contract/context.ts'
import type { ProcessOptions } from './inputs.ts'
import { LineReader, mostLines } from './output.ts'

export interface ScriptOutput {
  onStdout(chunk: Buffer): void
  onStderr(chunk: Buffer): void
  /** Logs what is left and gives the last text of each stream. */
  end(): { readonly stdout: string; readonly stderr: string }
}

export function scriptOutput(log: OperationLog, options: ProcessOptions): ScriptOutput {
  let lines = 0
  const logAs = (mark: string, isOn: boolean) => (line: string) => {
    if (!isOn || lines > mostLines) return
    lines += 1
    if (lines > mostLines) log.warning(`the script printed more than ${mostLines} lines; the rest is not logged`)
    else log.info(`<${mark}> ${line}`)
  }
  const stdout = new LineReader(logAs('out', options.log_stdout !== false))
  const stderr = options.stderr_to_stdout ? stdout : new LineReader(logAs('err', options.log_stderr !== false))
  return {
    onStdout: (chunk) => stdout.read(chunk),
    onStderr: (chunk) => stderr.read(chunk),
    end() {
      stdout.end()
      if (stderr !== stdout) stderr.end()
      return { stdout: stdout.tail, stderr: stderr === stdout ? '' : stderr.tail }
    },
  }
}
