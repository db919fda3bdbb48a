// restore_clone_snapshot: a new server out of a snapshot of another.
import type { Json } from '../../../kernel/json.ts'
import { defineWorkflow } from '../../contract/workflow.ts'
import type { ServerPlan } from './clone-plan.ts'
import type { Copy } from './copies.ts'
import type { MadeServer } from './new-server.ts'
import { cloneParameters, metaFrom, told } from './parameters.ts'
import { inRounds } from './rounds.ts'
import { checkDate } from './snapshot-names.ts'
import { subjectOf } from './subject.ts'

export const restoreCloneSnapshot = defineWorkflow({
  name: 'restore_clone_snapshot',
  description: 'Makes a new server out of a snapshot of another one, like that in all that a snapshot does not hold',
  parameters: cloneParameters,
  told,
  async run(run, { instance: nameOrId, date, pattern, wait, ...wishes }): Promise<Json> {
    checkDate(date)
    const meta = metaFrom(wishes.meta)
    const { instance, call } = await subjectOf(run, nameOrId)
    const copy = (await call('choose', { instance, pattern, date })) as Copy
    run.event(`Chose '${copy.name}' for ${date}`)
    const plan = (await call('plan_clone', {
      sourceId: instance.id,
      name: wishes.clone_name,
      ...(wishes.flavor === '' ? {} : { flavor: wishes.flavor }),
      ...(wishes.avz_name === '' ? {} : { zone: wishes.avz_name }),
      ...(meta === undefined ? {} : { meta }),
    })) as ServerPlan
    const { value: made } = await inRounds<MadeServer>(run, 'clone', {
      work: async () => (await call('make', { sourceId: instance.id, plan, copy, wait })) as MadeServer,
      undo: (round) => call('unmake', { copy }, { phase: `unmake#${round}`, isOwed: true }),
    })
    run.event(`Made ${made.name} (${made.id}): it is ${made.status}`)
    return {
      instance: instance.name,
      snapshot: copy.name,
      snapshot_id: copy.id,
      clone: made.name,
      clone_id: made.id,
      status: made.status,
    }
  },
})
