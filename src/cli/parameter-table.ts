// The table of what a blueprint or a workflow may be given.
import type { ParameterSchema } from '../blueprint/plan.ts'
import type { Call } from './call.ts'

/** `head` names the first column; `none` is said when there is nothing to give. */
export async function printParameters(
  call: Call,
  parameters: Readonly<Record<string, ParameterSchema>>,
  { head, none }: { readonly head: string; readonly none: string },
): Promise<void> {
  await call.printList({
    items: Object.entries(parameters).filter(([, schema]) => schema.hidden !== true),
    head: [head, 'TYPE', 'DEFAULT', 'DESCRIPTION'],
    row: ([name, schema]) => [name, schema.type ?? 'any', defaultText(schema), schema.description?.trim() ?? null],
    none,
  })
}

function defaultText(schema: ParameterSchema): string {
  if (schema.default !== undefined) return JSON.stringify(schema.default)
  return schema.required === false ? '' : '(needed)'
}
