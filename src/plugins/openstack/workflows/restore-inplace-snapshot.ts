// restore_inplace_snapshot: a server put back to one of its snapshots, with the addresses that it has.
import type { Json } from '../../../kernel/json.ts'
import { defineWorkflow } from '../../contract/workflow.ts'
import type { Copy } from './copies.ts'
import { inplaceParameters, told } from './parameters.ts'
import type { PutBack } from './put-back.ts'
import { inRounds } from './rounds.ts'
import { checkDate, snapshotName } from './snapshot-names.ts'
import { adoptSuccessor, subjectOf } from './subject.ts'
import { takeSnapshot } from './take-snapshot.ts'

/** Names of what a disk held before; by this pattern they are found, too. */
export const safetyPattern = '{0}_before_restore_{1}'

export const restoreInplaceSnapshot = defineWorkflow({
  name: 'restore_inplace_snapshot',
  description:
    'Puts a server back to one of its snapshots; it keeps its addresses, and what its disk holds now is kept, too',
  parameters: inplaceParameters,
  told,
  async run(run, { instance: nameOrId, date, pattern }): Promise<Json> {
    checkDate(date)
    const subject = await subjectOf(run, nameOrId)
    const { instance, call } = subject
    const { id, firstId, name: server, rootVolume, stamp } = instance
    const copy = (await call('choose', { instance, pattern, date })) as Copy
    run.event(`Chose '${copy.name}' for ${date}`)
    const safety = snapshotName(safetyPattern, server, stamp)
    // A volume that a server booted from is there afterwards; its own disk would be lost.
    const isOverwritten = rootVolume === null
    if (isOverwritten) {
      const wanted = { instanceId: id, firstId, rootVolume, name: safety, pattern: safetyPattern, stamp }
      await takeSnapshot(run, subject, { wanted, isStopAsked: false, wait: true })
    }
    let isBack = false
    const { value: back } = await inRounds<PutBack>(run, 'restore', {
      async work() {
        // Once it has begun, its end is better than any place in the middle.
        const isCancelled = run.signal.aborted
        const put = await call('put_back', { instance, copy, isCancelled }, { isOwed: true })
        isBack = true
        return put as PutBack
      },
      async putBack(round) {
        if (isBack || !instance.isRunning) return null
        return call('start', { id, name: server, isOff: false }, { phase: `start#${round}`, isOwed: true })
      },
    })
    if (back.id !== id) await adoptSuccessor(run, id, back.id)
    run.event(`Put ${server} back to '${copy.name}'`)
    return {
      instance: server,
      instance_id: back.id,
      snapshot: copy.name,
      snapshot_id: copy.id,
      ...(isOverwritten ? { before: safety } : {}),
      ...(back.leftVolume === null ? {} : { left_volume: back.leftVolume }),
    }
  },
})
