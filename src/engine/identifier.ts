// Which ids users may give.
import { fault } from '../kernel/fault.ts'

const pattern = /^[A-Za-z][A-Za-z0-9._~-]{0,255}$/

/** @throws Fault `usage.bad_id` */
export function checkId(kind: string, id: string): void {
  if (!pattern.test(id)) throw fault('usage.bad_id', { details: { kind, id } })
}
