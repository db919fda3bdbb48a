// Runs store-child.ts, and kills it where that is asked for.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const child = new URL('./store-child.ts', import.meta.url).pathname

export interface Said {
  readonly exitCode: number | null
  /** The last row that was acknowledged. */
  readonly last: number
}

/** Runs a child that commits; kills it once it has acknowledged `until` rows. */
export async function committing(args: readonly string[], until = Infinity): Promise<Said> {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') }
  const process_ = spawn(process.execPath, [child, 'commit', ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(process_, 'close')
  let last = 0
  for await (const line of createInterface({ input: process_.stdout })) {
    last = Number(line)
    if (last >= until) process_.kill('SIGKILL')
  }
  await ended
  return { exitCode: process_.exitCode, last }
}
