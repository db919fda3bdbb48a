// `backups delete`: one backup, by what the catalog holds of it.
import { backupArgument, backupDeploymentOption, showRemoval, waitOption } from '../backup-text.ts'
import type { CommandDefinition } from '../definition.ts'
import { exitCodes } from '../exit-codes.ts'
import { runQuietly } from '../run-quietly.ts'

export const backupsDelete: CommandDefinition = {
  words: 'backups delete',
  summary: 'delete a backup: its parts at their providers, then its entry',
  arguments: [backupArgument],
  options: [
    backupDeploymentOption,
    { flags: '--with-children', description: 'and those that rest on it' },
    { flags: '--break-floor', description: 'also when it is the last good, or the last verified one' },
    waitOption,
  ],
  notes: [
    'Runs as an execution of remove_backup. One that is held, or that others rest on, is refused. What was cut off is ' +
      'brought to its end by deleting it again.',
  ],
  async run(call) {
    const fermata = await call.fermata()
    const options = {
      deploymentId: call.text('deploymentId'),
      withChildren: call.flag('withChildren'),
      breakFloor: call.flag('breakFloor'),
      wait: call.flag('wait'),
    }
    const outcome = await runQuietly(call, (hooks) =>
      fermata.backups.delete(call.argument(0), { ...options, ...hooks }),
    )
    if (!outcome) return exitCodes.interrupted
    if (call.isJson) call.printJson(outcome)
    return showRemoval(call, outcome)
  },
}
