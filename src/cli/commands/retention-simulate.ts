// `retention simulate`: what rules would keep of backups made at regular times. Needs no deployment.
import { parseDuration, type Instant } from '../../kernel/duration.ts'
import { fault } from '../../kernel/fault.ts'
import { isEmptyPolicy, lengthText, policyText } from '../../schedule/retention/policy.ts'
import { simulateRetention, type SimulatedRetention } from '../../schedule/retention/simulate.ts'
import { simulatedWorld } from '../../world/simulated-world.ts'
import type { Call } from '../call.ts'
import type { CommandDefinition } from '../definition.ts'
import { shortTime } from '../instant-text.ts'
import { readRetention, retentionNotes, retentionOptions } from '../retention-options.ts'
import { sparkline } from '../sparkline.ts'
import { tableText } from '../table.ts'

const stripWidth = 60
const day = 86_400_000

export const retentionSimulate: CommandDefinition = {
  words: 'retention simulate',
  summary: 'say what rules would keep of backups made at regular times',
  options: [
    { flags: '--every <time>', description: 'how often there is a backup, such as 6h', isRequired: true },
    { flags: '--for <time>', description: 'how long that goes on, such as 90d', isRequired: true },
    { flags: '--start <date>', description: 'when it begins, as 2026-01-31 or 2026-01-31T06:00Z (default: today)' },
    { flags: '--failure-rate <rate>', description: 'how many fail, from 0 to 1 (default: 0)' },
    { flags: '--seed <number>', description: 'which of them fail (default: 1)' },
    ...retentionOptions,
  ],
  notes: retentionNotes,
  examples: ['fermata retention simulate --keep-last 4 --keep-daily 7 --keep-weekly 4 --every 6h --for 90d'],
  async run(call) {
    const simulation = readSimulation(call)
    const outcome = simulateRetention(simulation)
    if (call.isJson) return call.printJson(jsonOf(simulation.policy, outcome))
    if (call.isQuiet) return outcome.kept.forEach(({ copy }) => call.print(shortTime(copy.createdAt)))
    const failed = outcome.taken.filter(({ copy }) => copy.status !== 'good').length
    const counts = widest(outcome.counts)
    call.printFields([
      ['rules', policyText(simulation.policy)],
      ['backups', `${outcome.taken.length}, one every ${lengthText(simulation.every)}, ${failed} failed`],
      ['kept at the end', outcome.kept.length],
      ['at the same time', `${Math.min(...outcome.counts)} to ${Math.max(...outcome.counts)}`],
    ])
    const [first, last] = [outcome.taken[0], outcome.taken.at(-1)].map((one) => shortTime(one?.copy.createdAt ?? null))
    call.print(`\n${first}  ${strip(outcome)}  ${last}`)
    call.print(`${''.padEnd(first?.length ?? 0)}  ${sparkline(counts)}  how many there were`)
    call.print('# kept   x failed, kept   . deleted\n')
    const rows = outcome.kept.map(({ copy, reasons }) => [shortTime(copy.createdAt), copy.status, reasons.join('; ')])
    call.print(await tableText({ head: ['KEPT (UTC)', 'STATUS', 'BECAUSE'], rows, paint: call.paint }))
  },
}

function readSimulation(call: Call): Parameters<typeof simulateRetention>[0] {
  const policy = readRetention(call)
  if (isEmptyPolicy(policy)) {
    const hint = 'give a rule, such as --keep-last 3 or --keep-daily 7'
    throw fault('usage.bad_argument', { details: { message: 'it is not said what to keep' }, hint })
  }
  const world = simulatedWorld(call.wholeNumber('seed', '--seed', 1) ?? 1)
  return {
    policy,
    start: readStart(call),
    every: parseDuration(call.text('every') ?? ''),
    length: parseDuration(call.text('for') ?? ''),
    failureRate: readRate(call),
    chance: () => Number(`0.${world.randomText(9, '0123456789')}`),
  }
}

function readStart(call: Call): Instant {
  const text = call.text('start')
  if (text === undefined) return Math.floor(call.host.world.clock.now() / day) * day
  const start = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/.test(text) ? Date.parse(text) : NaN
  if (Number.isFinite(start)) return start
  const message = `--start wants a date such as 2026-01-31 or 2026-01-31T06:00Z, not '${text}'`
  throw fault('usage.bad_argument', { details: { message } })
}

function readRate(call: Call): number {
  const text = call.text('failureRate') ?? '0'
  const rate = /^\d*\.?\d+$/.test(text) ? Number(text) : NaN
  if (rate >= 0 && rate <= 1) return rate
  throw fault('usage.bad_argument', {
    details: { message: `--failure-rate wants a number from 0 to 1, not '${text}'` },
  })
}

/** One character for each backup, or for several of them when there are many. */
function strip({ taken }: SimulatedRetention): string {
  return buckets(taken)
    .map((bucket) => {
      const kept = bucket.filter(({ isKept }) => isKept)
      if (kept.length === 0) return '.'
      return kept.some(({ copy }) => copy.status === 'good') ? '#' : 'x'
    })
    .join('')
}

const widest = (counts: readonly number[]): number[] => buckets(counts).map((bucket) => Math.max(...bucket))

function buckets<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const count = Math.min(stripWidth, items.length)
  const edge = (index: number): number => Math.floor((index * items.length) / count)
  return Array.from({ length: count }, (_, index) => items.slice(edge(index), edge(index + 1)))
}

function jsonOf(policy: ReturnType<typeof readRetention>, { taken, kept, counts }: SimulatedRetention): unknown {
  return {
    policy,
    backups: taken.map(({ copy: { createdAt, status }, isKept }) => ({ createdAt, status, isKept })),
    kept: kept.map(({ copy: { createdAt, status }, reasons }) => ({ createdAt, status, reasons })),
    counts,
  }
}
