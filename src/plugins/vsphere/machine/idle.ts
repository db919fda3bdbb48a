// Nobody works on a machine any more: what an earlier attempt of ours began goes on when its answer was lost, and is waited for
// before it is looked for.
import type { Duration } from '../../../kernel/duration.ts'
import { Fault } from '../../../kernel/fault.ts'
import { refIn } from '../client/element.ts'
import type { Ref } from '../client/value.ts'
import type { VCenter } from '../client/vcenter.ts'

/** How the tasks end is not ours to judge. @throws Fault `vsphere.task_late` */
export async function untilIdle(vcenter: VCenter, ref: Ref, limit?: Duration): Promise<void> {
  const found = await vcenter.find(ref, ['recentTask'])
  const tasks = (found?.values.get('recentTask')?.children ?? []).flatMap((child) => refIn(child) ?? [])
  for (const task of tasks) {
    const state = (await vcenter.find(task, ['info.state']))?.values.get('info.state')?.text
    if (state !== 'running' && state !== 'queued') continue
    try {
      await vcenter.ended(task, `the task under way on ${ref.id}`, { limit, isOurs: false })
    } catch (thrown) {
      if (!(thrown instanceof Fault) || thrown.code === 'vsphere.task_late' || vcenter.signal.aborted) throw thrown
    }
  }
}
