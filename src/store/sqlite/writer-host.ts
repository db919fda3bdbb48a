// Starts the writing thread and talks to it: one request under way at a time, answers in order.
import { Worker } from 'node:worker_threads'
import { fault } from '../../kernel/fault.ts'
import type { Apply } from './group-commit.ts'
import type { Outcome } from './group-writer.ts'

export interface WriterThread {
  /** Resolves when it takes work. */
  readonly ready: Promise<void>
  readonly apply: Apply
  /** Resolves when it is gone, closed or not. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

export function startWriterThread(path: string): WriterThread {
  // The same file under another ending, depending on whether we run from source or from the build.
  const entry = new URL(import.meta.url.endsWith('.ts') ? './writer-thread.ts' : './writer-thread.js', import.meta.url)
  const worker = new Worker(entry, { workerData: { path } })
  const waiting: { resolve(outcomes: readonly Outcome[]): void; reject(reason: Error): void }[] = []
  let dead: Error | undefined

  const die = (reason: Error): void => {
    dead = reason
    for (const one of waiting.splice(0)) one.reject(reason)
  }
  worker.on('message', (outcomes: readonly Outcome[]) => waiting.shift()?.resolve(outcomes))
  worker.on('error', (problem) =>
    die(fault('store.failed', { details: { reason: problem instanceof Error ? problem.message : String(problem) } })),
  )
  const ready = new Promise<void>((resolve) => worker.once('online', () => resolve()))
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  void ended.then(() => die(dead ?? fault('store.failed', { details: { reason: 'the writing thread has ended' } })))

  return {
    ready,
    ended,
    apply: (groups) =>
      new Promise((resolve, reject) => {
        if (dead) return reject(dead)
        waiting.push({ resolve, reject })
        worker.postMessage(groups)
      }),
    async close() {
      worker.postMessage('close')
      await ended
    },
  }
}
