// `backups compare`: where a backup, the blueprint and what is there now differ.
import type { Json } from '../../kernel/json.ts'
import { backupArgument, backupDeploymentOption, waitOption } from '../backup-text.ts'
import type { CommandDefinition } from '../definition.ts'
import { endOf } from '../execution-end.ts'
import { exitCodes } from '../exit-codes.ts'
import { runQuietly } from '../run-quietly.ts'
import { tableText } from '../table.ts'

export const backupsCompare: CommandDefinition = {
  words: 'backups compare',
  summary: 'show where a backup, the blueprint and what is there now differ',
  arguments: [backupArgument],
  options: [
    backupDeploymentOption,
    { flags: '--instance <id>', description: 'only this node instance', isRepeatable: true },
    waitOption,
  ],
  notes: [
    'Runs as an execution of compare_backup and changes nothing. `changed`: live is not as in the backup; `drifted`: blueprint and ' +
      'backup agree, live alone differs; `redeclared`: live and backup agree, the blueprint differs; `conflict`: all three differ. ' +
      'An empty cell: nothing is said there. The exit code is 0 also when there are differences.',
  ],
  async run(call) {
    const fermata = await call.fermata()
    const options = {
      deploymentId: call.text('deploymentId'),
      instances: call.list('instance'),
      wait: call.flag('wait'),
    }
    const outcome = await runQuietly(call, (hooks) =>
      fermata.backups.compare(call.argument(0), { ...options, ...hooks }),
    )
    if (!outcome) return exitCodes.interrupted
    const { backup, parts, execution } = outcome
    const rows = Object.entries(parts).flatMap(([id, part]) =>
      (part?.differences ?? []).map(({ path, kind, blueprint, live, backup: then }) => [
        id,
        path,
        kind,
        ...[blueprint, live, then].map(cell),
      ]),
    )
    if (call.isJson) call.printJson({ backup, parts, execution })
    else if (rows.length > 0) {
      const head = ['INSTANCE', 'PATH', 'KIND', 'BLUEPRINT', 'LIVE', 'BACKUP']
      call.print(await tableText({ head, rows, paint: call.paint }))
    }
    const silent = Object.entries(parts).flatMap(([id, part]) => (part === null ? [id] : []))
    if (silent.length > 0) call.say(`Not compared, since their providers offer no comparison: ${silent.join(', ')}`)
    const same = Object.values(parts).filter((part) => part !== null && part.differences.length === 0).length
    if (same > 0) call.say(`${same} of ${Object.keys(parts).length} parts of '${backup.name}' are as they were saved`)
    return endOf(call, execution)
  },
}

const cell = (value: Json): string | null =>
  value === null ? null : typeof value === 'string' ? value : JSON.stringify(value)
