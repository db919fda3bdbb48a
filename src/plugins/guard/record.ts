// What a guard is told about its watch, what it answers, and what it writes down for others to find.
import { isSameProcess, type ProcessIdentity } from './process-table.ts'

/** Told over standard input: never as arguments, which anybody can read. Each guard is told more than this. */
export interface WatchRequest {
  /** Names the freeze this guard belongs to. */
  readonly token: string
  /** Milliseconds from the start of the guard. */
  readonly lease: number
  /** Milliseconds from the start of the guard, beyond which no extension goes. */
  readonly maximum: number
  /** The file that names the guard in charge of the node. Becomes the marker when the guard fires. */
  readonly recordPath: string
  /** A folder only we may enter; the marker is made in it. */
  readonly folder: string
  /** Names it among the watches of one guard; left out: the guard has no other. */
  readonly watch?: string
}

/** What the guard answers once its clock runs, as one line of JSON. */
export interface GuardAnswer {
  readonly watch?: string
  readonly pid: number
  readonly startTime: number
  readonly marker: string
}

/** What a guard of several watches says when one of them has ended, however that came. */
export interface WatchEnd {
  readonly over: string
}

/** Content of the record and of the marker. */
export interface GuardRecord {
  readonly token: string
  readonly guard: ProcessIdentity
  /** Milliseconds since 1970; null until the guard fires. */
  readonly firedAt: number | null
  /** What the guard found and did. */
  readonly outcome: string
  /** The folder with what the guard needs, where it has one. */
  readonly parcel?: string
  /** Names the extension that was granted last. */
  readonly extension?: string
  /** Which of the guard's watches, where it may have several. */
  readonly watch?: string
}

/** A request for more time, in a file of its own beside the record. */
export interface ExtensionRequest {
  readonly id: string
  readonly lease: number
}

/** A wish that a watch should end, of a guard that has several. */
export interface DismissalRequest {
  /** Also one that is thawing. */
  readonly atOnce: boolean
}

/** A watch as files know it. */
export interface WatchName extends ProcessIdentity {
  readonly watch?: string
}

/** True when this very watch wrote it. */
export const isOf = (record: GuardRecord | undefined, { watch = '', ...guard }: WatchName): boolean =>
  isSameProcess(record?.guard, guard) && (record?.watch ?? '') === watch

/** What the names of its files begin with. */
export const watchName = ({ pid, startTime, watch = '' }: WatchName): string =>
  `${pid}-${startTime}${watch === '' ? '' : `-${watch}`}`

export const extensionPath = (folder: string, guard: WatchName): string => `${folder}/${watchName(guard)}.extend`

export const dismissalSuffix = '.leave'

/** Taken away by the guard once the watch has ended. */
export const dismissalPath = (folder: string, guard: WatchName): string =>
  `${folder}/${watchName(guard)}${dismissalSuffix}`
