// What the guard of a script is told beside its watch.
import type { JsonObject } from '../../../kernel/json.ts'
import type { WatchRequest } from '../../guard/record.ts'
import type { ProcessOptions } from '../inputs.ts'
import type { Prepared } from '../prepare-script.ts'
import type { Snapshot } from './snapshot.ts'

export interface ScriptGuardRequest extends WatchRequest {
  /** The folder that holds the script and what it needs. */
  readonly parcel: string
  /** The file that says whose turn it is to run a script of this instance. */
  readonly turnPath: string
  /** fs_finalize, ready to run but for the address of `ctx`. */
  readonly command: Prepared
  readonly process: ProcessOptions
  /** Inputs of fs_finalize that the script sees. */
  readonly variables: JsonObject
  readonly snapshot: Snapshot
  /** Milliseconds for all attempts together. */
  readonly patience: number
}
