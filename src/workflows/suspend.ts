// suspend: dependents first, so that nobody loses what they rely on while they still run.
import { Type } from '../kernel/schema.ts'
import { freezeSuspend, lifecycleSuspend } from '../lifecycle/operations.ts'
import { defineWorkflow } from '../plugins/contract/workflow.ts'
import { warnWhenIdle } from './nothing-to-do.ts'
import { forwarded, selection } from './parameters.ts'

export const suspend = defineWorkflow({
  name: 'suspend',
  description: 'Suspends every node that can be suspended',
  parameters: Type.Object(selection),
  async run(run, parameters) {
    const inputs = forwarded(parameters)
    const members = run.select(parameters)
    warnWhenIdle(run, members, [freezeSuspend, lifecycleSuspend])
    // The interface of old blueprints counts only where the node does not offer the one of today: never both.
    await run.each(members, 'dependents-first', async (member) => {
      if (member.does(freezeSuspend)) await run.powerDown(member, freezeSuspend, { inputs, title: freezeSuspend })
      else await run.powerDown(member, lifecycleSuspend, { inputs, title: 'suspend' })
    })
  },
})
