// Claim: what the crash matrix shows in simulation holds for real processes: killed or stopped at a fault point, fermata
// leaves nobody frozen beyond the lease, and a resume ends the backup. The points are drawn from a seed that is printed.
import { expect } from 'chai'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { homeAt } from '../../src/engine/home.ts'
import { seededRandom } from '../../src/world/simulation/random.ts'
import { eventually } from '../support/cli.ts'
import { figures, tell } from '../support/figures.ts'
import { inParallel } from '../support/in-parallel.ts'
import { isStopped, thawSite, type FermataChild, type ThawSite } from '../support/thaw-site.ts'

const lease = 1500
const margin = 2000
const seed = Number(process.env['FERMATA_SEED'] ?? 20_260_104)
const lanes = 5
const pointsPerLane = 4
const signals = ['SIGKILL', 'SIGSTOP'] as const

interface Stop {
  readonly point: string
  readonly ordinal: number
  readonly signal: (typeof signals)[number]
}

describe('fermata', () => {
  it(`killed or stopped at ${lanes * pointsPerLane} points of a backup is carried on (FERMATA_SEED=${seed})`, async function () {
    this.timeout(120_000)
    const sites = await inParallel(Array.from({ length: lanes }), () => thawSite())
    await using stack = new AsyncDisposableStack()
    for (const site of sites) {
      stack.use(site)
      site.letCutsEnd(true)
    }
    const stops = drawn(await passedIn(sites[0] as ThawSite))
    const times = await inParallel(sites, async (site, lane) => {
      const frozen: number[] = []
      for (const [index, stop] of stops.entries())
        if (index % lanes === lane) frozen.push(await stopAt(site, stop, `backup${index}`))
      return frozen
    })
    const { max } = figures(times.flat())
    const inFreeze = times.flat().filter((time) => time > 0).length
    tell(`${stops.length} deaths and stops at points of real processes, ${inFreeze} while frozen, at most ${max} ms`)
    expect(max).to.be.at.most(lease + margin)
    expect(inFreeze).to.be.above(3)
  })
})

/** Every point that an undisturbed backup passes, each with its number. */
async function passedIn(site: ThawSite): Promise<readonly Omit<Stop, 'signal'>[]> {
  const child = site.child(lease, 'list')
  child.begin('listed')
  const counts = new Map<string, number>()
  const passed: Omit<Stop, 'signal'>[] = []
  for (;;) {
    const said = await child.outcome()
    if (said.startsWith('ended')) {
      expect(said).to.equal('ended terminated ')
      await child.close()
      return passed
    }
    const [word, point = ''] = said.split(' ')
    if (word !== 'passed') continue
    counts.set(point, (counts.get(point) ?? 0) + 1)
    passed.push({ point, ordinal: counts.get(point) ?? 0 })
  }
}

function drawn(passed: readonly Omit<Stop, 'signal'>[]): readonly Stop[] {
  const random = seededRandom(seed)
  const left = [...passed]
  return Array.from({ length: lanes * pointsPerLane }, (_none, index) => {
    const [one] = left.splice(random.whole(0, left.length - 1), 1)
    return { ...(one ?? { point: 'step.intended', ordinal: 1 }), signal: signals[index % 2] ?? 'SIGKILL' }
  })
}

/** How long the writer stood still, 0 when it did not. */
async function stopAt(site: ThawSite, stop: Stop, name: string): Promise<number> {
  const { signal, point, ordinal } = stop
  const what = `${signal} at ${point} ${ordinal}`
  const child = site.child(lease, signal, point, String(ordinal))
  child.begin(name)
  await eventually(`${what}: it came to that point`, () => isOver(child, signal))
  const seenAt = Date.now()
  const wasFrozen = isStopped(site.pid)
  const frozen = wasFrozen ? await site.stoodStill(seenAt, lease + 3 * margin) : 0
  let isGood = false
  if (signal === 'SIGSTOP') {
    child.signal('SIGCONT')
    const said = await lastWord(child)
    expect(said, what).to.be.oneOf(['ended terminated ', 'ended failed freeze.expired'])
    isGood = said === 'ended terminated '
    // What stood still until its lease ended was not cut in that freeze, unless the cut was through already.
    if (wasFrozen && !/^(bracket\.cut|thaw\.|step\.)/.test(point)) expect(isGood, what).to.equal(false)
  }
  await child.close()
  await carryOn(site, what, name, isGood)
  return frozen
}

async function carryOn(site: ThawSite, what: string, name: string, isEnded: boolean): Promise<void> {
  const execution = (await site.fermata.executions.list()).at(-1)
  if (!isEnded && execution?.status !== 'terminated') {
    const resumed = await site.fermata.executions.resume(execution?.id ?? '')
    expect(resumed.status, `${what}: ${resumed.error?.message}`).to.equal('terminated')
  }
  const store = openSqliteStore(homeAt(site.home).store)
  const rows = await store.read<{ status: string }>('select status from recovery_points where name = ?', [name])
  await store.close()
  expect(rows, what).to.deep.equal([{ status: 'good' }])
  expect((await site.fermata.status()).frozen, what).to.deep.equal([])
  expect(isStopped(site.pid), what).to.equal(false)
}

function isOver(child: FermataChild, signal: string): boolean {
  if (signal === 'SIGSTOP') return isStopped(child.pid)
  return child.isGone
}

async function lastWord(child: FermataChild): Promise<string> {
  for (;;) {
    const said = await child.outcome()
    if (said !== 'cutting') return said
  }
}
