// Starts the program of an instance as a session of its own, and finds it again by its operation key.
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { bootId, hasInEnvironment, identityOf, listProcesses } from '../../guard/process-table.ts'
import { keyMark, type ProcessSettings } from './process-settings.ts'
import type { KnownProcess } from './running-process.ts'

/** The leader of the session that was started with this key, if it lives. */
export function findStarted(key: string): KnownProcess | undefined {
  const found = listProcesses().find(
    (entry) => entry.pid === entry.session && hasInEnvironment(entry.pid, keyMark(key)),
  )
  return found && { pid: found.pid, startTime: found.startTime, bootId: bootId(), key }
}

/** Resolves once the process has lived through its start grace. @throws Fault `local.start_failed` */
export async function startProcess(
  ctx: OperationContext,
  settings: ProcessSettings,
  key: string,
): Promise<KnownProcess> {
  const child = spawnDetached(settings, key)
  const failure = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`it ended at once (${code === null ? signal : `exit code ${code}`})`))
  })
  const identity = child.pid === undefined ? undefined : identityOf(child.pid)
  const ended = new AbortController()
  const lived = ctx.world.clock.sleep(settings.startGrace, ended.signal).then(
    () => undefined,
    () => undefined,
  )
  const reason = await Promise.race([failure, lived])
  ended.abort()
  child.unref()
  if (reason === undefined && identity !== undefined) return { ...identity, key }
  throw startFailed(`${reason ?? 'it has no process'}${await lastWords(settings.logFile)}`)
}

function spawnDetached(settings: ProcessSettings, key: string): ChildProcess {
  const [program = '', ...args] = settings.command
  // The system would say that the program is missing.
  if (!existsSync(settings.cwd)) throw startFailed(`its working folder '${settings.cwd}' does not exist`)
  let output: number | undefined
  try {
    mkdirSync(dirname(settings.logFile), { recursive: true })
    output = openSync(settings.logFile, 'a', 0o600)
    const env = { ...settings.env, FERMATA_OPERATION_KEY: key }
    return spawn(program, args, { cwd: settings.cwd, env, stdio: ['ignore', output, output], detached: true })
  } catch (thrown) {
    throw startFailed(thrown instanceof Error ? thrown.message : String(thrown), thrown)
  } finally {
    if (output !== undefined) closeSync(output)
  }
}

async function lastWords(logFile: string): Promise<string> {
  const length = 400
  try {
    await using file = await open(logFile, 'r')
    const { size } = await file.stat()
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(length),
      position: Math.max(0, size - length),
    })
    const text = buffer.toString('utf8', 0, bytesRead).trim()
    return text ? `; it said: ${text}` : ''
  } catch {
    return ''
  }
}

function startFailed(reason: string, cause?: unknown): Error {
  return fault('local.start_failed', { details: { reason }, cause })
}
