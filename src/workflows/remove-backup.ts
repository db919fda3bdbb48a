// remove_backup: deletes what the catalog holds under a name, dependents first, and then the entry.
import { Type } from 'typebox'
import { fault } from '../kernel/fault.ts'
import { snapshotDelete } from '../lifecycle/operations.ts'
import { defineWorkflow } from '../plugins/contract/workflow.ts'
import { forwarded, selection, snapshotIncremental, snapshotName } from './parameters.ts'

export const removeBackup = defineWorkflow({
  name: 'remove_backup',
  description: 'Deletes a backup',
  parameters: Type.Object({ snapshot_name: snapshotName, snapshot_incremental: snapshotIncremental, ...selection }),
  async run(run, parameters) {
    const name = parameters.snapshot_name
    if (name === '')
      throw fault('plan.missing_parameter', { details: { workflow: 'remove_backup', parameter: 'snapshot_name' } })
    const members = run.select(parameters)
    const point = await run.step('find', async () => {
      const { id, parts } = await run.catalog.find(name, parameters.snapshot_incremental)
      return { id, parts }
    })
    const inputs = forwarded(parameters)
    const chosen = members.filter((member) => member.id in point.parts)
    await run.walk(snapshotDelete, { instances: chosen, order: 'dependents-first', inputs, parts: point.parts })
    await run.catalog.remove(
      point.id,
      chosen.map((member) => member.id),
    )
    run.log.info(`Removed '${name}'`)
  },
})
