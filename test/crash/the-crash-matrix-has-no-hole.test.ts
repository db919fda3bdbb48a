// Claim: killed anywhere, each workflow is carried on to the end it would have had; so it is when the store refuses any of
// its commits. Simulated; a sample of what `npm run crash` does in full.
import { expect } from 'chai'
import { faultPoints } from '../../src/kernel/fault-point.ts'
import { rows } from './matrix/cases.ts'
import type { Job, JobResult } from './matrix/jobs.ts'
import { runJobs } from './matrix/run-jobs.ts'

/** Every place of the smallest topology's brackets; of the others each so many-th. */
const nth = { single: 2, 'three-tier': 9, 'two-hosts': 23 }

const jobs = rows.flatMap((row): Job[] => {
  const each = nth[row.topology as keyof typeof nth]
  const isBracket = row.workflow === 'backup' || row.workflow === 'restore'
  const once: Job = { kind: 'once', row, each: row.topology === 'single' && isBracket ? 1 : each }
  return row.trouble === 'none' && isBracket ? [once, { kind: 'store', row, each }] : [once]
})
const pairs: Job = {
  kind: 'twice',
  row: { topology: 'three-tier', workflow: 'backup', trouble: 'none' },
  share: { of: 10, part: 3 },
  sample: 60,
}

describe('the crash matrix', () => {
  let results: readonly JobResult[]

  before(async function () {
    this.timeout(120_000)
    results = await runJobs([...jobs, pairs], 2)
  })

  it('is carried on to the same end, with nothing left behind, from each place of the sample', () => {
    const runs = results.reduce((sum, result) => sum + result.runs, 0)
    console.log(`      ${runs} crashes and refused commits of ${rows.length} rows; all of them: npm run crash`)
    expect(results.flatMap(({ wrong }) => wrong)).to.deep.equal([])
    expect(runs).to.be.above(1000)
  })

  it('passes every fault point of the table', () => {
    const passed = new Set(results.flatMap(({ points }) => points))
    expect(Object.keys(faultPoints).filter((name) => !passed.has(name))).to.deep.equal([])
  })
})
