// What every refusal of the command line has to be: one screen, to the point, without a stack, and with the right exit code.
import { expect } from 'chai'
import type { CliResult } from './cli.ts'

export interface Refusal {
  readonly code: number
  /** Each must stand in the message: the file and line, the key, the id. */
  readonly says: readonly (string | RegExp)[]
  /** What to do about it; undefined where nothing can be advised. */
  readonly hint?: string | RegExp
}

export function expectRefusal(result: CliResult, { code, says, hint }: Refusal): void {
  const { stderr } = result
  expect(result.code, stderr).to.equal(code)
  expect(stderr.trimEnd().split('\n').length, stderr).to.be.within(1, 24)
  expect(stderr).to.not.match(/^\s+at .*(\.ts|node:)/m)
  expect(stderr).to.not.contain('engine.unexpected')
  expect(stderr).to.match(/^error: .*\[[a-z]+\.[a-z_]+\]/m)
  for (const words of says) expect(stderr).to.match(asPattern(words))
  if (hint === undefined) return
  const hints = stderr.split('\n').filter((line) => /^\s*hint:? /.test(line))
  expect(hints.join('\n'), stderr).to.match(asPattern(hint))
}

const asPattern = (words: string | RegExp): RegExp =>
  words instanceof RegExp ? words : new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
