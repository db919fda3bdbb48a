// What the guard of a process is told beside its watch.
import type { ProcessIdentity } from '../../guard/process-table.ts'
import type { WatchRequest } from '../../guard/record.ts'
import type { Hook } from './hook.ts'

export interface GuardRequest extends WatchRequest {
  readonly target: ProcessIdentity
  /** Environment entry by which members of the target's session are known. */
  readonly mark: string
  /** True when the process was stopped before the freeze and shall stay so. */
  readonly leaveStopped: boolean
  readonly finalize: Hook | null
}
