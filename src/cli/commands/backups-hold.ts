// `backups hold`.
import { backupArgument, backupDeploymentOption } from '../backup-text.ts'
import type { CommandDefinition } from '../definition.ts'

export const backupsHold: CommandDefinition = {
  words: 'backups hold',
  summary: 'keep a backup from being deleted by anybody',
  arguments: [backupArgument],
  options: [
    backupDeploymentOption,
    { flags: '--reason <text>', description: 'what for; shown to whoever wants to delete it', isRequired: true },
  ],
  async run(call) {
    const query = { deploymentId: call.text('deploymentId') }
    const backup = await (await call.fermata()).backups.hold(call.argument(0), call.text('reason') ?? '', query)
    if (call.isJson) return call.printJson(backup)
    call.say(`Backup '${backup.name}' is held: ${backup.held}`)
  },
}
