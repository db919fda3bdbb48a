// The merged document: every named element of every file in one place, each remembering where it was written.
import type { Json, JsonObject } from '../kernel/json.ts'
import type { Place } from './reporter.ts'
import type { Path, SourceFile } from './source/source-file.ts'
import type { Minor } from './version.ts'

/** Sections that hold named elements. */
export const namedSections = [
  'inputs',
  'plugins',
  'data_types',
  'node_types',
  'relationships',
  'node_templates',
  'policy_types',
  'policy_triggers',
  'groups',
  'policies',
  'workflows',
  'outputs',
  'capabilities',
  'labels',
  'blueprint_labels',
  'resource_tags',
] as const
export type NamedSection = (typeof namedSections)[number]

/** Sections that hold one value. */
export const singleSections = ['description', 'metadata', 'deployment_settings', 'dsl_definitions'] as const
export type SingleSection = (typeof singleSections)[number]

export interface Element {
  readonly section: string
  readonly name: string
  readonly value: Json
  readonly source: SourceFile
  /** The way to it within its file: without the namespace that an import added. */
  readonly origin: Path
  readonly namespace: string
  /** Comes from the built-in types: others may be named like it, it wins. */
  readonly isBuiltin: boolean
}

export interface Document {
  readonly version: string
  readonly minor: Minor
  readonly main: SourceFile
  /** The main file and everything that it imports, in the order of merging. */
  readonly sources: readonly SourceFile[]
  readonly sections: Readonly<Record<NamedSection, ReadonlyMap<string, Element>>>
  readonly singles: ReadonlyMap<SingleSection, Element>
  readonly importedBlueprints: readonly string[]
  /** Namespace -> id of the blueprint imported under it. */
  readonly namespaces: JsonObject
  /** Paths of all files of the blueprint. */
  readonly fileNames: readonly string[]
  /** True when `path` is a file of the blueprint, seen from the folder of `from`. */
  hasFile(path: string, from: SourceFile): boolean
}

/** The place of something inside an element. */
export function placeIn(element: Element, ...rest: Path): Place {
  // Sections of one value have no names in them.
  const shown = element.name === '' ? [element.section] : [element.section, element.name]
  return { source: element.source, path: [...element.origin, ...rest], shown: [...shown, ...rest] }
}

export function keyPlace(element: Element, ...rest: Path): Place {
  return { ...placeIn(element, ...rest), aim: 'key' }
}
