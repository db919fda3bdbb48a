// Builds the merged document: walks the imports breadth first and joins every file's sections by the rules of the language.
import type { Json } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import {
  type Document,
  type Element,
  type NamedSection,
  namedSections,
  type SingleSection,
  singleSections,
} from '../document.ts'
import { describeValue } from '../elements/shape.ts'
import type { Place, Reporter } from '../reporter.ts'
import { keysWrittenOtherwise } from '../source/read-yaml.ts'
import type { SourceFile } from '../source/source-file.ts'
import { type Minor, minorOf, versionName } from '../version.ts'
import { didYouMean } from '../../kernel/near.ts'
import { mergeElement } from './merge-element.ts'
import { namespaced, withNamespace } from './namespace.ts'
import { orderImports, type ImportedFile } from './order.ts'
import { beside, type Library } from './resolve.ts'

const sinceThree: ReadonlySet<string> = new Set([
  'inputs',
  'outputs',
  'node_templates',
  'capabilities',
  'labels',
  'blueprint_labels',
  'resource_tags',
])
const neverRepeated: ReadonlySet<string> = new Set(['policies', 'deployment_settings'])
const passedOver: ReadonlySet<string> = new Set([
  'tosca_definitions_version',
  'imports',
  'dsl_definitions',
  // Old blueprints say what a manager should upload beside them; it means nothing here, and a lint rule says so.
  'upload_resources',
])
const notFromPlugins: ReadonlySet<string> = new Set(['labels', 'blueprint_labels', 'resource_tags'])

interface MergeOptions {
  readonly library: Library
  readonly reporter: Reporter
  readonly version: string
  readonly minor: Minor
  readonly checksVersion: boolean
}

/** The document of `main` and everything it imports. Problems go to the reporter; what can be merged is. */
export function mergeImports(main: SourceFile, options: MergeOptions): Document {
  const { library } = options
  const ordered = orderImports(main, options)
  const sections = Object.fromEntries(
    namedSections.map((section) => [section, new Map<string, Element>()]),
  ) as unknown as Record<NamedSection, Map<string, Element>>
  const singles = new Map<SingleSection, Element>()
  const merger: Merger = { sections, singles, present: new Set(), options }
  for (const file of ordered.files) mergeFile(file, merger)
  return {
    version: options.version,
    minor: options.minor,
    main,
    sources: ordered.files.map(({ source }) => source),
    sections,
    singles,
    importedBlueprints: [...new Set(Object.values(ordered.namespaces))] as string[],
    namespaces: ordered.namespaces,
    fileNames: Object.keys(library.files),
    hasFile: (path, from) => hasFile(path, from, main, library),
  }
}

interface Merger {
  readonly sections: Record<NamedSection, Map<string, Element>>
  readonly singles: Map<SingleSection, Element>
  /** Sections that some file already had. */
  readonly present: Set<string>
  readonly options: MergeOptions
}

function mergeFile(file: ImportedFile, merger: Merger): void {
  const { source } = file
  checkFileVersion(file, merger.options)
  for (const section of Object.keys(source.value)) {
    if (file.kind === 'plugin' && notFromPlugins.has(section)) continue
    const value = source.value[section] ?? null
    const place: Place = { source, path: [section] }
    if (isNamed(section)) mergeSection(section, value, file, merger)
    else if (isSingle(section)) mergeSingle(section, value, file, merger)
    else if (!passedOver.has(section)) unknownSection(section, { ...place, aim: 'key' }, merger.options.reporter)
  }
}

function isNamed(section: string): section is NamedSection {
  return (namedSections as readonly string[]).includes(section)
}

function isSingle(section: string): section is SingleSection {
  return (singleSections as readonly string[]).includes(section)
}

function unknownSection(section: string, place: Place, reporter: Reporter): void {
  const known = [...passedOver, ...namedSections, 'description', 'metadata', 'deployment_settings']
  const near = didYouMean(section, known)
  reporter.add('blueprint.unknown_key', place, {
    key: section,
    allowed: known.join(', ') + (near === undefined ? '' : `; ${near}`),
  })
}

function mergeSingle(section: SingleSection, value: Json, file: ImportedFile, merger: Merger): void {
  const { source } = file
  if (merger.singles.has(section)) {
    if (neverRepeated.has(section)) refuseRepeated(section, { source, path: [section], aim: 'key' }, merger)
    return
  }
  if (value === null) return
  const element: Element = {
    section,
    name: '',
    value,
    source,
    origin: [section],
    namespace: file.namespace,
    isBuiltin: file.isBuiltin,
  }
  merger.singles.set(section, element)
}

function mergeSection(section: NamedSection, value: Json, file: ImportedFile, merger: Merger): void {
  const { source } = file
  const { reporter, minor } = merger.options
  const place: Place = { source, path: [section], aim: 'key' }
  if (value === null) return
  if (!isJsonObject(value)) {
    reporter.add('blueprint.wrong_shape', place, { key: section, expected: 'a dict', found: describeValue(value) })
    return
  }
  if (merger.present.has(section)) {
    if (neverRepeated.has(section) || (sinceThree.has(section) && minor < 3)) {
      refuseRepeated(section, place, merger)
      return
    }
  }
  for (const key of keysWrittenOtherwise(value)) {
    reporter.add('blueprint.key_not_text', { source, path: [section, key], aim: 'key' }, { key })
  }
  merger.present.add(section)
  const target = merger.sections[section]
  for (const name of Object.keys(value)) {
    const element = elementOf(section, name, value[name] as Json, file)
    const merged = mergeElement(target.get(element.name), element, reporter)
    if (merged !== undefined) target.set(element.name, merged)
  }
}

function elementOf(section: NamedSection, name: string, value: Json, file: ImportedFile): Element {
  const { source, namespace, isBuiltin } = file
  return {
    section,
    name: withNamespace(namespace, name),
    value: namespaced(section, value, namespace),
    source,
    origin: [section, name],
    namespace,
    isBuiltin,
  }
}

function refuseRepeated(section: string, place: Place, merger: Merger): void {
  const needsThree = sinceThree.has(section)
  merger.options.reporter.add('blueprint.section_repeated', place, {
    section,
    reason: needsThree ? `needs ${versionName(3)}` : 'the language does not allow',
    remedy: needsThree ? `write tosca_definitions_version: ${versionName(3)}` : 'keep it in one file',
  })
}

function checkFileVersion({ source }: ImportedFile, options: MergeOptions): void {
  const version = source.value['tosca_definitions_version'] ?? null
  if (!options.checksVersion || source.isBundled || version === null) return
  const minor = typeof version === 'string' ? minorOf(version) : undefined
  if (minor !== undefined && minor <= options.minor) return
  const place: Place = { source, path: ['tosca_definitions_version'] }
  if (minor === undefined) {
    options.reporter.add('blueprint.version_unsupported', place, {
      version,
      known: 'cloudify_dsl_1_0 to cloudify_dsl_1_5',
    })
  } else {
    options.reporter.add('blueprint.import_version', place, { import: source.name, version, main: options.version })
  }
}

function hasFile(path: string, from: SourceFile, main: SourceFile, library: Library): boolean {
  const places = [path, beside(path, from.name), beside(path, main.name)]
  if (library.basePath !== undefined) places.push(`${library.basePath}/${path}`)
  return places.some((place) => Object.hasOwn(library.files, place))
}
