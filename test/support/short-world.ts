// A world in which time is short: what takes minutes is over in seconds.
import { realWorld } from '../../src/world/real-world.ts'
import type { World } from '../../src/world/world.ts'

/** Everything that is waited for takes a hundredth: what an operation has 10 minutes for is over after 6 s. */
export function shortWorld(factor = 100): World {
  const world = realWorld()
  return {
    ...world,
    clock: {
      now: () => world.clock.now(),
      monotonic: () => heeded() * factor,
      async sleep(length, signal) {
        // At first as long as it should be; what this process was kept from its work is added.
        const until = heeded() + length / factor
        let left = length / factor
        do {
          await world.clock.sleep(left, signal)
          left = until - heeded()
        } while (left > 0)
      },
    },
  }
}

// A server in this process had no time to answer while the machine was busy with others, and the hundredth of a deadline is
// soon over then: whatever a turn of the loop takes longer than a beat does not count.
const beat = 5
let counted = 0
let last: number | undefined

/** In ms: the time that this process had for its work. */
function heeded(): number {
  if (last === undefined) {
    last = performance.now()
    setInterval(count, beat).unref()
  }
  return counted + Math.min(performance.now() - last, beat)
}

function count(): void {
  counted = heeded()
  last = performance.now()
}
