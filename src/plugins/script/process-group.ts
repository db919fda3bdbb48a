// Ends process groups: politely, then for certain, and never leaves one behind when this process itself exits.
import { readdirSync, readFileSync } from 'node:fs'
import { seconds } from '../../kernel/duration.ts'
import type { World } from '../../world/world.ts'

const grace = seconds(5)
const glance = 20

/** SIGTERM to the group, and SIGKILL to what is left of it after five seconds. Resolves when none of it lives. */
export async function endGroup(group: number, world: World): Promise<void> {
  sendSignal(group, 'SIGTERM')
  if (await hasEnded(group, world)) return
  sendSignal(group, 'SIGKILL')
  // Who hangs in a call to the system, on a disk that is frozen for one, dies only afterwards: the thaw must not wait.
  await hasEnded(group, world)
}

/** False when some of it still lives after the grace. */
async function hasEnded(group: number, world: World): Promise<boolean> {
  const deadline = world.clock.monotonic() + grace
  while (isAlive(group)) {
    if (world.clock.monotonic() >= deadline) return false
    await world.clock.sleep(glance)
  }
  return true
}

/** Kills the group if we exit before `release` is called: a group of its own does not get the terminal's interrupt. */
export function guardGroup(group: number): { release(): void } {
  if (guarded.size === 0) process.on('exit', killGuarded)
  guarded.add(group)
  return {
    release: () => {
      guarded.delete(group)
      if (guarded.size === 0) process.off('exit', killGuarded)
    },
  }
}

const guarded = new Set<number>()
const killGuarded = (): void => guarded.forEach((group) => sendSignal(group, 'SIGKILL'))

function isAlive(group: number): boolean {
  return sendSignal(group, 0) && livingMembers(group) !== 0
}

/** False when the group is no more. */
function sendSignal(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal)
  } catch {
    return false
  }
}

/**
 * How many of the group are no zombies; undefined where the system has no /proc. In a container whose first process
 * collects nobody, a group of zombies would look alive for ever.
 */
function livingMembers(group: number): number | undefined {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isLivingMember(name, group)).length
  } catch {
    return undefined
  }
}

function isLivingMember(pid: string, group: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may itself hold brackets and blanks.
    const [state, , itsGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(itsGroup) === group && state !== 'Z' && state !== 'X'
  } catch {
    // It ended while we looked.
    return false
  }
}
