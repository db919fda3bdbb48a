// A program for script-guard-thaws-after-kill.test.ts: freezes with a script as the engine does, says so, and never thaws
// unless it is told with which script.
import { asFault } from '../../src/kernel/fault.ts'
import { scriptDeadman } from '../../src/plugins/script/deadman.ts'
import { operationContext } from '../support/operation-context.ts'
import { callScript } from '../unit/plugins/script/run-script-operation.ts'

const { stateDirectory, blueprintFolder, instanceId, lease, inputs, prepare, thaw } = JSON.parse(
  process.argv[2] ?? '{}',
)
const ctx = operationContext({ stateDirectory, blueprintFolder, instance: { id: instanceId } })
await ctx.cleanUp()
const at = (name: string) => ({ ...ctx, operation: { ...ctx.operation, name: `cloudify.interfaces.freeze.${name}` } })
const say = (value: object): boolean => process.stdout.write(`${JSON.stringify(value)}\n`)

const handle = await scriptDeadman.arm(at('fs_prepare'), {
  token: 'token of the dead',
  lease,
  finalize: {
    plugin: 'script',
    operation: 'script_runner.tasks.run',
    inputs: { script_path: 'continue.sh', ...inputs },
  },
})
say({ handle })
try {
  await callScript(at('fs_prepare'), { script_path: prepare, ...inputs })
  say({ handle })
  if (thaw) await callScript(at('fs_finalize'), { script_path: thaw, ...inputs })
} catch (thrown) {
  say({ handle, refused: asFault(thrown).code })
}
setInterval(() => undefined, 60_000)
