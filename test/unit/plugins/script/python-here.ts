// Whether tests that need Python can run on this machine.
import { spawnSync } from 'node:child_process'

/** Skips the suite, saying why, when there is no python3. */
export function needsPython(this: Mocha.Context): void {
  if (spawnSync('python3', ['--version']).status === 0) return
  console.warn('skipped: python3 is not on this machine')
  this.skip()
}
