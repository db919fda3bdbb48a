// Runs a part of the crash matrix over the engine beside it, and stops at the first thing that is wrong.
import { doJob, type Job } from '../crash/matrix/jobs.ts'
import type { Row } from '../crash/matrix/cases.ts'

const row = (workflow: Row['workflow'], trouble: Row['trouble'] = 'none'): Row => ({
  topology: 'three-tier',
  workflow,
  trouble,
})

const jobs: readonly Job[] = [
  { kind: 'once', row: row('backup', 'hung'), each: 5 },
  { kind: 'once', row: row('backup'), each: 3 },
  { kind: 'once', row: row('restore'), each: 7 },
  { kind: 'once', row: row('remove_backup'), each: 7 },
]

let runs = 0
for (const job of jobs) {
  const result = await doJob(job)
  runs += result.runs
  if (result.wrong[0] === undefined) continue
  console.log(result.wrong[0])
  process.exit(1)
}
console.log(`nothing is wrong with ${runs} runs`)
