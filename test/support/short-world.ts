// A world in which time is short: what takes minutes is over in seconds.
import { realWorld } from '../../src/world/real-world.ts'
import type { World } from '../../src/world/world.ts'

/** Everything that is waited for takes a hundredth: what an operation has 10 minutes for is over after 6 s. */
export function shortWorld(factor = 100): World {
  const world = realWorld()
  const { clock } = world
  return {
    ...world,
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic() * factor,
      sleep: (length, signal) => clock.sleep(length / factor, signal),
    },
  }
}
