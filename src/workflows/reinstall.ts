// reinstall: uninstall and then install, in one execution.
import { Type } from '../kernel/schema.ts'
import { defineWorkflow } from '../plugins/contract/workflow.ts'
import { choice } from './chosen-members.ts'
import { install } from './install.ts'
import { uninstall } from './uninstall.ts'

export const reinstall = defineWorkflow({
  name: 'reinstall',
  description: 'Stops and deletes all nodes, then creates, configures and starts them again',
  parameters: Type.Object({
    ignore_failure: Type.Boolean({ default: false, description: 'Go on behind operations that fail while deleting' }),
    ...choice,
  }),
  async run(run, parameters) {
    // A step of its own: carried on after a crash, nothing that is installed again may be taken down once more.
    await run.step('uninstalled', async () => {
      await uninstall.run(run, parameters as never)
    })
    await install.run(run, parameters as never)
  },
})
