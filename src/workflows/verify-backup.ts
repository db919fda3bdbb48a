// verify_backup: reads every part of a backup back from its provider and keeps what was found in the catalog.
import { Type } from '../kernel/schema.ts'
import { fault } from '../kernel/fault.ts'
import { defineWorkflow } from '../plugins/contract/workflow.ts'
import { checkParts, unusable } from './check-parts.ts'
import { readablePoint, whichBackup } from './which-backup.ts'

export const verifyBackup = defineWorkflow({
  name: 'verify_backup',
  description: 'Reads every part of a backup back, changing nothing',
  parameters: Type.Object(whichBackup),
  async run(run, parameters) {
    const point = await readablePoint(run, 'verify_backup', parameters)
    const found = await checkParts(run, point, run.members)
    await run.step('record', () => run.catalog.verified(point.id, found))
    const problems = unusable(found)
    if (problems.length > 0)
      throw fault('catalog.damaged', { details: { name: point.name, reason: problems.join('; ') } })
    const isWhole = Object.values(found).every(({ state }) => state === 'usable')
    if (isWhole) run.log.info(`Every part of '${point.name}' is there and usable`)
    else run.log.warning(`'${point.name}' could not be checked as a whole: not every provider offers a read-back`)
    return { recovery_point: point.id }
  },
})
