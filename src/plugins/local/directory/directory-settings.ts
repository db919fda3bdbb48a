// Reads the properties of a fermata.nodes.local.Directory and says where its snapshots lie.
import { realpath } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { isJsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { badProperty, optionalText } from '../process/property-readers.ts'
import { storeLayout, type StoreLayout } from '../snapshot/layout.ts'

export interface DirectorySettings {
  /** Absolute; symlinks on the way are followed once, here. */
  readonly path: string
  readonly store: StoreLayout
}

/** @throws Fault `local.bad_property` */
export async function directorySettings(ctx: OperationContext): Promise<DirectorySettings> {
  const evaluated = await ctx.evaluate(ctx.node.properties)
  const properties = isJsonObject(evaluated) ? evaluated : {}
  const given = optionalText(properties, 'path') ?? badProperty('path', 'it is missing; name a directory')
  const path = await real(resolve(ctx.stateDirectory, given))
  if (path === sep) badProperty('path', 'the root of the file system cannot be a directory node')
  const snapshots = resolve(ctx.stateDirectory, optionalText(properties, 'snapshots_path') ?? 'snapshots')
  const { nodeId, index } = ctx.instance
  // By node and not by instance id, which a new deployment of the same blueprint would not have.
  const root = join(snapshots, index > 1 ? `${nodeId}-${index}` : nodeId)
  if (isBelow(await real(root), path)) badProperty('snapshots_path', 'it must not lie below path')
  if (isBelow(path, root)) badProperty('path', 'it must not lie below snapshots_path')
  return { path, store: storeLayout(root, isBelow(root, ctx.stateDirectory)) }
}

async function real(path: string): Promise<string> {
  // A path that is not there yet is taken as written.
  return realpath(path).catch(() => path)
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep)
}
