// Everything that proves what becomes of a fermata that dies: the whole crash matrix in simulation, then the tests with
// real processes and the engines that are broken on purpose. All figures come once more at the end.
//   npm run crash             all of it
//   npm run crash -- --matrix the matrix alone
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allJobs, type Job, type JobResult } from '../test/crash/matrix/jobs.ts'
import { runJobs } from '../test/crash/matrix/run-jobs.ts'

const threads = 2
/** Lines of what is wrong that are shown. */
const mostShown = 20

const titles: Readonly<Record<Job['kind'], string>> = {
  once: 'killed once',
  twice: 'killed twice',
  store: 'a commit refused',
}

const folder = mkdtempSync(join(tmpdir(), 'fermata-crash-'))
const figures = join(folder, 'figures')
writeFileSync(figures, '')
const matrix = await runMatrix()
const tests = process.argv.includes('--matrix') ? true : await runTests()
console.log(`\n${[...matrix.lines, readFileSync(figures, 'utf8').trimEnd()].join('\n')}`)
rmSync(folder, { recursive: true })
process.exitCode = matrix.isGreen && tests ? 0 : 1

async function runMatrix(): Promise<{ readonly isGreen: boolean; readonly lines: readonly string[] }> {
  const began = performance.now()
  const results = await runJobs(allJobs(), threads, ({ name, runs, wrong }) =>
    console.log(`${wrong.length === 0 ? 'ok  ' : 'FAIL'} ${name}: ${runs} runs`),
  )
  const wrong = results.flatMap((result) => result.wrong)
  for (const line of wrong.slice(0, mostShown)) console.log(`wrong: ${line}`)
  const seconds = Math.round((performance.now() - began) / 1000)
  const total = `crash matrix: ${runsOf(results)} runs in ${seconds} s, ${wrong.length} wrong`
  const kinds = (Object.keys(titles) as Job['kind'][]).map((kind) => {
    const its = results.filter((result) => result.kind === kind)
    return `  ${titles[kind]}: ${runsOf(its)} runs`
  })
  return { isGreen: wrong.length === 0, lines: [total, ...kinds] }
}

function runsOf(results: readonly JobResult[]): number {
  return results.reduce((sum, { runs }) => sum + runs, 0)
}

async function runTests(): Promise<boolean> {
  const files = ['test/crash/*.test.ts', 'test/mutation/*.test.ts']
  const child = spawn('mocha', files, {
    stdio: 'inherit',
    env: { ...process.env, FERMATA_FIGURES: figures, FERMATA_CRASH: 'full' },
  })
  const [code] = await once(child, 'close')
  return code === 0
}
