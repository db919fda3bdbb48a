// Backups in words, shared by the commands that show them.
import type { BackupRecord, RemovalOutcome, RetentionDecision } from '../engine/backups-api.ts'
import { faultFromRecord } from '../kernel/fault.ts'
import { paintFor } from './colours.ts'
import type { Call } from './call.ts'
import { errorText } from './error-text.ts'
import { exitCodeFor, exitCodes, type ExitCode } from './exit-codes.ts'
import { shortTime } from './instant-text.ts'
import { tableText } from './table.ts'

export const backupArgument = {
  name: 'BACKUP',
  description: 'its id, the beginning of that, or its name',
} as const

export const backupDeploymentOption = {
  flags: '-d, --deployment-id <id>',
  description: 'its deployment; needed for a name that several deployments use',
} as const

export const waitOption = {
  flags: '--wait',
  description: 'wait while another execution runs on the deployment',
} as const

/** Enough of an id to name it by. */
export const shortId = (id: string): string => id.slice(0, 8)

/** `partly` when a provider offers no read-back. */
export function verifiedText({ status, verifiedAt, isVerified }: BackupRecord): string {
  if (verifiedAt === null) return ''
  if (status === 'damaged') return `damaged, ${shortTime(verifiedAt)}`
  return `${isVerified ? '' : 'partly, '}${shortTime(verifiedAt)}`
}

export async function printDecisions(call: Call, decisions: readonly RetentionDecision[]): Promise<void> {
  if (decisions.length === 0) return call.print('There are no backups.')
  const rows = decisions.map(({ id, name, createdAt, status, action, reasons }) => [
    shortId(id),
    name,
    shortTime(createdAt),
    status,
    action,
    reasons.join('; '),
  ])
  const head = ['ID', 'NAME', 'CREATED (UTC)', 'STATUS', 'DECISION', 'BECAUSE']
  call.print(await tableText({ head, rows, paint: call.paint }))
}

/** Says what was deleted and what was not. */
export async function showRemoval(call: Call, { deleted, failed }: RemovalOutcome): Promise<ExitCode> {
  for (const { id, name } of deleted) {
    if (call.isQuiet) call.print(id)
    else call.say(`Deleted backup '${name}' (${id})`)
  }
  const paint = paintFor(call.host.env, call.host.stderr.isTerminal, call.wantsColour)
  let code: ExitCode = exitCodes.ok
  for (const { id, name, error } of failed) {
    const problem = error && faultFromRecord(error)
    code = problem ? exitCodeFor(problem) : exitCodes.executionFailed
    if (call.isJson) continue
    if (problem) call.host.stderr.write(`${await errorText(problem, paint, false)}\n`)
    call.host.stderr.write(`Backup '${name}' is not deleted. Go on with: fermata backups delete ${id}\n`)
  }
  return code
}
