// instance_snapshot: one more snapshot of a server, and the oldest ones go.
import type { Json } from '../../../kernel/json.ts'
import { defineWorkflow } from '../../contract/workflow.ts'
import { snapshotParameters, told } from './parameters.ts'
import { snapshotName } from './snapshot-names.ts'
import { subjectOf } from './subject.ts'
import { takeSnapshot } from './take-snapshot.ts'

export const instanceSnapshot = defineWorkflow({
  name: 'instance_snapshot',
  description: 'Takes a snapshot of a server, of its disk or of the volume it boots from, and deletes the oldest ones',
  parameters: snapshotParameters,
  told,
  async run(
    run,
    { instance: nameOrId, pattern, max_snapshots: most, wait, instance_stop: isStopAsked },
  ): Promise<Json> {
    const subject = await subjectOf(run, nameOrId)
    const { instance } = subject
    const { id: instanceId, firstId, rootVolume, otherVolumes, stamp } = instance
    const name = snapshotName(pattern, instance.name, stamp)
    const wanted = { instanceId, firstId, rootVolume, name, pattern, stamp }
    if (otherVolumes.length > 0) run.log.warning(`'${name}' leaves out other volumes: ${otherVolumes.join(', ')}`)
    const { copy, off } = await takeSnapshot(run, subject, { wanted, isStopAsked, wait })
    run.event(`Took '${name}' of ${instance.name}${wait ? '' : ', and did not wait until it is whole'}`)
    const pruned = most === 0 ? none : ((await subject.call('prune', { instance, pattern, most })) as typeof none)
    return {
      instance: instance.name,
      instance_id: instanceId,
      snapshot: name,
      snapshot_id: copy.id,
      kind: copy.kind,
      ...off,
      deleted: pruned.deleted,
    }
  },
})

const none: { readonly deleted: readonly string[] } = { deleted: [] }
