// Our marks on what we make: by them, and never by its name, we know a thing again when an answer was lost.
import { createHash } from 'node:crypto'
import type { JsonObject } from '../../kernel/json.ts'
import type { OperationContext } from '../contract/context.ts'

/** Names of metadata and of image properties. */
export const markNames = { key: 'fermata_key', node: 'fermata_node', backup: 'fermata_backup' } as const

/** Metadata for what an operation makes; all texts, none longer than a cloud takes. */
export type Mark = Readonly<Record<string, string>>

export function markOf(
  { operation, deployment, instance }: Pick<OperationContext, 'operation' | 'deployment' | 'instance'>,
  backup?: string,
): Mark {
  return markFor(operation.key, { node: `${deployment.id}/${instance.id}`, backup })
}

/** For what is made without a node: `node` tells people whose it is. */
export function markFor(
  key: string,
  about: { readonly node?: string; readonly backup?: string | undefined } = {},
): Mark {
  return {
    [markNames.key]: digestOf(key),
    ...(about.node === undefined ? {} : { [markNames.node]: shortened(about.node) }),
    ...(about.backup === undefined ? {} : { [markNames.backup]: shortened(about.backup) }),
  }
}

/** For things without metadata: one word for a tag or a description, short enough for the oldest Neutron. */
export function tagOf(key: string): string {
  return `fermata-${digestOf(key)}`
}

/** `metadata`: of a server, volume, snapshot or backup; of an image, the image itself. */
export function isMarked(metadata: JsonObject | null | undefined, key: string): boolean {
  return metadata?.[markNames.key] === digestOf(key)
}

export interface MarkedThing<Thing> {
  /** All that it could be: `cloud.pages(...)`, narrowed as far as the cloud can. */
  list(mark: Mark): AsyncIterable<Thing>
  metadataOf(thing: Thing): JsonObject | null | undefined
  create(mark: Mark): Promise<Thing>
  /** Shown to people as the mark's backup. */
  readonly backup?: string | undefined
  /** Tells apart several things that one operation makes. */
  readonly part?: string | undefined
}

/** Makes a thing at most once, whatever becomes of the answer: what bears our mark is ours. */
export function onceMarked<Thing>(
  ctx: Pick<OperationContext, 'operation' | 'deployment' | 'instance' | 'once'>,
  thing: MarkedThing<Thing>,
): Promise<Thing> {
  const whole = (key: string): string => (thing.part === undefined ? key : `${key}#${thing.part}`)
  const mark = (key: string): Mark =>
    markFor(whole(key), { node: `${ctx.deployment.id}/${ctx.instance.id}`, backup: thing.backup })
  return ctx.once({
    lookUp: (key) => findMarked(thing.list(mark(key)), whole(key), (item) => thing.metadataOf(item)),
    create: (key) => thing.create(mark(key)),
  })
}

export async function findMarked<Thing>(
  things: AsyncIterable<Thing>,
  key: string,
  metadataOf: (thing: Thing) => JsonObject | null | undefined,
): Promise<Thing | undefined> {
  for await (const thing of things) if (isMarked(metadataOf(thing), key)) return thing
  return undefined
}

// A key may be longer, and of more kinds of characters, than clouds take.
function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 40)
}

function shortened(text: string): string {
  return text.slice(0, 255)
}
