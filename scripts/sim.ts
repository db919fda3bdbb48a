// Runs simulated executions by seed, on several threads: `npm run sim`. With --seed one is run again, --verbose shows its log.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { parseArgs } from 'node:util'
import { Coverage } from '../src/engine/simulation/coverage.ts'
import { passageText } from '../src/engine/simulation/event-text.ts'
import { joinResults, runSeeds, type FailedSeed, type SeedsResult } from '../src/engine/simulation/run-seeds.ts'
import { planOfSeed, runPlan } from '../src/engine/simulation/seeds.ts'
import { formatDuration } from '../src/kernel/duration.ts'
import { faultPoints } from '../src/kernel/fault-point.ts'

interface Share {
  readonly from: number
  readonly count: number
}

/** Of a mistake that many seeds find, a few are enough. */
const mostTold = 10

if (isMainThread) await main()
else parentPort?.postMessage(await runSeeds(workerData as Share))

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      from: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '10000' },
      threads: { type: 'string', default: '2' },
    },
  })
  if (values.seed !== undefined) return replay(Number(values.seed), values.verbose)
  const [from, count, threads] = [values.from, values.seeds, values.threads].map(Number) as [number, number, number]
  const begun = performance.now()
  const result = joinResults(await Promise.all(shares(from, count, threads).map(inThread)))
  report(result, performance.now() - begun)
}

async function replay(seed: number, isVerbose: boolean): Promise<void> {
  const plan = planOfSeed(seed)
  const { topology, workflow, lease, parameters, faults } = plan
  console.log(
    `seed ${seed}: ${workflow} on ${topology.name}, lease ${formatDuration(lease)} ${JSON.stringify(parameters)}`,
  )
  for (const fault of faults) console.log(`  ${JSON.stringify(fault)}`)
  const result = await runPlan(plan)
  if (isVerbose) {
    console.log(`\nWhat was passed:\n${result.passages.map(passageText).join('\n')}`)
    console.log(`\nThe events:\n${result.log}`)
  }
  console.log(`\n${result.status} after ${formatDuration(result.length)} and ${result.lives} engines`)
  for (const { fault, passage } of result.strikes) console.log(`  ${fault.kind} at ${passageText(passage)}`)
  for (const { promise, message } of result.violations) console.log(`  BROKEN ${promise}: ${message}`)
  if (result.violations.length === 0) console.log('  all promises kept')
  else process.exitCode = 1
}

function shares(from: number, count: number, threads: number): readonly Share[] {
  const each = Math.ceil(count / threads)
  return Array.from({ length: threads }, (_none, index) => ({
    from: from + index * each,
    count: Math.max(0, Math.min(each, count - index * each)),
  }))
}

function inThread(share: Share): Promise<SeedsResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share, argv: [] })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`a thread ended with ${code} and told nothing`)))
  })
}

function report(result: SeedsResult, took: number): void {
  const counts = (of: Readonly<Record<string, number>>): string =>
    Object.entries(of)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')
  const coverage = new Coverage()
  for (const [name, count] of Object.entries(result.cells)) coverage.addNamed(name, count)
  console.log(`${result.seeds} seeds in ${formatDuration(took)}: ${counts(result.ends)}`)
  console.log(`faults: ${counts(result.faults)}`)
  console.log(`engines killed: ${result.crashes}; longest freeze ${formatDuration(result.longestFreeze)}`)
  console.log(`run twice with the same event log: ${result.repeated}`)
  const { empty } = coverage
  console.log(
    `corners (workflow x fault x phase): ${coverage.counts.size}, each visited at least ${coverage.least} times`,
  )
  if (empty.length > 0) console.log(`NEVER VISITED: ${empty.join(', ')}`)
  const unpassed = Object.keys(faultPoints).filter((name) => result.points[name] === undefined)
  console.log(`fault points passed: ${Object.keys(result.points).length} of ${Object.keys(faultPoints).length}`)
  if (unpassed.length > 0) console.log(`NEVER PASSED: ${unpassed.join(', ')}`)
  for (const failed of result.failed.slice(0, mostTold)) tell(failed)
  console.log(result.failed.length === 0 ? 'all promises kept' : `${result.failed.length} seeds broke a promise`)
  const isWhole = result.seeds < 5000 || (empty.length === 0 && unpassed.length === 0)
  process.exitCode = result.failed.length === 0 && isWhole ? 0 : 1
}

function tell({ seed, violations, smallest }: FailedSeed): void {
  for (const { promise, message } of violations.slice(0, 3)) console.log(`BROKEN ${promise}: ${message}`)
  console.log(`  smallest: ${JSON.stringify(smallest)}`)
  console.log(`  again: npm run sim -- --seed ${seed} --verbose`)
}
