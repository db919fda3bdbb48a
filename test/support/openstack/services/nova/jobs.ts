// What Nova does after a call was answered: task states one after the other, a record of the action, and what a failure leaves.
import type { Call } from '../../http/call.ts'
import { conflict } from '../../http/answer.ts'
import type { FakeServer } from '../../model/server.ts'
import type { State } from '../../model/state.ts'
import type { FakeAction, VmState } from '../../model/things.ts'
import { Broken } from '../../../../../src/testing/fake-http/work.ts'

/** @throws Refusal 409 unless the server is in one of these states, and without a task */
export function checkState(server: FakeServer, action: string, states: readonly VmState[]): void {
  const refuse = (what: string): Error => conflict(`Cannot '${action}' instance ${server.id} while it is in ${what}`)
  if (!states.includes(server.vmState)) throw refuse(`vm_state ${server.vmState}`)
  if (server.taskState !== null) throw refuse(`task_state ${server.taskState}`)
}

export interface Job {
  readonly server: FakeServer
  readonly action: string
  /** Task states, first to last; the first is seen at once. */
  readonly tasks: readonly string[]
  /** Reached with the last of them over. */
  done(): void | Promise<void>
  /** Reached when the task of this name is over. */
  readonly after?: Readonly<Record<string, () => void | Promise<void>>>
  /** What else goes wrong; the server's own part is done. Default: the server is in ERROR, its task still to be seen. */
  broken?(thrown: Broken): void
}

export function runJob(state: State, call: Call, job: Job): void {
  const { server, tasks } = job
  const record = recordOf(state, call, job)
  server.taskState = tasks[0] ?? null
  touch(state, server)
  const wasDown = state.work.isDown('compute')
  state.work.begin(async () => {
    try {
      for (const task of tasks) {
        if (server.vmState === 'deleted') return
        server.taskState = task
        await state.work.step(`server:${task}`, server.id, 'compute')
        // A compute service that comes back knows nothing of what it was asked while it was gone.
        if (wasDown) return lost(state, server, record)
        await job.after?.[task]?.()
      }
      await job.done()
      server.taskState = null
      finish(state, record, 'Success')
    } catch (thrown) {
      if (!(thrown instanceof Broken)) throw thrown
      if (job.broken) job.broken(thrown)
      else {
        server.vmState = 'error'
        server.fault = { message: thrown.message, created: state.seconds() }
      }
      finish(state, record, 'Error', thrown.message)
    }
    touch(state, server)
  })
}

function lost(state: State, server: FakeServer, record: FakeAction): void {
  server.vmState = 'error'
  server.taskState = null
  finish(state, record, 'Error', 'the compute service was gone')
  touch(state, server)
}

export function touch(state: State, server: FakeServer): void {
  server.updated = state.seconds()
}

function recordOf(state: State, call: Call, { server, action }: Job): FakeAction {
  const record: FakeAction = {
    action,
    requestId: call.requestId,
    start: state.micros(),
    message: null,
    events: [{ event: `compute_${action}_instance`, start: state.micros(), finish: null, result: null, details: null }],
  }
  server.actions.unshift(record)
  return record
}

function finish(state: State, record: FakeAction, result: 'Success' | 'Error', details: string | null = null): void {
  for (const event of record.events) Object.assign(event, { finish: state.micros(), result, details })
  if (result === 'Error') record.message = 'Error'
}
