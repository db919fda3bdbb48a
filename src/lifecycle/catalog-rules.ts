// Which recovery points count as good, and which as verified: read off their rows alone, so that all who ask agree.
import type { Verification } from '../plugins/contract/workflow.ts'
import type { RecoveryPointRow } from '../store/tables.ts'

type Judged = Pick<RecoveryPointRow, 'status' | 'verification'>

export function verificationOf(row: Pick<RecoveryPointRow, 'verification'>): Verification | null {
  return row.verification === null ? null : (JSON.parse(row.verification) as Verification)
}

/** Some part was read back and found to be damaged or gone. */
export function isDamaged(row: Judged): boolean {
  return Object.values(verificationOf(row) ?? {}).some(({ state }) => state === 'damaged' || state === 'missing')
}

/** Complete, and not found damaged since. */
export function isGood(row: Judged): boolean {
  return row.status === 'good' && !isDamaged(row)
}

/** Good, and every part was read back: one that nobody could look at does not count as seen. */
export function isVerified(row: Judged): boolean {
  const parts = Object.values(verificationOf(row) ?? {})
  return isGood(row) && parts.length > 0 && parts.every(({ state }) => state === 'usable')
}
