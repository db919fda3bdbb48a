// A log that keeps every promise but one.
import type { Facts } from '../../../../src/report/oracle/facts.ts'
import type { Row } from '../made-log.ts'

export interface BrokenLog {
  /** The only rule that it breaks. */
  readonly rule: string
  readonly what: string
  readonly rows: readonly Row[]
  readonly facts?: Facts
}
