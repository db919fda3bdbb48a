// Plain resources, which hold no data: where the API keeps them, and what a node's properties mean to it.
import type { JsonObject } from '../../../kernel/json.ts'
import { pathOf } from '../client/project.ts'
import { regionOf, zoneOf, type Scene } from '../settings.ts'

export interface ResourceKind {
  /** For people: `network`. */
  readonly word: string
  /** In the API: `networks`; several types of nodes choose between some. */
  readonly collection: string | ((scene: Scene) => string)
  readonly place: 'global' | 'region' | 'zone' | ((scene: Scene) => 'global' | 'region' | 'zone')
  /** What it is to be like, without its name; `additional_settings` go on top. */
  describe(scene: Scene): JsonObject | Promise<JsonObject>
  /** More of what blueprints read. Default: what the API shows. */
  attributes?(thing: Thing): JsonObject
}

export interface Thing extends JsonObject {
  readonly id: string
  readonly name: string
  readonly selfLink: string
}

/** Without the name. */
export function collectionPath(scene: Scene, kind: ResourceKind): string {
  const place = typeof kind.place === 'string' ? kind.place : kind.place(scene)
  const collection = typeof kind.collection === 'string' ? kind.collection : kind.collection(scene)
  switch (place) {
    case 'global':
      return `/global/${collection}`
    case 'region':
      return `${pathOf`/regions/${regionOf(scene)}`}/${collection}`
    case 'zone':
      return `${pathOf`/zones/${zoneOf(scene)}`}/${collection}`
  }
}
