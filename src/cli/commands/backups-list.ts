// `backups list`: what the catalog holds.
import { shortId, verifiedText } from '../backup-text.ts'
import { deploymentOption, type CommandDefinition } from '../definition.ts'
import { shortTime } from '../instant-text.ts'
import { sizeText } from '../size-text.ts'

export const backupsList: CommandDefinition = {
  words: 'backups list',
  summary: 'list the backups of a deployment, or of all',
  options: [deploymentOption],
  async run(call) {
    const deploymentId = call.text('deploymentId')
    await call.printList({
      items: await (await call.fermata()).backups.list({ deploymentId }),
      head: [
        'ID',
        'DEPLOYMENT',
        'NAME',
        'KIND',
        'STATUS',
        'CONSISTENCY',
        'PARTS',
        'SIZE',
        'CREATED (UTC)',
        'VERIFIED (UTC)',
        'HELD',
      ],
      row: (backup) => [
        call.isQuiet ? backup.id : shortId(backup.id),
        backup.deploymentId,
        backup.name,
        backup.kind,
        backup.status,
        backup.consistency,
        backup.parts,
        sizeText(backup.bytes),
        shortTime(backup.createdAt),
        verifiedText(backup),
        backup.held,
      ],
      none: deploymentId === undefined ? 'There are no backups.' : `There are no backups of '${deploymentId}'.`,
    })
  },
}
