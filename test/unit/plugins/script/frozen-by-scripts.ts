// A writer that scripts stop and let go on, for the tests of the deadman of scripts. It notes the time every few
// milliseconds, so that its own log tells how long it stood still.
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../../../../src/kernel/json.ts'
import type { DeadmanRequest } from '../../../../src/plugins/contract/deadman.ts'
import { operationContext, type OperationContextOptions, type TestContext } from '../../../support/operation-context.ts'
import { eventually, linesIn } from '../local/processes.ts'

export const prepareName = 'cloudify.interfaces.freeze.fs_prepare'
export const finalizeName = 'cloudify.interfaces.freeze.fs_finalize'

/** Both may run twice. */
export const pair = {
  'stop.sh': 'kill -STOP "$(cat "$PID_FILE")"\nctx instance runtime-properties stopped yes\n',
  'continue.sh': 'kill -CONT "$(cat "$PID_FILE")"\necho "run $(ctx operation name)" >> "$NOTES"\n',
}

export interface FrozenWriter {
  readonly ctx: TestContext
  /** Inputs of both scripts, beside `script_path`. */
  readonly inputs: JsonObject
  readonly log: string
  readonly notes: string
  readonly pid: number
  /** The context of one of the two operations. */
  at(name: string): TestContext
  request(more?: Partial<DeadmanRequest>): DeadmanRequest
  /** The longest time between two lines of its log. */
  longestGap(): number
  cleanUp(): Promise<void>
}

const program = `
const { appendFileSync } = require('node:fs')
const note = () => appendFileSync(process.argv[1], Date.now() + '\\n')
setInterval(note, 5)
`

export async function frozenWriter(
  options: Pick<OperationContextOptions, 'instance' | 'node'> & {
    readonly files?: Readonly<Record<string, string>>
  } = {},
): Promise<FrozenWriter> {
  const ctx = operationContext({
    node: { id: 'writer', properties: { port: 5432 } },
    ...options,
    files: { ...pair, ...options.files },
  })
  // Not below the state directory, which a test may take away.
  const place = operationContext()
  const [log, notes, pidFile] = ['log', 'notes', 'pid'].map((name) => join(place.folder, name)) as [
    string,
    string,
    string,
  ]
  const writer: ChildProcess = spawn(process.execPath, ['-e', program, log], { stdio: 'ignore' })
  writeFileSync(pidFile, String(writer.pid))
  writeFileSync(notes, '')
  await eventually('it writes', () => linesIn(log) > 2)
  const inputs = { PID_FILE: pidFile, NOTES: notes }
  return {
    ctx,
    inputs,
    log,
    notes,
    pid: writer.pid ?? 0,
    at: (name) => ({ ...ctx, operation: { ...ctx.operation, name, key: `execution-1/${name}` } }),
    request: (more = {}) => ({
      token: 'a freeze',
      lease: 60_000,
      finalize: {
        plugin: 'script',
        operation: 'script_runner.tasks.run',
        inputs: { script_path: 'continue.sh', ...inputs },
      },
      ...more,
    }),
    longestGap() {
      const times = readFileSync(log, 'utf8').trim().split('\n').map(Number)
      return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? time)))
    },
    async cleanUp() {
      writer.kill('SIGKILL')
      await ctx.cleanUp()
      await place.cleanUp()
    },
  }
}
