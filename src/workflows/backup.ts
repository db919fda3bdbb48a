// backup: everything frozen, every snapshot cut, everything thawed; then the recovery point is sealed in the catalog.
import { Type } from '../kernel/schema.ts'
import { fault } from '../kernel/fault.ts'
import { snapshotCreate, snapshotDelete } from '../lifecycle/operations.ts'
import { lowest } from '../plugins/contract/consistency.ts'
import { defineWorkflow, type BracketOutcome } from '../plugins/contract/workflow.ts'
import { freezeSettings, freezing } from './freeze-parameters.ts'
import { refuseWhenIdle } from './nothing-to-do.ts'
import { forwarded, groups, selection, snapshotIncremental, snapshotName } from './parameters.ts'
import { freezeTiers } from './tiers.ts'

export const backup = defineWorkflow({
  name: 'backup',
  description: 'Takes a consistent backup of all nodes',
  parameters: Type.Object({
    snapshot_name: snapshotName,
    snapshot_incremental: snapshotIncremental,
    snapshot_type: Type.String({ default: 'irregular', description: 'Kind of backup, such as daily or weekly' }),
    snapshot_rotation: Type.Integer({ default: 1, description: 'How many to keep; handed on to the operations' }),
    snapshot_policy: Type.Unsafe<'all' | 'best_effort'>({
      enum: ['all', 'best_effort'],
      default: 'all',
      description: 'When some parts fail: take everything back (all), or keep the others (best_effort)',
    }),
    groups,
    ...freezing,
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
    const settings = freezeSettings('backup', parameters)
    const point = await run.catalog.open({
      name,
      isIncremental: parameters.snapshot_incremental,
      type,
    })
    let outcome: BracketOutcome
    try {
      outcome = await run.bracket({
        name: 'backup',
        purpose: 'save',
        tiers: freezeTiers(members, inputs),
        cut: { operation: snapshotCreate, undo: snapshotDelete, members, order: 'none', inputs },
        isBestEffort: parameters.snapshot_policy === 'best_effort',
        ...settings,
      })
      await run.catalog.seal(point, outcome)
    } catch (thrown) {
      // What failed first is what must be told; an entry that is left open takes no name.
      await run.catalog.discard(point).catch(() => {})
      throw thrown
    }
    // What was saved is kept, but nobody may take it for a whole backup.
    refusePartial(name, run.execution.id, outcome)
    run.log.info(`Backuped to '${name}'`)
    const labels = Object.values(outcome.parts).map((part) => part.consistency)
    return { snapshot_name: name, recovery_point: point, consistency: lowest(labels) }
  },
})

function refusePartial(name: string, execution: string, { failures }: BracketOutcome): void {
  const missing = Object.entries(failures).map(([instance, { message }]) => `${instance}: ${message}`)
  if (missing.length > 0)
    throw fault('backup.partial', { details: { name, execution, missing: missing.join('; ') }, effect: 'done' })
}
