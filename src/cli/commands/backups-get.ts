// `backups get`: one backup with its parts, what it rests on, and who stood still for it.
import type { BackupDetails, BackupLink, BackupPart } from '../../engine/backups-api.ts'
import { formatDuration } from '../../kernel/duration.ts'
import { backupArgument, backupDeploymentOption, verifiedText } from '../backup-text.ts'
import type { Call } from '../call.ts'
import type { CommandDefinition } from '../definition.ts'
import { preciseTime, shortTime } from '../instant-text.ts'
import { sizeText } from '../size-text.ts'
import { tableText, type Cell } from '../table.ts'

export const backupsGet: CommandDefinition = {
  words: 'backups get',
  summary: 'show a backup: its parts, their labels, what it rests on',
  arguments: [backupArgument],
  options: [backupDeploymentOption],
  async run(call) {
    const fermata = await call.fermata()
    const backup = await fermata.backups.get(call.argument(0), { deploymentId: call.text('deploymentId') })
    if (call.isJson) return call.printJson(backup)
    if (call.isQuiet) return call.print(backup.id)
    call.printFields(fieldsOf(backup))
    if (backup.partList.length > 0) call.print(`\n${await partTable(call, backup.partList)}`)
    await printReasons(call, backup)
    if (backup.frozen.length > 0) call.print(`\n${await frozenTable(call, backup)}`)
  },
}

function fieldsOf(backup: BackupDetails): readonly (readonly [string, Cell])[] {
  return [
    ['id', backup.id],
    ['name', backup.name],
    ['deployment', backup.deploymentId],
    ['execution', backup.executionId],
    ['kind', `${backup.kind}, ${backup.type}`],
    ['status', backup.status],
    ['consistency', backup.consistency],
    ['created (UTC)', shortTime(backup.createdAt)],
    ['size', sizeText(backup.bytes) || null],
    ['verified (UTC)', verifiedText(backup) || null],
    ['held', backup.held],
    ['rests on', linksText(backup.lineage)],
    ['needed by', linksText(backup.children)],
    ['blueprint digest', backup.blueprintDigest],
    ['inputs digest', backup.inputsDigest],
  ]
}

const linksText = (links: readonly BackupLink[]): string | null =>
  links.map(({ id, name }) => `${name} (${id})`).join(', ') || null

function partTable(call: Call, parts: readonly BackupPart[]): Promise<string> {
  return tableText({
    head: ['INSTANCE', 'CONSISTENCY', 'SIZE', 'CUT (UTC)', 'TOOK', 'VERIFIED', 'PROVIDER ID', 'DIGEST'],
    rows: parts.map((part) => [
      part.instanceId,
      part.consistency,
      sizeText(part.bytes),
      part.cutFrom === null ? null : preciseTime(part.cutFrom),
      part.window === null ? null : formatDuration(part.window),
      part.isBeingDeleted ? 'being deleted' : (part.verified?.state ?? null),
      part.providerId,
      part.digest,
    ]),
    paint: call.paint,
  })
}

async function printReasons(call: Call, { partList, missing }: BackupDetails): Promise<void> {
  const lines = partList.flatMap(({ instanceId, consistency, reason, verified }) => [
    ...(reason === null ? [] : [`${instanceId} is ${consistency ?? 'unlabelled'}: ${reason}`]),
    ...(verified?.reason ? [`${instanceId} is ${verified.state}: ${verified.reason}`] : []),
  ])
  const lost = Object.entries(missing).map(([id, { message }]) => `${id} is missing: ${message}`)
  if (lines.length + lost.length > 0) call.print(`\n${[...lines, ...lost].join('\n')}`)
}

function frozenTable(call: Call, { frozen }: BackupDetails): Promise<string> {
  return tableText({
    head: ['FROZEN TOGETHER', 'INSTANCES', 'FROM (UTC)', 'FOR', 'SKEW OF CUTS'],
    rows: frozen.map(({ group, instances, interval, skew }) => [
      group ?? 'all',
      instances.length,
      interval === null ? 'not together' : preciseTime(interval.from),
      interval === null ? null : formatDuration(interval.to - interval.from),
      skew === null ? null : formatDuration(skew),
    ]),
    paint: call.paint,
  })
}
