import { expect } from 'chai'
import { fault, type Effect, type Retry } from '../../../src/kernel/fault.ts'
import { decideRetry, type RetryDecision } from '../../../src/lifecycle/retry.ts'

const interval = 30_000
const effects: readonly Effect[] = ['none', 'done', 'unknown']

interface Case {
  readonly retry: Retry
  readonly after?: number
  readonly retries: number
  readonly attempt: number
  readonly deadline?: number
  readonly expected: RetryDecision
}

const again = (after: number): RetryDecision => ({ again: true, after })
const stop = (reason: 'never' | 'exhausted' | 'deadline'): RetryDecision => ({ again: false, reason })

const cases: readonly Case[] = [
  { retry: 'never', retries: -1, attempt: 1, expected: stop('never') },
  { retry: 'never', after: 5, retries: 9, attempt: 1, expected: stop('never') },
  { retry: 'now', retries: 1, attempt: 1, expected: again(0) },
  { retry: 'now', after: 7, retries: 1, attempt: 1, expected: again(7) },
  { retry: 'later', retries: 1, attempt: 1, expected: again(interval) },
  { retry: 'later', after: 0, retries: 1, attempt: 1, expected: again(0) },
  { retry: 'later', after: 5000, retries: 1, attempt: 1, expected: again(5000) },
  { retry: 'later', retries: 0, attempt: 1, expected: stop('exhausted') },
  { retry: 'now', retries: 0, attempt: 1, expected: stop('exhausted') },
  { retry: 'later', retries: 3, attempt: 3, expected: again(interval) },
  { retry: 'later', retries: 3, attempt: 4, expected: stop('exhausted') },
  { retry: 'later', retries: -1, attempt: 1_000_000, expected: again(interval) },
  { retry: 'later', retries: 3, attempt: 1, deadline: 1000 + interval, expected: stop('deadline') },
  { retry: 'later', retries: 3, attempt: 1, deadline: 1001 + interval, expected: again(interval) },
  { retry: 'now', retries: 3, attempt: 1, deadline: 1000, expected: stop('deadline') },
  { retry: 'now', retries: 3, attempt: 1, deadline: 1001, expected: again(0) },
  { retry: 'later', retries: -1, attempt: 1, deadline: 0, expected: stop('deadline') },
]

describe('the retry decision', () => {
  for (const { expected, ...given } of cases) {
    it(`${JSON.stringify(given)} -> ${JSON.stringify(expected)}, whatever the effect`, () => {
      for (const effect of effects) {
        const problem = fault('operation.failed', { effect, retry: given.retry, after: given.after })
        const state = { attempt: given.attempt, now: 1000, deadline: given.deadline }
        expect(decideRetry({ retries: given.retries, interval }, problem, state), effect).to.deep.equal(expected)
      }
    })
  }
})
