// remove_backup: deletes what the catalog holds of one recovery point, dependents first, and then the entry.
import { Type } from '../kernel/schema.ts'
import { fault } from '../kernel/fault.ts'
import { snapshotDelete } from '../lifecycle/operations.ts'
import { defineWorkflow, type Member, type RecoveryPoint, type Run } from '../plugins/contract/workflow.ts'
import { forwarded, selection, snapshotIncremental, snapshotName } from './parameters.ts'

export const removeBackup = defineWorkflow({
  name: 'remove_backup',
  description: 'Deletes a backup',
  parameters: Type.Object({
    snapshot_name: snapshotName,
    snapshot_incremental: snapshotIncremental,
    recovery_point: Type.String({
      default: '',
      description: 'Id of the backup in the catalog, instead of its name; the last good one is then refused',
    }),
    break_floor: Type.Boolean({ default: false, description: 'Delete it also when it is the last good one' }),
    ...selection,
  }),
  async run(run, parameters) {
    const { recovery_point: id, break_floor: isForced, ...rest } = parameters
    if (id === '' && rest.snapshot_name === '')
      throw fault('plan.missing_parameter', { details: { workflow: 'remove_backup', parameter: 'snapshot_name' } })
    const members = run.select(parameters)
    // What is deleted is settled once and by id: a resumed run must not take another one of that name.
    const point = await run.step('find', async () => {
      const found = id === '' ? await findNamed(run, rest) : await run.catalog.get(id)
      const { name, isIncremental, type, parts, isGood } = found
      return { id: found.id, name, isIncremental, type, parts, isGood }
    })
    const chosen = members.filter((member) => member.id in point.parts)
    if (chosen.length === 0 && Object.keys(point.parts).length > 0)
      return run.log.warning(`'${point.name}' holds nothing of what was chosen`)
    // Who names a backup has chosen it; what goes by id may come from a program.
    const isNamed = id === ''
    const { lastOf } = await run.catalog.beginRemoval(
      point.id,
      chosen.map((member) => member.id),
      isNamed || isForced ? 'break' : 'hold',
    )
    if (lastOf !== null) run.log.warning(`'${point.name}' was the last ${lastOf} backup of '${run.deployment.id}'`)
    const inputs = forwarded({
      ...rest,
      snapshot_name: point.name,
      snapshot_incremental: point.isIncremental,
    })
    await run.each(chosen, 'dependents-first', (member) =>
      run.catalog.removePart(point.id, member.id, () => deletePart(run, member, point, inputs)),
    )
    await run.catalog.endRemoval(point.id, { wasGood: point.isGood, isForced: isForced || isNamed })
    run.log.info(`Removed '${point.name}'`)
  },
})

function findNamed(
  run: Run,
  wanted: { readonly snapshot_name: string; readonly snapshot_incremental: boolean },
): Promise<RecoveryPoint> {
  return run.catalog.find(wanted.snapshot_name, wanted.snapshot_incremental)
}

async function deletePart(
  run: Run,
  member: Member,
  point: Pick<RecoveryPoint, 'name' | 'parts'>,
  inputs: ReturnType<typeof forwarded>,
): Promise<void> {
  if (!member.does(snapshotDelete)) {
    run.log.warning(
      `Nothing deletes the snapshot of '${member.id}': what '${point.name}' saved of it stays where it is`,
    )
    return
  }
  const part = point.parts[member.id] ?? null
  await run.execute(member, snapshotDelete, { inputs, part, title: snapshotDelete })
}
