// resume: the mirror of suspend, dependencies first.
import { Type } from '../kernel/schema.ts'
import { freezeResume, lifecycleResume } from '../lifecycle/operations.ts'
import { defineWorkflow } from '../plugins/contract/workflow.ts'
import { warnWhenIdle } from './nothing-to-do.ts'
import { forwarded, selection } from './parameters.ts'

export const resume = defineWorkflow({
  name: 'resume',
  description: 'Resumes every node that was suspended',
  parameters: Type.Object(selection),
  async run(run, parameters) {
    const inputs = forwarded(parameters)
    const members = run.select(parameters)
    warnWhenIdle(run, members, [freezeResume, lifecycleResume])
    await run.each(members, 'dependencies-first', async (member) => {
      if (member.does(freezeResume)) await run.powerUp(member, freezeResume, { inputs, title: freezeResume })
      else await run.powerUp(member, lifecycleResume, { inputs, title: 'resume' })
    })
  },
})
