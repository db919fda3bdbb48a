// Waiting for what a cloud still owes: an operation that was accepted says nothing about the end. How things of Google
// Cloud end is said here.
import { statusWaits } from '../http/status-wait.ts'
import { errorState, notReached } from './errors.ts'

/** Of statuses in lower case. */
const isFailure = (status: string): boolean => status === 'failed' || status === 'invalid'

export const { untilStatus, untilGone } = statusWaits({ isFailure, errorState, notReached })
