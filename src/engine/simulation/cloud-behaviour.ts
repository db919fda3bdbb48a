// How the cloud of a simulated run behaves: latencies drawn from the seed, and the faults that the plan lets happen.
import type { Duration, Instant } from '../../kernel/duration.ts'
import {
  promptManner,
  type Behaviour,
  type Manner,
  type SimCall,
  type SimFate,
} from '../../plugins/sim/cloud/behaviour.ts'
import type { Random } from '../../world/simulation/random.ts'
import type { Timeline } from '../../world/simulation/timeline.ts'
import { isOfCloud, type SimulatedFault } from './fault-plan.ts'

export interface CloudFaults {
  readonly behaviour: Behaviour
  /** Lets the fault happen to the call that is about to be made, or to its node. */
  strike(fault: SimulatedFault, node: string): void
}

export function cloudBehaviour(
  random: Random,
  timeline: Timeline,
  onStage: (stage: 'before' | 'effect' | 'after', call: SimCall) => void,
): CloudFaults {
  const usual: Duration = random.whole(1, 40)
  const partitions = new Map<string, Instant>()
  let next: SimulatedFault | undefined
  const behaviour: Behaviour = {
    manner() {
      const there = 1 + Math.floor(random.next() * usual)
      const back = 1 + Math.floor(random.next() * usual)
      // Now and then something takes much longer, as everywhere.
      const slowness = random.chance(0.02) ? 1 + 4 * random.next() : 0.5 + random.next()
      const manner: Manner = { ...promptManner, there, back, slowness }
      const fault = next
      next = undefined
      return fault ? afflicted(manner, fault) : manner
    },
    reachableAt: (node, now) => Math.max(now, partitions.get(node) ?? now),
    listDelay: random.chance(0.5) ? 0 : random.whole(100, 3000),
    hangsUntil: (now) => now + random.whole(20_000, 60_000),
    onStage,
  }
  return {
    behaviour,
    strike(fault, node) {
      if (fault.kind === 'partition') partitions.set(node, timeline.now + (fault.length ?? 2000))
      else if (isOfCloud(fault.kind)) next = fault
    },
  }
}

function afflicted(manner: Manner, fault: SimulatedFault): Manner {
  if (fault.kind === 'slow') return { ...manner, slowness: manner.slowness * (fault.factor ?? 10) }
  return { ...manner, fate: fault.kind as SimFate, later: fault.length ?? 1000 }
}
