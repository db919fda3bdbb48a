import { expect } from 'chai'
import { runInThisContext } from 'node:vm'
import { Life } from '../../src/world/simulation/life.ts'
import { seededRandom } from '../../src/world/simulation/random.ts'
import { Timeline } from '../../src/world/simulation/timeline.ts'
import { takeGlobals } from '../../src/world/simulation/globals.ts'
import { realWorld } from '../../src/world/real-world.ts'

describe('virtual time', () => {
  const timelineOf = (seed: number): Timeline => new Timeline(seededRandom(seed))
  const lifeOn = (timeline: Timeline): Life => new Life({ timeline, random: seededRandom('life') })

  it('moves from one event to the next, and only when everything stands still', async () => {
    const timeline = timelineOf(1)
    const { clock } = lifeOn(timeline).world
    const seen: string[] = []
    const worker = async (name: string, length: number): Promise<void> => {
      for (let count = 0; count < 2; count++) {
        await clock.sleep(length)
        await new Promise((resolve) => setImmediate(resolve))
        seen.push(`${name} ${clock.now() - timeline.start}`)
      }
    }
    void worker('slow', 3000)
    void worker('quick', 1000)
    expect(await timeline.run(() => seen.length === 4, 10_000)).to.equal('done')
    expect(seen).to.deep.equal(['quick 1000', 'quick 2000', 'slow 3000', 'slow 6000'])
  })

  it('says when nothing is left to happen, and when the limit comes first', async () => {
    const timeline = timelineOf(1)
    expect(await timeline.run(() => false, 1000)).to.equal('stuck')
    timeline.after(5000, () => {})
    expect(await timeline.run(() => false, 1000)).to.equal('late')
    expect(timeline.now - timeline.start).to.equal(1000)
  })

  it('lets the seed decide what comes first of things due at once', async () => {
    const orders = new Set<string>()
    for (let seed = 1; seed <= 20; seed++) {
      const timeline = timelineOf(seed)
      const seen: string[] = []
      for (const name of ['a', 'b', 'c']) timeline.after(10, () => seen.push(name))
      await timeline.run(() => seen.length === 3, 100)
      orders.add(seen.join(''))
    }
    expect(orders.size).to.be.above(3)
  })

  it('never goes on for a life that was killed, and goes on later for one that was stopped', async () => {
    const timeline = timelineOf(1)
    const [killed, stopped] = [lifeOn(timeline), lifeOn(timeline)]
    const seen: string[] = []
    const note = (name: string, life: Life): void => {
      void life.world.clock.sleep(100).then(() => seen.push(`${name} ${timeline.now - timeline.start}`))
    }
    note('killed', killed)
    note('stopped', stopped)
    timeline.after(50, () => {
      killed.kill()
      stopped.pause()
      void killed.world.point?.('step.intended').then(() => seen.push('a dead life passed a point'))
      void killed.world.clock.sleep(1).then(() => seen.push('a dead life slept'))
    })
    timeline.after(500, () => stopped.resume())
    await timeline.run(() => false, 1000)
    expect(seen).to.deep.equal(['stopped 500'])
  })

  it('ends a sleep that is aborted', async () => {
    const timeline = timelineOf(1)
    const { clock } = lifeOn(timeline).world
    const stop = new AbortController()
    const ended = clock.sleep(1000, stop.signal).catch((reason: unknown) => reason)
    timeline.after(10, () => stop.abort('enough'))
    await timeline.run(() => false, 100)
    expect(await ended).to.equal('enough')
  })

  it('keeps the clock of the machine from our own code, and from nobody else', () => {
    const giveBack = takeGlobals({ now: () => 42, soon: () => {} })
    const { now, random } = { now: Date.now, random: Math.random }
    try {
      // As if a file of ours called it.
      const ours = runInThisContext('(call) => call()', { filename: '/x/src/engine/leak.ts' }) as (
        call: () => number,
      ) => number
      expect(() => ours(now)).to.throw(TypeError, 'Date.now is out of reach')
      expect(() => ours(random)).to.throw(TypeError, 'Math.random is out of reach')
      expect(realWorld().clock.now()).to.be.above(1_000_000)
    } finally {
      giveBack()
    }
    expect(Date.now).to.not.equal(now)
  })
})
