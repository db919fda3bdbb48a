// A guard with as many watches as it is given: what thaws a whole group is one process. Each line of standard input asks for
// one and is answered by one; each ends by itself. When the input has ended and no watch is left, the guard ends.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { dismissalPath, dismissalSuffix, watchName, type DismissalRequest, type WatchRequest } from './record.ts'
import { answer, ignoreSignals, ownIdentity, Watch, type Duties } from './watch.ts'

/** Milliseconds. It is started ahead of its first watch, which may never come. */
const waitsForFirst = 60_000

/** Call it once, as the last thing a program does. */
export function keepWatches<Request extends WatchRequest>(dutiesFor: (request: Request) => Duties): void {
  const self = ownIdentity()
  /** By the path of the file that ends it. */
  const watches = new Map<string, Watch>()
  const folders = new Set<string>()
  let isInputOver = false
  const leaveWhenIdle = (): void => {
    if (isInputOver && watches.size === 0) process.exit(0)
  }
  const unwanted = setTimeout(() => process.exit(0), waitsForFirst)
  const begin = (line: string): void => {
    clearTimeout(unwanted)
    const request = JSON.parse(line) as Request
    const dismissal = dismissalPath(request.folder, { ...self, watch: request.watch ?? '' })
    folders.add(request.folder)
    const watch = new Watch(request, self, dutiesFor(request), () => {
      watches.delete(dismissal)
      // With it whoever wanted the end knows of it.
      rmSync(dismissal, { force: true })
      answer({ over: request.watch ?? '' })
      leaveWhenIdle()
    })
    watches.set(dismissal, watch)
    answer(watch.begin())
  }
  ignoreSignals()
  // Whoever ends us from outside ends what would thaw: so it is done now.
  process.on('SIGTERM', () => {
    for (const watch of watches.values()) watch.fire()
  })
  process.on('SIGUSR2', () => {
    for (const path of [...folders].flatMap((folder) => dismissalsIn(folder, watchName(self)))) {
      const watch = watches.get(path)
      if (watch) watch.leave(wishIn(path))
      // It has ended by itself.
      else rmSync(path, { force: true })
    }
    for (const watch of watches.values()) watch.extend()
  })
  const lines = createInterface({ input: process.stdin })
  lines.on('line', begin)
  lines.on('close', () => {
    isInputOver = true
    leaveWhenIdle()
  })
}

function dismissalsIn(folder: string, guard: string): readonly string[] {
  try {
    const names = readdirSync(folder)
    return names
      .filter((name) => name.startsWith(`${guard}-`) && name.endsWith(dismissalSuffix))
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}

function wishIn(path: string): DismissalRequest | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as DismissalRequest
  } catch {
    return undefined
  }
}
