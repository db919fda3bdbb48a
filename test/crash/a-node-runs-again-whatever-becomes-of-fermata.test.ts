// Claim: with a lease of 3 s, a node runs again within 5 s of its freeze whatever becomes of fermata meanwhile: killed,
// stopped, or its home folder deleted under it. Real processes; the writer's own log tells how long it stood still.
import { expect } from 'chai'
import { rmSync } from 'node:fs'
import type { ExecutionDetails } from '../../src/engine/api.ts'
import { homeAt } from '../../src/engine/home.ts'
import type { FreezePolicy } from '../../src/plugins/contract/workflow.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { figures, tell } from '../support/figures.ts'
import { inParallel } from '../support/in-parallel.ts'
import { thawSite, type FermataChild, type FreezeBy, type ThawSite } from '../support/thaw-site.ts'

const lease = 3000
const margin = 2000
/** How long to wait for what must come sooner. */
const patience = lease + 5 * margin
/** `npm run crash` does all of it; with the other tests a part has to do. */
const isFull = process.env['FERMATA_CRASH'] === 'full'
/** Sites that run side by side: as many as two cores can do without being late themselves. */
const atOnce = 12
/** By what freezes the writer: the plugin, or scripts of the blueprint. */
const slots: Readonly<Record<FreezeBy, number>> = isFull ? { process: 25, script: 5 } : { process: 8, script: 2 }

type Fate = 'SIGKILL' | 'SIGSTOP' | 'home deleted' | 'home deleted, then SIGKILL'

describe('a node that is frozen while something becomes of fermata', () => {
  it(`runs again within lease + 2 s, ${2 * slots.process} times for each fate, ${2 * slots.script} when scripts freeze it`, async function () {
    this.timeout(600_000)
    const kinds = (['process', 'script'] as const).flatMap((by) => Array.from({ length: slots[by] }, () => by))
    const sites = kinds.flatMap((by, slot) => [endInOrder, endTwice].map((end) => ({ by, slot, end })))
    const measured = (await inParallel(sites, ({ by, slot, end }) => end(by, slot), atOnce)).flat()
    for (const by of ['process', 'script'] as const) {
      const fates = new Set(measured.map(({ fate }) => fate))
      for (const fate of fates) {
        const its = measured.filter((one) => one.by === by && one.fate === fate)
        const { min, median, max } = figures(its.map(({ stood }) => stood))
        tell(`${by}, ${fate}: ${its.length} times, lease ${lease} ms, frozen at most ${max} ms, median ${median} ms`)
        expect(its.length).to.equal(slots[by] * (fate.startsWith('SIG') ? 2 : 1))
        expect(max, fate).to.be.at.most(lease + margin)
        // Nobody but the lease ended it. The lease begins before the freeze; on a busy machine well before.
        expect(min, fate).to.be.at.least(lease / 2)
      }
    }
  })
})

interface Measured {
  readonly by: FreezeBy
  readonly fate: Fate
  /** Milliseconds. */
  readonly stood: number
}

async function endInOrder(by: FreezeBy, slot: number): Promise<readonly Measured[]> {
  const measured: Measured[] = []
  const meet = async (fate: Fate, stood: Promise<number>): Promise<void> => {
    measured.push({ by, fate, stood: await stood })
  }
  await using site = await thawSite(by)
  for (const [name, policy] of [
    ['one', 'require'],
    ['other', 'prefer'],
  ] as const) {
    const child = site.child(lease)
    const woken = { policy, cutEnds: policy === 'prefer' || slot % 2 === 0 }
    await meet('SIGSTOP', stopped(site, child, `${name}-stopped`, woken))
    await meet('SIGKILL', killed(site, child, `${name}-killed`))
  }
  await meet('home deleted', homeless(site))
  return measured
}

async function endTwice(by: FreezeBy): Promise<readonly Measured[]> {
  await using site = await thawSite(by)
  return [{ by, fate: 'home deleted, then SIGKILL', stood: await homeless(site, 'SIGKILL') }]
}

interface Woken {
  readonly policy: FreezePolicy
  /** Whether its cut comes back as if nothing had been; else it never does. */
  readonly cutEnds: boolean
}

// What wakes must see that its lease is over, and say so: it fails, or it labels the backup down where that is allowed.
async function stopped(site: ThawSite, child: FermataChild, name: string, woken: Woken): Promise<number> {
  const { point, seenAt } = await child.freeze(name, woken.policy)
  child.signal('SIGSTOP')
  const stood = await site.stoodStill(seenAt, patience)
  site.letCutsEnd(woken.cutEnds)
  child.signal('SIGCONT')
  const isAllowed = woken.policy === 'prefer'
  expect(await child.outcome(), point).to.equal(isAllowed ? 'ended terminated ' : 'ended failed freeze.expired')
  site.letCutsEnd(false)
  const { status, consistency } = await pointIn(site, point)
  if (isAllowed) expect([status, consistency], point).to.deep.equal(['good', 'crash'])
  else expect(status, point).not.to.equal('good')
  await nothingFrozen(site)
  return stood
}

async function killed(site: ThawSite, child: FermataChild, name: string): Promise<number> {
  const { point, seenAt } = await child.freeze(name)
  child.signal('SIGKILL')
  const stood = await site.stoodStill(seenAt, patience)
  await child.close()
  site.letCutsEnd(true)
  const resumed = await carryOn(site)
  site.letCutsEnd(false)
  expect(resumed.status, resumed.error?.message).to.equal('terminated')
  expect((await pointIn(site, point)).status, point).to.equal('good')
  await nothingFrozen(site)
  return stood
}

async function carryOn({ fermata }: ThawSite): Promise<ExecutionDetails> {
  const id = (await fermata.executions.list()).at(-1)?.id ?? ''
  for (let attempt = 1; ; attempt++) {
    const resumed = await fermata.executions.resume(id)
    if (resumed.error?.code !== 'freeze.expired' || attempt === 5) return resumed
  }
}

async function homeless(site: ThawSite, signal?: NodeJS.Signals): Promise<number> {
  const child = site.child(lease)
  const { seenAt } = await child.freeze('homeless')
  await site.fermata[Symbol.asyncDispose]()
  rmSync(site.home, { recursive: true, force: true })
  if (signal) child.signal(signal)
  const stood = await site.stoodStill(seenAt, patience)
  expect(await child.outcome()).not.to.include('terminated')
  await child.close()
  return stood
}

async function nothingFrozen(site: ThawSite): Promise<void> {
  expect((await site.fermata.status()).frozen).to.deep.equal([])
}

interface PointRow {
  readonly status?: string
  readonly consistency?: string
}

async function pointIn(site: ThawSite, name: string): Promise<PointRow> {
  const store = openSqliteStore(homeAt(site.home).store)
  const rows = await store.read<PointRow>('select status, consistency from recovery_points where name = ?', [name])
  await store.close()
  return rows[0] ?? {}
}
