// Which file systems of a guest stand still: those that the inputs or the node name, else all that hold nothing which the guest
// itself needs.
import { Type } from '../../../kernel/schema.ts'
import type { Mounts } from '../../guest/mounts.ts'
import { badProperty } from '../errors.ts'
import type { VsphereSettings } from '../settings.ts'

export const FreezeInputs = Type.Object({
  /** Wins over the node's property. */
  mountpoints: Type.Optional(Type.Array(Type.String())),
})

/** Where tools keep their logs and what they are sent: were it to stand still, they could not be told to thaw. */
const needed = ['/usr', '/etc', '/var', '/var/log', '/var/lib', '/tmp', '/var/tmp', '/root', '/opt'] as const

/** @throws Fault `vsphere.bad_property` */
export function mountsOf({ options }: Pick<VsphereSettings, 'options'>): Mounts {
  const paths = options.texts('mountpoints')
  const wrong = paths.find((path) => !path.startsWith('/'))
  if (wrong !== undefined) throw badProperty('mountpoints', `'${wrong}' is no absolute path`)
  return { paths: [...new Set(paths)], isRootAllowed: false, needed }
}
