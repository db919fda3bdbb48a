// Which file systems of a host ssh.freeze and ssh.thaw are about.
import type { Static } from 'typebox'
import { Type } from '../../../kernel/schema.ts'
import { fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Mounts } from '../../guest/mounts.ts'

export const MountInputs = Type.Object({
  /** Wins over the node's property. */
  mountpoints: Type.Optional(Type.Array(Type.String())),
  allow_root: Type.Optional(Type.Boolean()),
  host: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
})
export type GivenMounts = Static<typeof MountInputs>

/** @throws Fault `ssh.bad_property` */
export async function mountsOf(ctx: OperationContext, given: GivenMounts): Promise<Mounts> {
  const evaluated = await ctx.evaluate(ctx.node.properties)
  const own = isJsonObject(evaluated) ? evaluated : {}
  const paths: Json | undefined = given.mountpoints ?? own['mountpoints']
  if (!Array.isArray(paths) || paths.length === 0 || !paths.every(isPath))
    throw fault('ssh.bad_property', {
      details: { property: 'mountpoints', reason: 'expected a list of absolute paths, at least one' },
    })
  return {
    paths: paths as readonly string[],
    isRootAllowed: (given.allow_root ?? own['allow_root'] === true) === true,
  }
}

const isPath = (path: Json): boolean => typeof path === 'string' && path.startsWith('/') && !path.includes('\0')
