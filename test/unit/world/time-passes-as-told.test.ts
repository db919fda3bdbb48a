import { expect } from 'chai'
import { getEventListeners } from 'node:events'
import { realWorld } from '../../../src/world/real-world.ts'
import { simulatedWorld } from '../../../src/world/simulated-world.ts'
import { faultOf } from '../../support/freezing-provider.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the simulated world', () => {
  it('wakes sleepers in the order of their time, each at its own', async () => {
    const { clock, advance } = simulatedWorld(1, 0)
    const woken: string[] = []
    for (const length of [30, 10, 20, 10]) void clock.sleep(length).then(() => woken.push(`${length}@${clock.now()}`))
    await advance(25)
    expect(woken).to.deep.equal(['10@10', '10@10', '20@20'])
    expect(clock.now()).to.equal(25)
    await advance(5)
    expect(woken.at(-1)).to.equal('30@30')
  })

  it('lets sleep again within one advance who sleeps in a row', async () => {
    const { clock, advance } = simulatedWorld(1, 0)
    const woken: number[] = []
    const nap = async (): Promise<void> => {
      for (let count = 0; count < 3; count++) {
        await clock.sleep(10)
        woken.push(clock.now())
      }
    }
    const napping = nap()
    await advance(100)
    await napping
    expect(woken).to.deep.equal([10, 20, 30])
  })

  it('rejects a sleep with the reason of its signal, before and during it', async () => {
    const world = simulatedWorld(1, 0)
    const abort = new AbortController()
    const reason = new Error('enough')
    const sleeping = faultOf(world.clock.sleep(10, abort.signal))
    abort.abort(reason)
    expect(await sleeping).to.equal(reason)
    expect(await faultOf(world.clock.sleep(10, abort.signal))).to.equal(reason)
    expect(world.sleeping).to.equal(0)
  })

  it('leaves no listener on the signal of a sleep that ended', async () => {
    const world = simulatedWorld(1, 0)
    const { signal } = new AbortController()
    const sleeps = Array.from({ length: 20 }, () => world.clock.sleep(10, signal))
    await world.advance(10)
    await Promise.all(sleeps)
    expect(getEventListeners(signal, 'abort')).to.deep.equal([])
  })

  it('gives the same ids and texts for the same seed, and others for another', () => {
    const drawn = (seed: number): string[] => {
      const world = simulatedWorld(seed)
      return [world.newId(), world.newId(), world.randomText(8, 'abc')]
    }
    expect(drawn(7)).to.deep.equal(drawn(7))
    expect(drawn(7)).not.to.deep.equal(drawn(8))
    expect(new Set(drawn(7)).size).to.equal(3)
    expect(drawn(0)[0]).to.match(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })
})

describe('the real world', () => {
  const { clock, newId, randomText } = realWorld()

  it('sleeps at least as long as asked', async () => {
    const begin = clock.monotonic()
    await clock.sleep(15)
    expect(clock.monotonic() - begin).to.be.at.least(14)
  })

  it('rejects with the reason of the signal, at once when it has aborted', async () => {
    const reason = new Error('enough')
    const abort = new AbortController()
    const sleeping = faultOf(clock.sleep(60_000, abort.signal))
    abort.abort(reason)
    expect(await sleeping).to.equal(reason)
    expect(await faultOf(clock.sleep(60_000, abort.signal))).to.equal(reason)
  })

  it('leaves no listener on the signal of a sleep that ended', async () => {
    const { signal } = new AbortController()
    await clock.sleep(1, signal)
    expect(getEventListeners(signal, 'abort')).to.deep.equal([])
  })

  it('sleeps longer than a timer can', async () => {
    for (const length of [2 ** 31, 90 * 86_400_000, Infinity]) {
      const abort = new AbortController()
      let isAwake = false
      const sleeping = clock.sleep(length, abort.signal).then(
        () => (isAwake = true),
        () => {},
      )
      await clock.sleep(5)
      await turn()
      expect(isAwake, String(length)).to.equal(false)
      abort.abort()
      await sleeping
    }
  })

  it('draws every letter of an alphabet about as often as any other', () => {
    const counts = new Map<string, number>()
    for (const letter of randomText(30_000, 'abc')) counts.set(letter, (counts.get(letter) ?? 0) + 1)
    for (const count of counts.values()) expect(count).to.be.within(9000, 11_000)
    expect(randomText(0, 'abc')).to.equal('')
    expect(newId()).not.to.equal(newId())
  })
})
