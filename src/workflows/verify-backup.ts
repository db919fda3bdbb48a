// verify_backup: reads every part of a backup back from its provider and keeps what was found in the catalog.
import { Type } from '../kernel/schema.ts'
import { fault } from '../kernel/fault.ts'
import { defineWorkflow } from '../plugins/contract/workflow.ts'
import { checkParts, unusable } from './check-parts.ts'
import { snapshotIncremental, snapshotName } from './parameters.ts'

export const verifyBackup = defineWorkflow({
  name: 'verify_backup',
  description: 'Reads every part of a backup back, changing nothing',
  parameters: Type.Object({
    snapshot_name: snapshotName,
    snapshot_incremental: snapshotIncremental,
    recovery_point: Type.String({ default: '', description: 'Id of the backup in the catalog, instead of its name' }),
  }),
  async run(run, parameters) {
    const { recovery_point: id, snapshot_name: name } = parameters
    if (id === '' && name === '')
      throw fault('plan.missing_parameter', { details: { workflow: 'verify_backup', parameter: 'snapshot_name' } })
    const point = await (id === '' ? run.catalog.find(name, parameters.snapshot_incremental) : run.catalog.get(id))
    if (point.status === 'deleting') throw fault('catalog.being_deleted', { details: { name: point.name } })
    if (point.status === 'open')
      throw fault('catalog.damaged', { details: { name: point.name, reason: 'it was never completed' } })
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
