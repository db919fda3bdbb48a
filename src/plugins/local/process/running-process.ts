// The process an instance stands for: kept in its runtime properties so that a recycled pid is never taken for it.
import { fault } from '../../../kernel/fault.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { isAlive, sessionMembers, type ProcessEntry, type ProcessIdentity } from '../../guard/process-table.ts'
import { keyMark } from './process-settings.ts'

export interface KnownProcess extends ProcessIdentity {
  /** Key of the start operation; stands in the environment of the process. */
  readonly key: string
}

/** What the runtime properties say, whether or not it still runs. */
export function knownProcess(ctx: OperationContext): KnownProcess | undefined {
  const { process: value } = ctx.instance.runtimeProperties
  if (value === undefined || !isJsonObject(value)) return undefined
  const { pid, start_time: startTime, boot_id: bootId, key } = value
  if (typeof pid !== 'number' || typeof startTime !== 'number') return undefined
  return { pid, startTime, bootId: String(bootId), key: String(key) }
}

export function rememberProcess(ctx: OperationContext, known: KnownProcess): void {
  const { pid, startTime, bootId, key } = known
  ctx.instance.runtimeProperties['process'] = { pid, start_time: startTime, boot_id: bootId, key }
}

/** @throws Fault `local.not_running` */
export function runningProcess(ctx: OperationContext): KnownProcess {
  const known = knownProcess(ctx)
  if (!known) throw notRunning('it was never started')
  if (!isAlive(known)) throw notRunning(`process ${known.pid} has ended`)
  return known
}

/** True where state is put back into a process that does not run: it stands as still as it can. */
export function isDownAndMayBe(ctx: OperationContext): boolean {
  const known = knownProcess(ctx)
  return ctx.bracket?.purpose === 'replace' && (known === undefined || membersOf(known).length === 0)
}

/** Every living process of its session. */
export function membersOf(known: KnownProcess): ProcessEntry[] {
  return sessionMembers(known, keyMark(known.key))
}

const notRunning = (reason: string): Error => fault('local.not_running', { details: { reason } })
