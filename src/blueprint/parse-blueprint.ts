// The language from outside: texts in, a plan or problems out. Pure; never throws for bad input.
import { isJsonObject } from '../kernel/json.ts'
import type { Json } from '../kernel/json.ts'
import { didYouMean } from '../kernel/near.ts'
import type { Document } from './document.ts'
import type { Build } from './elements/build.ts'
import { describeValue } from './elements/shape.ts'
import { mergeImports } from './imports/merge.ts'
import type { ImportedBlueprint, Library } from './imports/resolve.ts'
import { makePlan } from './make-plan.ts'
import type { Plan } from './plan.ts'
import type { Problem } from './problem.ts'
import { Reporter } from './reporter.ts'
import { isReadFailure, readYaml, unreadable } from './source/read-yaml.ts'
import type { SourceFile } from './source/source-file.ts'
import { type Minor, minorOf, versions } from './version.ts'

export interface BlueprintTexts {
  /** Path of the main file in `files`, or its text. */
  readonly main: string
  /** Path below the blueprint's folder -> text. Files that are no YAML only have to be there, their text may be ''. */
  readonly files?: Readonly<Record<string, string>>
  /** Address -> what it gives; null: it cannot be read. */
  readonly urls?: Readonly<Record<string, string | null>>
  /** Blueprint id -> its main text, for `blueprint:` imports. */
  readonly blueprints?: Readonly<Record<string, string | ImportedBlueprint>>
  /** Plugin name -> text of its plugin.yaml, for `plugin:` imports. */
  readonly plugins?: Readonly<Record<string, string>>
  readonly options?: ParseOptions
}

export interface ParseOptions {
  /** Path at which the main text lies when `main` is a text. */
  readonly location?: string
  /** A second folder among `files` in which imports are looked for. */
  readonly basePath?: string
  /** Default true: features of newer versions of the language are problems. */
  readonly checkVersion?: boolean
  /** Default true: functions are checked as far as that is possible without a deployment. */
  readonly checkFunctions?: boolean
  /** Default true: defaults of inputs have to meet their constraints. */
  readonly checkInputDefaults?: boolean
}

export type ParseResult =
  | { readonly plan: Plan; readonly warnings: readonly Problem[]; readonly problems?: never }
  | { readonly problems: readonly Problem[]; readonly plan?: never; readonly warnings?: never }

/**
 * Reads a blueprint with everything it imports.
 *
 * @example
 * const { plan } = parseBlueprint({
 *   main: 'blueprint.yaml',
 *   files: {
 *     'blueprint.yaml': `
 * tosca_definitions_version: cloudify_dsl_1_3
 * imports: [cloudify/types/types.yaml]
 * node_templates:
 *   vm: { type: cloudify.nodes.Compute }
 * `,
 *   },
 * })
 * console.log(plan.nodes[0].typeHierarchy) // [ 'cloudify.nodes.Root', 'cloudify.nodes.Compute' ]
 *
 * @example
 * const { problems } = parseBlueprint({ main: 'node_templates: {}\n' })
 * console.log(problems[0].code) // blueprint.version_missing
 */
export function parseBlueprint(texts: BlueprintTexts): ParseResult {
  const { reporter, plan } = readBlueprint(texts)
  if (plan === undefined || reporter.count > 0) return { problems: reporter.problems() }
  return { plan, warnings: [] }
}

/** A blueprint with what it was made from. Whatever is missing could not be read; the reporter knows why. */
export interface ReadBlueprint {
  readonly reporter: Reporter
  readonly document?: Document
  /** Only counts when the reporter has nothing to say. */
  readonly plan?: Plan
}

/** @internal */
export function readBlueprint(texts: BlueprintTexts): ReadBlueprint {
  const reporter = new Reporter()
  const main = openMain(texts, reporter)
  if (main === undefined) return { reporter }
  const version = readVersion(main, reporter)
  if (version === undefined) return { reporter }
  const options = texts.options ?? {}
  const checksVersion = options.checkVersion ?? true
  const document = mergeImports(main, { library: libraryOf(texts), reporter, checksVersion, ...version })
  const build: Build = { document, reporter, checksVersion }
  const plan = makePlan(build, {
    checksFunctions: options.checkFunctions ?? true,
    checksInputDefaults: options.checkInputDefaults ?? true,
  })
  return { reporter, document, plan }
}

function libraryOf(texts: BlueprintTexts): Library {
  const { files = {}, urls = {}, blueprints = {}, plugins = {}, options } = texts
  return { files, urls, blueprints, plugins, basePath: options?.basePath }
}

function openMain(texts: BlueprintTexts, reporter: Reporter): SourceFile | undefined {
  const { main, files = {}, options } = texts
  const isPath = Object.hasOwn(files, main)
  if (!isPath && !main.includes('\n') && /\.ya?ml$/i.test(main)) {
    reporter.add(
      'blueprint.no_main',
      { source: unreadable(main, ''), path: [] },
      { file: main, near: didYouMean(main, Object.keys(files)) },
    )
    return undefined
  }
  const name = isPath ? main : (options?.location ?? 'blueprint.yaml')
  const text = isPath ? (files[main] ?? '') : main
  const source = readYaml(name, text)
  if (!isReadFailure(source)) return source
  reporter.add(source.code, { source: source.source, path: source.path }, source.details, source.offset)
  return undefined
}

function readVersion(main: SourceFile, reporter: Reporter): { version: string; minor: Minor } | undefined {
  const key = 'tosca_definitions_version'
  const version: Json = isJsonObject(main.value) ? (main.value[key] ?? null) : null
  const place = { source: main, path: [key] }
  if (version === null) {
    reporter.add('blueprint.version_missing', { source: main, path: [] })
    return undefined
  }
  const minor = typeof version === 'string' ? minorOf(version) : undefined
  if (typeof version === 'string' && minor !== undefined) return { version, minor }
  if (typeof version === 'string')
    reporter.add('blueprint.version_unsupported', place, { version, known: versions.join(', ') })
  else reporter.add('blueprint.wrong_shape', place, { key, expected: 'text', found: describeValue(version) })
  return undefined
}
