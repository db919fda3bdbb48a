// What the engine of plain resources must know of a kind of thing: where it lives, what it is made of, how ours is told.
import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Cloud, ServiceName } from '../client/cloud.ts'
import type { OpenstackSettings } from '../settings.ts'

/** As the cloud shows it. */
export type Thing = JsonObject

/** Who works with which cloud, and what the node says. */
export interface Scene {
  readonly ctx: OperationContext
  readonly cloud: Cloud
  readonly settings: OpenstackSettings
}

/**
 * How a thing bears our mark, for when an answer is lost. `description`: the mark is appended to it. `properties`: image
 * properties. `metadata`: those of a volume. `newcomer`: it can bear none, and is known by its name, and by not having been
 * there when we looked before.
 */
export type Marking = 'description' | 'properties' | 'metadata' | 'newcomer'

export interface ResourceKind {
  /** For people: `security group`. */
  readonly word: string
  /** Runtime property `type`: `security_group`. */
  readonly type: string
  readonly service: ServiceName
  /** `/security-groups`. */
  readonly path: string
  /** Where a list tells all of each thing. Default: the path. */
  readonly listPath?: string
  /** The list's name in answers. */
  readonly collection: string
  /** What wraps one in bodies; null: nothing does. */
  readonly member: string | null
  readonly marking: Marking
  /** How a change is sent; absent: it cannot be changed. */
  readonly change?: 'PUT' | 'PATCH'
  /** Default: its `id`. */
  idOf?(thing: Thing): string
  /** Lists of key pairs wrap each one. */
  unwrapped?(item: JsonObject): Thing
  /** For reading, listing and making. */
  microversion?(cloud: Cloud): Promise<string | undefined>
  /** What people call it by; null: it has no name, as a rule. Default: `name`. */
  readonly nameField?: string | null
  /** More of what narrows the list where its name alone does not. */
  readonly listQuery?: Readonly<Record<string, string | boolean>>
  /** What it is to be made of, after the node and its relationships. @throws Fault `openstack.*` */
  describe(scene: Scene): Promise<JsonObject>
  /** True when it is what was asked for: of one that can bear no mark. */
  isLike?(thing: Thing, wanted: JsonObject): boolean
  /** What is there already and is to be used instead of a new one; it stays. */
  instead?(scene: Scene): Promise<Thing | undefined>
  /** Reads back what the thing is until it can be used. Default: it can be at once. */
  ready?(scene: Scene, thing: Thing): Promise<Thing>
  /** What blueprints read, beside id, name, type and the thing itself. */
  attributes?(thing: Thing): Readonly<Record<string, Json>>
  readonly quota?: Quota
}

/** How many there may be, and are. A limit below zero is none. */
export interface Room {
  readonly limit: number
  readonly used: number
}

/** undefined: the cloud does not tell. */
export type Quota = (cloud: Cloud) => Promise<Room | undefined>

export function idOf(kind: ResourceKind, thing: Thing): string {
  const id = kind.idOf === undefined ? thing['id'] : kind.idOf(thing)
  return typeof id === 'number' ? String(id) : typeof id === 'string' ? id : ''
}

export function nameOf({ nameField = 'name' }: ResourceKind, thing: Thing): string {
  const name = nameField === null ? undefined : thing[nameField]
  return typeof name === 'string' ? name : ''
}
