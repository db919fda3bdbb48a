// restore: the parts of one recovery point are put back while everything they belong to is frozen.
import { Type } from '../kernel/schema.ts'
import { fault } from '../kernel/fault.ts'
import { snapshotApply } from '../lifecycle/operations.ts'
import { defineWorkflow, type Member, type RecoveryPoint, type Run } from '../plugins/contract/workflow.ts'
import { checkParts, unusable } from './check-parts.ts'
import { freezeSettings, freezing } from './freeze-parameters.ts'
import { forwarded, groups, selection, snapshotIncremental, snapshotName } from './parameters.ts'
import { freezeTiers } from './tiers.ts'

export const restore = defineWorkflow({
  name: 'restore',
  description: 'Puts all nodes back to what a backup holds',
  parameters: Type.Object({
    snapshot_name: snapshotName,
    snapshot_incremental: snapshotIncremental,
    groups,
    ...freezing,
    ...selection,
  }),
  async run(run, parameters) {
    const name = parameters.snapshot_name
    if (name === '')
      throw fault('plan.missing_parameter', { details: { workflow: 'restore', parameter: 'snapshot_name' } })
    const members = run.select(parameters)
    const point = await run.catalog.find(name, parameters.snapshot_incremental)
    await checkRestorable(run, point, members)
    // It may have been named by its id.
    const inputs = forwarded({ ...parameters, snapshot_name: point.name, snapshot_incremental: point.isIncremental })
    await run.bracket({
      name: 'restore',
      purpose: 'replace',
      tiers: freezeTiers(members, inputs),
      cut: {
        operation: snapshotApply,
        members: members.filter((member) => member.id in point.parts),
        order: 'dependencies-first',
        inputs,
        parts: point.parts,
      },
      ...freezeSettings('restore', parameters),
    })
    run.log.info(`Restored from '${point.name}'`)
  },
})

// Before anybody is frozen: is every part there that is needed, and can it be used?
async function checkRestorable(run: Run, point: RecoveryPoint, members: readonly Member[]): Promise<void> {
  const refuse = (reason: string): Error =>
    fault('catalog.not_restorable', { details: { name: point.name, deployment: run.deployment.id, reason } })
  if (point.status === 'open') throw refuse('it was never completed')
  if (point.status === 'deleting') throw refuse('its deletion has begun')
  const needed = members.filter((member) => member.does(snapshotApply))
  const missing = needed.filter((member) => !(member.id in point.parts)).map((member) => member.id)
  const found = await checkParts(run, point, needed)
  const bad = Object.entries(found).filter(([, { state }]) => state === 'damaged' || state === 'missing')
  // What was seen to be damaged must not count as good for whoever deletes others.
  if (bad.length > 0) await run.step('record', () => run.catalog.verified(point.id, Object.fromEntries(bad)))
  const problems = [
    ...(missing.length > 0 ? [`it has no part of ${missing.join(', ')}; leave those out with include_instances`] : []),
    ...unusable(found),
  ]
  if (problems.length > 0) throw refuse(problems.join('; '))
}
