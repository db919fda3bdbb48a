// backup: everything frozen, every snapshot cut, everything thawed; then the recovery point is sealed in the catalog.
import { Type } from 'typebox'
import { parseDuration } from '../kernel/duration.ts'
import { snapshotCreate, snapshotDelete } from '../lifecycle/operations.ts'
import { defineWorkflow } from '../plugins/contract/workflow.ts'
import { refuseWhenIdle } from './nothing-to-do.ts'
import { forwarded, lease, selection, snapshotIncremental, snapshotName } from './parameters.ts'
import { freezeTiers } from './tiers.ts'

export const backup = defineWorkflow({
  name: 'backup',
  description: 'Takes a consistent backup of all nodes',
  parameters: Type.Object({
    snapshot_name: snapshotName,
    snapshot_incremental: snapshotIncremental,
    snapshot_type: Type.String({ default: 'irregular', description: 'Kind of backup, such as daily or weekly' }),
    snapshot_rotation: Type.Integer({ default: 1, description: 'How many to keep; handed on to the operations' }),
    lease,
    ...selection,
  }),
  async run(run, parameters) {
    const members = run.select(parameters)
    refuseWhenIdle(run, members, snapshotCreate)
    const name = await run.step(
      'name',
      async (step) => parameters.snapshot_name || `backup-${Math.floor(step.now / 1000)}`,
    )
    const type = parameters.snapshot_type || 'irregular'
    const inputs = forwarded({
      ...parameters,
      snapshot_name: name,
      snapshot_type: type,
    })
    const point = await run.catalog.open({
      name,
      isIncremental: parameters.snapshot_incremental,
      type,
    })
    try {
      const outcome = await run.bracket({
        name: 'backup',
        purpose: 'save',
        tiers: freezeTiers(members, inputs),
        cut: { operation: snapshotCreate, undo: snapshotDelete, members, order: 'none', inputs },
        ...(parameters.lease === null ? {} : { lease: parseDuration(parameters.lease) }),
      })
      await run.catalog.seal(point, outcome)
    } catch (thrown) {
      // What failed first is what must be told; an entry that is left open takes no name.
      await run.catalog.discard(point).catch(() => {})
      throw thrown
    }
    run.log.info(`Backuped to '${name}'`)
    return { snapshot_name: name, recovery_point: point }
  },
})
