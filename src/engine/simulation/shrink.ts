// Makes a failing run smaller: faults are left out one by one, then nodes, as long as it still fails.
import { simulate } from './simulate.ts'
import { undisturbedEnd, type SeedPlan } from './seeds.ts'
import { withoutNodes } from './topology.ts'

/** The smallest plan found that still breaks a promise; the given one when it does not fail. */
export async function shrink(plan: SeedPlan): Promise<SeedPlan> {
  let smallest = plan
  for (const smaller of [withoutOneFault, withoutOneNode]) {
    for (let next: SeedPlan | undefined = smallest; next;) {
      smallest = next
      next = await firstFailing(smaller(smallest))
    }
  }
  return smallest
}

async function firstFailing(plans: readonly SeedPlan[]): Promise<SeedPlan | undefined> {
  for (const plan of plans) if (await isBroken(plan)) return plan
  return undefined
}

async function isBroken(plan: SeedPlan): Promise<boolean> {
  try {
    const { violations } = await simulate({ ...plan, undisturbed: await undisturbedEnd(plan) })
    return violations.length > 0
  } catch {
    // Without that node it does not even begin: another failure than the one looked for.
    return false
  }
}

function withoutOneFault(plan: SeedPlan): readonly SeedPlan[] {
  return plan.faults.map((fault) => ({ ...plan, faults: plan.faults.filter((other) => other !== fault) }))
}

function withoutOneNode(plan: SeedPlan): readonly SeedPlan[] {
  const { nodes } = plan.topology.prepared
  if (nodes.length < 2) return []
  return nodes.map(({ id }) => ({ ...plan, topology: withoutNodes(plan.topology, new Set([id])) }))
}
