// Which file systems of a guest are frozen: those that the inputs or the node name, else all that its agent knows.
import type { Static } from 'typebox'
import { Type } from '../../../kernel/schema.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { LibvirtSettings } from '../settings.ts'

export const FreezeInputs = Type.Object({
  /** Wins over the node's property. */
  mountpoints: Type.Optional(Type.Array(Type.String())),
})
export type FreezeInputs = Static<typeof FreezeInputs> & JsonObject

/** Each once; empty: all. @throws Fault `libvirt.bad_property` */
export function mountpointsOf({ options }: LibvirtSettings): readonly string[] {
  const paths = options.texts('mountpoints')
  const wrong = paths.find((path) => !path.startsWith('/'))
  if (wrong !== undefined) throw options.bad('mountpoints', `'${wrong}' is no absolute path`)
  return [...new Set(paths)]
}
