// Scripts tell by the exit code what happened: no two outcomes share one, and each is explained.
import { expect } from 'chai'
import { exitCodeMeanings, exitCodes } from '../../../src/cli/exit-codes.ts'

describe('exit codes', () => {
  it('differ from each other', () => {
    expect(new Set(Object.values(exitCodes)).size).to.equal(Object.keys(exitCodes).length)
  })

  it('are each explained, in the order of their numbers', () => {
    const explained = Object.keys(exitCodeMeanings) as (keyof typeof exitCodes)[]
    const inOrder = Object.entries(exitCodes)
      .toSorted(([, left], [, right]) => left - right)
      .map(([name]) => name)
    expect(explained).to.deep.equal(inOrder)
  })
})
