// Loads a plugin module once, in a process of its own and with a limit, to learn what it provides.
import { spawn, type ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatDuration, type Duration } from '../kernel/duration.ts'
import { fault, type Fault } from '../kernel/fault.ts'
import type { World } from '../world/world.ts'
import type { PluginProvides, ProbeAnswer } from './plugin-provides.ts'

export interface ModuleToCheck {
  readonly plugin: string
  readonly path: string
  /** The path as the user knows it, for messages. */
  readonly shown: string
}

export const loadLimit: Duration = 10_000
const mostBytes = 1024 * 1024
const mostMemory = 512

/** @throws Fault `plugin.load_failed`, `plugin.invalid` */
export async function checkPluginModule(
  module: ModuleToCheck,
  world: World,
  limit: Duration = loadLimit,
): Promise<PluginProvides> {
  const child = spawn(process.execPath, [`--max-old-space-size=${mostMemory}`, probePath(), module.path], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const answer = read(child.stdio[3] as Readable)
  const errors = read(child.stdio[2] as Readable)
  const ended = endOf(child)
  const timer = new AbortController()
  const tooLate = world.clock.sleep(limit, timer.signal).then(
    () => 'late' as const,
    () => 'stopped' as const,
  )
  try {
    const end = await Promise.race([ended, tooLate])
    if (typeof end === 'string') {
      child.kill('SIGKILL')
      throw loadFailed(module, `it was not loaded after ${formatDuration(limit)}`)
    }
    return understand(module, answer(), end, errors())
  } finally {
    timer.abort()
    for (const stream of child.stdio) stream?.destroy()
  }
}

function probePath(): string {
  const name = import.meta.url.endsWith('.ts') ? './plugin-probe.ts' : './plugin-probe.js'
  return fileURLToPath(new URL(name, import.meta.url))
}

/** Keeps what comes, up to a limit; the rest is dropped. */
function read(stream: Readable): () => string {
  const chunks: Buffer[] = []
  let length = 0
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= mostBytes) chunks.push(chunk)
  })
  stream.on('error', () => {})
  return () => Buffer.concat(chunks).toString('utf8')
}

interface End {
  readonly code: number | null
  readonly signal: string | null
  readonly refused?: string
}

function endOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, refused: error.message }))
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
}

function understand(module: ModuleToCheck, text: string, end: End, errors: string): PluginProvides {
  const answer = answerIn(text)
  if (answer === undefined) throw loadFailed(module, silentReason(end, errors))
  if (answer.failure === undefined) return answer.provides
  // Its files lie somewhere else while they are looked at; the user knows them by their own place.
  const reason = answer.reason.replaceAll(dirname(module.path), dirname(module.shown))
  if (answer.failure === 'load') throw loadFailed(module, reason)
  throw fault('plugin.invalid', { details: { plugin: module.plugin, reason: `${module.shown}: ${reason}` } })
}

function answerIn(text: string): ProbeAnswer | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as ProbeAnswer) : undefined
  } catch {
    return undefined
  }
}

/** Node's own code for a module whose top-level `await` nothing will ever end. */
const unsettled = 13

function silentReason({ code, signal, refused }: End, errors: string): string {
  if (refused !== undefined) return `no process could be started: ${refused}`
  if (code === unsettled) return 'it waits for something that never comes'
  if (/heap out of memory/.test(errors)) return `it needs more than ${mostMemory} MiB to load`
  return `it ended the process (${signal ?? `exit code ${code}`}) while it was loaded`
}

function loadFailed({ plugin, shown }: ModuleToCheck, reason: string): Fault {
  return fault('plugin.load_failed', { details: { plugin, path: shown, reason } })
}
