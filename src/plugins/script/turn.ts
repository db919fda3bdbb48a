// Of the scripts that freeze and thaw one instance a single one runs at a time, whoever starts it: the engine, one that
// carries on its work, or the guard. Whoever runs one holds the turn, a file that appears with its content.
import { createHash } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { World } from '../../world/world.ts'
import type { OperationContext } from '../contract/context.ts'
import {
  bootId,
  hasCode,
  hasInEnvironment,
  identityOf,
  isAlive,
  isStopped,
  listProcesses,
  signalGroups,
  type ProcessEntry,
  type ProcessIdentity,
} from '../guard/process-table.ts'

export const halves = {
  'cloudify.interfaces.freeze.fs_prepare': 'prepare',
  'cloudify.interfaces.freeze.fs_finalize': 'finalize',
} as const
export type Half = (typeof halves)[keyof typeof halves]

export interface Turn {
  /** Stands in the environment of what runs in this turn, so that it is found however far it forked. */
  readonly id: string
  readonly owner: ProcessIdentity
  readonly half: Half
}

const glance = 20
/** How long a turn may be held by a living process that runs nothing, before the guard takes it. */
const idlePatience = 1000
/** Between SIGTERM and SIGKILL to a script that must end. */
const grace = 300
const killPatience = 1000

/** The beginning of all file names that concern this instance of this state directory. */
export function instancePath(ctx: OperationContext, folder: string): string {
  const identity = [ctx.stateDirectory, ctx.deployment.id, ctx.instance.id].join('\0')
  return join(folder, `script-${createHash('sha256').update(identity).digest('hex').slice(0, 24)}`)
}

export const turnVariable = 'FERMATA_TURN'

/** Waits until no other script of the pair runs; what a dead engine left running is ended first. */
export async function takeTurn(ctx: OperationContext, path: string, half: Half): Promise<Turn> {
  for (;;) {
    ctx.signal.throwIfAborted()
    const turn = tryTake(path, half)
    if (turn) return turn
    const holder = readTurn(path)
    if (holder && isAlive(holder.owner)) await ctx.world.clock.sleep(glance, ctx.signal)
    else await breakTurn(ctx.world, path, holder)
  }
}

/**
 * For the guard, whose lease is over: a prepare that still runs is ended. A finalize is waited for while its engine is
 * well; the node is being thawed then.
 */
export async function seizeTurn(world: World, path: string): Promise<Turn> {
  let idle: { readonly id: string; readonly since: number } | undefined
  for (;;) {
    const turn = tryTake(path, 'finalize')
    if (turn) return turn
    const holder = readTurn(path)
    const { monotonic } = world.clock
    if (holder && isBusy(holder)) idle = undefined
    else if (holder && idle?.id !== holder.id) idle = { id: holder.id, since: monotonic() }
    const isIdleFor = idle === undefined ? 0 : monotonic() - idle.since
    if (holder && mayGoOn(holder) && isIdleFor < idlePatience) await world.clock.sleep(glance)
    else await breakTurn(world, path, holder)
  }
}

export function releaseTurn(path: string, turn: Turn): void {
  if (readTurn(path)?.id === turn.id) rmSync(path, { force: true })
}

const mayGoOn = ({ half, owner }: Turn): boolean => half === 'finalize' && isAlive(owner) && !isStopped(owner.pid)
const isBusy = (turn: Turn): boolean => processesIn(turn).length > 0

let count = 0

/** Undefined when somebody else has it. */
function tryTake(path: string, half: Half): Turn | undefined {
  const owner = identityOf(process.pid) ?? { pid: process.pid, startTime: 0, bootId: bootId() }
  const turn: Turn = { id: `${owner.pid}-${owner.startTime}-${(count += 1)}`, owner, half }
  const mine = `${path}.${turn.id}`
  try {
    writeFileSync(mine, JSON.stringify(turn), { mode: 0o600 })
    linkSync(mine, path)
    return turn
  } catch (thrown) {
    if (hasCode(thrown, 'EEXIST')) return undefined
    throw thrown
  } finally {
    rmSync(mine, { force: true })
  }
}

function readTurn(path: string): Turn | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Turn
  } catch {
    return undefined
  }
}

/** Ends what runs in the turn and takes the turn away; one that somebody else has taken meanwhile is given back. */
async function breakTurn(world: World, path: string, holder: Turn | undefined): Promise<void> {
  if (holder) await endProcesses(world, holder)
  const aside = `${path}.broken-${process.pid}`
  try {
    renameSync(path, aside)
    if (readTurn(aside)?.id !== holder?.id) linkSync(aside, path)
  } catch {
    // Gone, or taken again: the next try will see.
  }
  rmSync(aside, { force: true })
}

async function endProcesses(world: World, turn: Turn): Promise<void> {
  const begun = world.clock.monotonic()
  signalGroups(processesIn(turn), 'SIGTERM')
  for (;;) {
    const left = processesIn(turn)
    const spent = world.clock.monotonic() - begun
    // One that waits for a disk cannot be ended by anybody; it must not keep the node frozen.
    if (left.length === 0 || spent > killPatience) return
    if (spent > grace) signalGroups(left, 'SIGKILL')
    await world.clock.sleep(glance)
  }
}

function processesIn(turn: Turn): readonly ProcessEntry[] {
  return listProcesses().filter(
    ({ pid, state }) => !'ZX'.includes(state) && hasInEnvironment(pid, `${turnVariable}=${turn.id}`),
  )
}
