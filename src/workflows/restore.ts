// restore: the parts of one recovery point are put back while everything they belong to is frozen.
import { Type } from 'typebox'
import { parseDuration } from '../kernel/duration.ts'
import { fault } from '../kernel/fault.ts'
import { snapshotApply } from '../lifecycle/operations.ts'
import { defineWorkflow, type Member, type RecoveryPoint } from '../plugins/contract/workflow.ts'
import { forwarded, lease, selection, snapshotIncremental, snapshotName } from './parameters.ts'
import { freezeTiers } from './tiers.ts'

export const restore = defineWorkflow({
  name: 'restore',
  description: 'Puts all nodes back to what a backup holds',
  parameters: Type.Object({
    snapshot_name: snapshotName,
    snapshot_incremental: snapshotIncremental,
    lease,
    ...selection,
  }),
  async run(run, parameters) {
    const name = parameters.snapshot_name
    if (name === '')
      throw fault('plan.missing_parameter', { details: { workflow: 'restore', parameter: 'snapshot_name' } })
    const members = run.select(parameters)
    const point = await run.catalog.find(name, parameters.snapshot_incremental)
    checkRestorable(point, members, run.deployment.id)
    const inputs = forwarded(parameters)
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
      ...(parameters.lease === null ? {} : { lease: parseDuration(parameters.lease) }),
    })
    run.log.info(`Restored from '${name}'`)
  },
})

function checkRestorable(point: RecoveryPoint, members: readonly Member[], deployment: string): void {
  const refuse = (reason: string): Error =>
    fault('catalog.not_restorable', { details: { name: point.name, deployment, status: point.status, reason } })
  if (point.status !== 'good') throw refuse('it was never completed')
  const missing = members.filter((member) => member.does(snapshotApply) && !(member.id in point.parts))
  if (missing.length > 0) {
    throw refuse(
      `it has no part of ${missing.map((member) => member.id).join(', ')}; leave those out with include_instances`,
    )
  }
}
