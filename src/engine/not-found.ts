// The fault for an id that nothing has, with what was probably meant.
import { fault } from '../kernel/fault.ts'
import { suggestion } from '../lifecycle/selection.ts'

export function notFound(kind: string, id: string, known: readonly string[]): Error {
  return fault('usage.not_found', { details: { kind, id, near: suggestion(id, known) } })
}
