// What a guard is told when it is started, over its standard input: never as arguments, which anybody can read.
import type { Hook } from './hook.ts'
import type { ProcessIdentity } from './process-table.ts'

export interface GuardRequest {
  /** Names the freeze this guard belongs to. */
  readonly token: string
  /** Milliseconds from the moment the guard has read this. */
  readonly lease: number
  readonly target: ProcessIdentity
  /** Environment entry by which members of the target's session are known. */
  readonly mark: string
  /** True when the process was stopped before the freeze and shall stay so. */
  readonly leaveStopped: boolean
  readonly finalize: Hook | null
  /** The file that names the guard in charge of the target. Becomes the marker when the guard fires. */
  readonly recordPath: string
  /** A folder only we may enter; the marker is made in it. */
  readonly folder: string
}

/** What the guard answers once its clock runs, as one line of JSON. */
export interface GuardAnswer {
  readonly pid: number
  readonly startTime: number
  readonly marker: string
}

/** Content of the record and of the marker. `firedAt` is null until the guard fires. */
export interface GuardRecord {
  readonly token: string
  readonly guard: ProcessIdentity
  /** Milliseconds since 1970. */
  readonly firedAt: number | null
  /** What the guard found and did. */
  readonly outcome: string
}
