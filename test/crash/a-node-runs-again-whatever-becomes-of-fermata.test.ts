// Claim: with a lease of 3 s, a node runs again within 5 s of its freeze whatever becomes of fermata meanwhile: killed,
// stopped, or its home folder deleted under it. Real processes; the writer's own log tells how long it stood still.
import { expect } from 'chai'
import { rmSync } from 'node:fs'
import type { ExecutionDetails } from '../../src/engine/api.ts'
import { homeAt } from '../../src/engine/home.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { figures, tell } from '../support/figures.ts'
import { inParallel } from '../support/in-parallel.ts'
import { thawSite, type FermataChild, type ThawSite } from '../support/thaw-site.ts'

const lease = 3000
const margin = 2000
/** How long to wait for what must come sooner. */
const patience = lease + 5 * margin
/** Sites that run side by side. */
const slots = 25

type Fate = 'SIGKILL' | 'SIGSTOP' | 'home deleted' | 'home deleted, then SIGKILL'

describe('a node that is frozen while something becomes of fermata', () => {
  it(`runs again within lease + 2 s, ${slots * 2} times for each`, async function () {
    this.timeout(180_000)
    const measured: Record<Fate, number[]> = {
      SIGKILL: [],
      SIGSTOP: [],
      'home deleted': [],
      'home deleted, then SIGKILL': [],
    }
    await inParallel(Array.from({ length: slots }), async (_none, slot) => {
      await using first = await thawSite()
      for (const name of ['one', 'two']) {
        const child = first.child(lease)
        measured.SIGSTOP.push(await stopped(first, child, `${name}-stopped`, (slot + name.length) % 2 === 0))
        measured.SIGKILL.push(await killed(first, child, `${name}-killed`))
      }
      measured['home deleted'].push(await homeless(first))
      await using second = await thawSite()
      measured['home deleted, then SIGKILL'].push(await homeless(second, 'SIGKILL'))
    })
    for (const [fate, stood] of Object.entries(measured)) {
      const { min, median, max } = figures(stood)
      tell(`lease ${lease} ms, ${fate}: ${stood.length} times, frozen at most ${max} ms, median ${median} ms`)
      expect(max, fate).to.be.at.most(lease + margin)
      // Nobody but the lease ended it. The lease begins before the freeze; on a busy machine well before.
      expect(min, fate).to.be.at.least(lease / 2)
    }
    const { SIGKILL, SIGSTOP } = measured
    const deleted = measured['home deleted'].length + measured['home deleted, then SIGKILL'].length
    expect([SIGKILL.length, SIGSTOP.length, deleted]).to.deep.equal([2 * slots, 2 * slots, 2 * slots])
  })
})

// What wakes must see that its lease is over, also when its cut comes back as if nothing had been.
async function stopped(site: ThawSite, child: FermataChild, name: string, cutEnds: boolean): Promise<number> {
  const { point, seenAt } = await child.freeze(name)
  child.signal('SIGSTOP')
  const stood = await site.stoodStill(seenAt, patience)
  site.letCutsEnd(cutEnds)
  child.signal('SIGCONT')
  expect(await child.outcome(), name).to.equal('ended failed freeze.expired')
  site.letCutsEnd(false)
  expect(await statusOfPoint(site, point), point).not.to.equal('good')
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
  expect(await statusOfPoint(site, point), point).to.equal('good')
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

async function statusOfPoint(site: ThawSite, name: string): Promise<string | undefined> {
  const store = openSqliteStore(homeAt(site.home).store)
  const rows = await store.read<{ status: string }>('select status from recovery_points where name = ?', [name])
  await store.close()
  return rows[0]?.status
}
