// A snapshot as part of a workflow: of a server that may be stopped for it, whole when it is waited for, nothing when it fails.
import type { JsonObject } from '../../../kernel/json.ts'
import type { Run } from '../../contract/workflow.ts'
import { inRounds } from './rounds.ts'
import type { Subject } from './subject.ts'
import type { CopyRef, NewCopy } from './take-copy.ts'

interface Taking {
  readonly wanted: NewCopy
  readonly isStopAsked: boolean
  readonly wait: boolean
}

export interface Taken {
  readonly copy: CopyRef
  /** From when until when the server was off for it. */
  readonly off: { readonly off_from?: string; readonly off_until?: string }
}

/** Stopped for it, a server is started again whatever becomes of the snapshot; one that stands still already is left alone. */
export async function takeSnapshot(
  run: Run,
  { instance, call }: Subject,
  { wanted, isStopAsked, wait }: Taking,
): Promise<Taken> {
  const { id, name, isRunning } = instance
  const isStopped = isStopAsked && isRunning
  let isOff = false
  const { value, put } = await inRounds<JsonObject>(run, 'snapshot', {
    async work(round) {
      const off = isStopped ? await call('stop', { id }, { phase: `stop#${round}` }) : null
      isOff = isStopped
      return { copy: await call('take', wanted, { phase: `take#${round}` }), off }
    },
    async putBack(round) {
      if (!isStopped) return null
      return call('start', { id, name, isOff }, { phase: `start#${round}`, isOwed: true })
    },
    async check({ copy }, round) {
      const verified = { copy: copy as unknown as CopyRef, instanceId: id }
      if (wait) await call('verify', verified, { phase: `verify#${round}` })
    },
    undo: (round) => call('untake', wanted, { phase: `untake#${round}`, isOwed: true }),
  })
  const copy = value['copy'] as unknown as CopyRef
  return { copy, off: isStopped ? { off_from: String(value['off']), off_until: String(put) } : {} }
}
