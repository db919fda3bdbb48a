// `backups verify`: reads every part back from its provider.
import { backupArgument, backupDeploymentOption, waitOption } from '../backup-text.ts'
import type { CommandDefinition } from '../definition.ts'
import { endOf } from '../execution-end.ts'
import { exitCodes } from '../exit-codes.ts'
import { runQuietly } from '../run-quietly.ts'
import { tableText } from '../table.ts'

export const backupsVerify: CommandDefinition = {
  words: 'backups verify',
  summary: 'read every part of a backup back, changing nothing',
  arguments: [backupArgument],
  options: [backupDeploymentOption, waitOption],
  notes: [
    'Runs as an execution of verify_backup. What was found is kept: a damaged backup counts as good no longer, and the ' +
      'last verified one is never pruned. A part whose provider offers no read-back is unchecked, and a backup with such a ' +
      'part is not verified.',
  ],
  async run(call) {
    const fermata = await call.fermata()
    const options = { deploymentId: call.text('deploymentId'), wait: call.flag('wait') }
    const outcome = await runQuietly(call, (hooks) =>
      fermata.backups.verify(call.argument(0), { ...options, ...hooks }),
    )
    if (!outcome) return exitCodes.interrupted
    const { backup, execution } = outcome
    const { status } = execution
    if (call.isJson) call.printJson(outcome)
    else if (call.isQuiet) call.print(backup.status)
    else {
      const rows = backup.partList.map(({ instanceId, verified }) => [
        instanceId,
        verified?.state ?? null,
        verified?.reason ?? null,
      ])
      if (rows.length > 0) call.print(await tableText({ head: ['INSTANCE', 'PART', 'WHY'], rows, paint: call.paint }))
    }
    if (status === 'terminated' && !backup.isVerified)
      call.say(`Backup '${backup.name}' is not verified: some of its parts cannot be read back`)
    else if (status === 'terminated') call.say(`Backup '${backup.name}' is verified: every part is there and usable`)
    return endOf(call, execution)
  },
}
