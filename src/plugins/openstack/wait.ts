// Waiting for what a cloud still owes: a 202 says nothing about the end. How things of OpenStack end is said here.
import { statusWaits } from '../http/status-wait.ts'
import { errorState, notReached } from './errors.ts'

/** Of statuses in lower case: `error`, `error_deleting`, and what Glance says of an upload that broke. */
export function isFailure(status: string): boolean {
  return status.startsWith('error') || status === 'killed'
}

export const { untilStatus, untilGone } = statusWaits({ isFailure, errorState, notReached })
