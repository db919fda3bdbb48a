// One piece of work on volumes, of a node or of nobody's: what it makes bears its key, by which it is found again.
import type { Duration } from '../../../kernel/duration.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext, Once } from '../../contract/context.ts'
import type { Cloud } from '../client/cloud.ts'
import { findMarked, markFor, type Mark } from '../mark.ts'

export interface VolumeWork {
  readonly cloud: Cloud
  /** Stable over all attempts, unique among all other work. */
  readonly key: string
  /** For people: whose it is. */
  readonly node: string
  /** For people: the backup that it belongs to. */
  readonly backup?: string | undefined
  /** How long a copy may take. Default: half an hour, and two minutes for each GiB. */
  readonly copyLimit?: Duration | undefined
  /** As that of an operation: looks for what an earlier attempt may have made, and then makes it. */
  once<Value>(effect: Once<Value>): Promise<Value>
}

export function workOf(
  ctx: Pick<OperationContext, 'operation' | 'deployment' | 'instance' | 'once'>,
  cloud: Cloud,
  more: Pick<VolumeWork, 'backup' | 'copyLimit'> = {},
): VolumeWork {
  const node = `${ctx.deployment.id}/${ctx.instance.id}`
  return { ...more, cloud, key: ctx.operation.key, node, once: (effect) => ctx.once(effect) }
}

/**
 * The same work, whoever does it and however often: for what goes on where another round has ended, as a restore does that was
 * carried on. `what` names it among all of its node.
 */
export function sameWork(work: VolumeWork, what: string): VolumeWork {
  return underKey(work, `${work.node}/${what}`)
}

/** The work that somebody has begun under this key. */
export function underKey(work: VolumeWork, key: string): VolumeWork {
  return {
    ...work,
    key,
    once: async (effect) => (await effect.lookUp(key)) ?? work.once(effect),
  }
}

/** `part` tells apart what one piece of work makes: `snapshot/VOLUME`. */
export function keyOf(work: Pick<VolumeWork, 'key'>, part: string): string {
  return `${work.key}#${part}`
}

export interface Made<Thing> {
  readonly part: string
  /** All that it could be. */
  list(): AsyncIterable<Thing>
  metadataOf(thing: Thing): JsonObject | null | undefined
  create(mark: Mark): Promise<Thing>
}

/** Makes a thing at most once, whatever becomes of the answer. */
export function madeOnce<Thing>(work: VolumeWork, { part, list, metadataOf, create }: Made<Thing>): Promise<Thing> {
  const key = keyOf(work, part)
  return work.once({
    lookUp: () => findMarked(list(), key, metadataOf),
    create: () => create(markFor(key, work)),
  })
}
