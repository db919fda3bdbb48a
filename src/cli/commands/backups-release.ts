// `backups release`.
import { backupArgument, backupDeploymentOption } from '../backup-text.ts'
import type { CommandDefinition } from '../definition.ts'

export const backupsRelease: CommandDefinition = {
  words: 'backups release',
  summary: 'let a backup be deleted again that was held',
  arguments: [backupArgument],
  options: [backupDeploymentOption],
  async run(call) {
    const query = { deploymentId: call.text('deploymentId') }
    const backup = await (await call.fermata()).backups.release(call.argument(0), query)
    if (call.isJson) return call.printJson(backup)
    call.say(`Backup '${backup.name}' is held no longer`)
  },
}
