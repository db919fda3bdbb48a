// Bitmaps in the disks of a running domain that libvirt knows nothing of: checkpoints leave them when a domain is undefined
// with its checkpoints, or when disks of an earlier time are given back to it. QEMU alone can tell, and delete them.
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { hasCode } from '../client/errors.ts'
import type { SnapshotScene } from './snapshot-scene.ts'

export interface Bitmap {
  /** QEMU's name of the disk. */
  readonly node: string
  readonly name: string
}

/** Those that a start from a snapshot would fail for. None where nobody can be asked: the domain is off, or no QEMU. */
export async function writtenBitmaps(ctx: OperationContext, scene: SnapshotScene): Promise<readonly Bitmap[]> {
  const answer = await askQemu(ctx, scene, 'query-named-block-nodes', { flat: true }).catch(
    (thrown: unknown): JsonObject => {
      if (hasCode(thrown, ...unanswered)) return {}
      throw thrown
    },
  )
  return objects(answer['return'])
    .filter(({ ro }) => ro !== true)
    .flatMap(({ 'node-name': node, 'dirty-bitmaps': bitmaps }) =>
      objects(bitmaps).map(({ name }) => ({ node: String(node), name: String(name) })),
    )
}

/** @returns what QEMU has against it; undefined when it is gone */
export async function removeBitmap(
  ctx: OperationContext,
  scene: SnapshotScene,
  { node, name }: Bitmap,
): Promise<string | undefined> {
  const { error } = await askQemu(ctx, scene, 'block-dirty-bitmap-remove', { node, name })
  return isJsonObject(error) ? String(error['desc']) : undefined
}

const unanswered = [
  'OPERATION_INVALID',
  'NO_SUPPORT',
  'OPERATION_UNSUPPORTED',
  'OPERATION_DENIED',
  'ACCESS_DENIED',
] as const

async function askQemu(
  ctx: OperationContext,
  { hypervisor, dom }: SnapshotScene,
  execute: string,
  given: JsonObject,
): Promise<JsonObject> {
  const cmd = JSON.stringify({ execute, arguments: given })
  const { result } = await hypervisor.call('DOMAIN_MONITOR_COMMAND', { dom, cmd }, { signal: ctx.signal })
  const answer: unknown = JSON.parse(result)
  return isJsonObject(answer) ? answer : {}
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isJsonObject) : []
}
