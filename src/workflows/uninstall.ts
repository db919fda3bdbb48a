// uninstall: takes each node instance down, before everything it depends on.
import { Type } from '../kernel/schema.ts'
import { asFault } from '../kernel/fault.ts'
import { defineWorkflow, type Member, type Run } from '../plugins/contract/workflow.ts'
import { relationshipOperations } from './relationship-operations.ts'
import { choice, chosenMembers } from './chosen-members.ts'

const lifecycle = 'cloudify.interfaces.lifecycle'
/** In these states there is nothing to stop. */
const notRunning = ['stopped', 'deleting', 'deleted', 'uninitialized', 'configured', 'created']
/** In these there is nothing to delete either. */
const notThere = ['deleted', 'uninitialized']

export const uninstall = defineWorkflow({
  name: 'uninstall',
  description: 'Stops and deletes all nodes',
  parameters: Type.Object({
    ignore_failure: Type.Boolean({ default: false, description: 'Go on behind operations that fail' }),
    ...choice,
  }),
  async run(run, parameters) {
    await run.each(chosenMembers(run, parameters), 'dependents-first', (member) =>
      uninstallOne(run, member, parameters.ignore_failure),
    )
  },
})

async function uninstallOne(run: Run, member: Member, isLenient: boolean): Promise<void> {
  const attempt = lenient(run, member, isLenient)
  const state = run.state(member)
  if (!notRunning.includes(state)) await stop(run, member, attempt)
  // One that is stopped may have been when a run died that was about to unlink it.
  if (!notRunning.includes(state) || state === 'stopped') await unlink(run, member, attempt)
  if (!notThere.includes(state)) await remove(run, member, attempt)
}

type Attempt = (work: () => Promise<unknown>) => Promise<void>

async function stop(run: Run, member: Member, attempt: Attempt): Promise<void> {
  await run.setState(member, 'stopping')
  run.event('Stopping node instance', member)
  await attempt(() => run.execute(member, `${lifecycle}.prestop`))
  await attempt(() => run.execute(member, `${lifecycle}.stop`))
  run.event(member.does(`${lifecycle}.stop`) ? 'Stopped node instance' : 'Stopped node instance: nothing to do', member)
  await run.setState(member, 'stopped')
}

async function unlink(run: Run, member: Member, attempt: Attempt): Promise<void> {
  const unlinks = relationshipOperations(run, member, 'unlink')
  if (unlinks.length === 0) return
  run.event('Unlinking relationships', member)
  for (const one of unlinks) await attempt(one)
  run.event('Relationships unlinked', member)
}

async function remove(run: Run, member: Member, attempt: Attempt): Promise<void> {
  await run.setState(member, 'deleting')
  run.event('Deleting node instance', member)
  await attempt(() => run.execute(member, `${lifecycle}.delete`))
  await attempt(() => run.execute(member, `${lifecycle}.postdelete`))
  await run.setState(member, 'deleted')
  run.event('Deleted node instance', member)
}

function lenient(run: Run, member: Member, isLenient: boolean): Attempt {
  return async (work) => {
    try {
      await work()
    } catch (thrown) {
      if (!isLenient || run.signal.aborted) throw thrown
      run.event(`Ignoring failure: ${asFault(thrown).message}`, member)
    }
  }
}
