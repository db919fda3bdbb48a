// What the originals' plugins define, in short: written from what is known of them, not from the files under test.
import type { JsonObject } from '../../../src/kernel/json.ts'

export interface ListedType {
  readonly name: string
  /** Types that its hierarchy must hold, in this order. */
  readonly parents: readonly string[]
  readonly defaults: JsonObject
  /** `lifecycle create delete`: interface and the operations that the plugin provides in it, all of them. */
  readonly interfaces: readonly string[]
  /** Properties that may be given, with a value of the kind that blueprints give. */
  readonly given: JsonObject
}

export interface ListedPlugin {
  /** What blueprints import. */
  readonly package: string
  /** What operations are mapped to. */
  readonly plugins: readonly string[]
  readonly types: readonly ListedType[]
  /** Relationship -> the built-in one that it comes from. */
  readonly relationships: Readonly<Record<string, 'connected_to' | 'contained_in' | 'depends_on'>>
  /** `type interface.operation` -> what it is mapped to, after the plugin's name. */
  readonly mappings: Readonly<Record<string, string>>
}

/** A type with its parents (root first, apart by spaces), defaults, interfaces and what may be given. */
export function type(
  name: string,
  parents: string,
  defaults: JsonObject,
  interfaces: readonly string[] = [],
  given: JsonObject = {},
): ListedType {
  return { name, parents: parents.split(' '), defaults, interfaces, given }
}

export const root = 'cloudify.nodes.Root'
export const compute = 'cloudify.nodes.Compute'
export const snapshots = 'snapshot create apply delete'
export const windows: JsonObject = { os_family: 'windows' }
export const createDelete = ['lifecycle create delete']

/** The same relationships under their newer and their older prefix. */
export function both<Kind extends string>(
  newer: string,
  older: string,
  kind: Kind,
  names: readonly string[],
): Readonly<Record<string, Kind>> {
  return Object.fromEntries(names.flatMap((name) => [newer, older].map((prefix) => [`${prefix}${name}`, kind])))
}
