// Finds, for the parser, the uploaded plugins that a blueprint imports: `plugin:NAME` and `plugin:NAME?version=SPEC`.
import { readImports } from '../blueprint/imports/import-entry.ts'
import { pluginOfAddress } from '../blueprint/imports/well-known-address.ts'
import type { Plan } from '../blueprint/plan.ts'
import type { Problem } from '../blueprint/problem.ts'
import { Reporter } from '../blueprint/reporter.ts'
import { isReadFailure, readYaml } from '../blueprint/source/read-yaml.ts'
import { newestVersion, versionSet } from './plugin-version.ts'

/** One uploaded version of a package. */
export interface UploadedText {
  readonly package: string
  readonly version: string
  /** Text of its plugin.yaml. */
  readonly yaml: string
  /** Names of its files. */
  readonly files: readonly string[]
}

export interface ImportedPlugins {
  /** Import as written, without its namespace -> text; null: no version fits. */
  readonly urls: Readonly<Record<string, string | null>>
  /** Names of the plugins' files, as their imports name them: `plugin:NAME/scripts/x.sh`. */
  readonly files: readonly string[]
  /** Package -> text of its newest version. */
  readonly newest: Readonly<Record<string, string>>
  readonly imported: readonly UploadedText[]
  /** Why an import was not found. */
  readonly reasons: ReadonlyMap<string, string>
}

/** `texts`: the blueprint's files; those that import nothing are not read. */
export function importedPlugins(texts: Iterable<string>, uploaded: readonly UploadedText[]): ImportedPlugins {
  const found = new Search(uploaded)
  if (uploaded.length > 0) for (const text of texts) found.follow(text)
  const newest = [...found.packages].map(([name, versions]) => [name, newestOf(versions)?.yaml ?? ''])
  const { urls, files, imported, reasons } = found
  return { urls, files, newest: Object.fromEntries(newest), imported: [...imported], reasons }
}

/** The problems, with better hints where an import asked for a version that nobody uploaded. */
export function withReasons(problems: readonly Problem[], reasons: ReadonlyMap<string, string>): readonly Problem[] {
  if (reasons.size === 0) return problems
  return problems.map((problem) => {
    if (problem.code !== 'blueprint.import_not_found') return problem
    const reason = [...reasons].find(([target]) => problem.message.endsWith(`${target}'`))
    return reason === undefined ? problem : { ...problem, hint: reason[1] }
  })
}

/** Every package that the plan names, whoever declared it. */
export function usedPlugins(plan: Plan): readonly { readonly package: string; readonly version: string }[] {
  return Object.values(plan.plugins).flatMap(({ packageName, packageVersion }) =>
    packageName === null || packageVersion === null ? [] : [{ package: packageName, version: packageVersion }],
  )
}

class Search {
  readonly urls: Record<string, string | null> = {}
  readonly files: string[] = []
  readonly imported = new Set<UploadedText>()
  readonly reasons = new Map<string, string>()
  readonly packages = new Map<string, UploadedText[]>()

  constructor(uploaded: readonly UploadedText[]) {
    for (const one of uploaded) this.packages.set(one.package, [...(this.packages.get(one.package) ?? []), one])
  }

  follow(text: string): void {
    for (const target of pluginTargets(text)) if (!Object.hasOwn(this.urls, target)) this.#take(target)
  }

  #take(target: string): void {
    const asked = readTarget(target)
    const versions = asked && this.packages.get(asked.name)
    // What is no uploaded plugin, or not asked for in words we know, is the parser's to judge.
    if (asked === undefined || versions === undefined) return
    const chosen = newestOf(versions, asked.spec)
    this.urls[target] = chosen?.yaml ?? null
    if (chosen === undefined) {
      this.reasons.set(target, missingReason(asked.name, asked.spec, versions))
      return
    }
    this.imported.add(chosen)
    for (const file of chosen.files) this.files.push(`${target}/${file}`)
    this.follow(chosen.yaml)
  }
}

function pluginTargets(text: string): readonly string[] {
  if (!/plugin:|\/spec\/|github/i.test(text)) return []
  const source = readYaml('', text)
  if (isReadFailure(source)) return []
  const entries = readImports(source, new Reporter(), 5, false)
  const targets = entries.map(({ target }) => {
    const plugin = pluginOfAddress(target)
    return plugin === undefined ? target : `plugin:${plugin}`
  })
  return targets.filter((target) => target.startsWith('plugin:'))
}

export interface PluginTarget {
  readonly name: string
  /** '': any. */
  readonly spec: string
}

/** undefined: it is chosen by something else than its version. */
export function readTarget(target: string): PluginTarget | undefined {
  const [head = '', ...rest] = target.slice('plugin:'.length).split('?')
  let spec = ''
  for (const part of rest.join('?').split('&')) {
    const at = part.indexOf('=')
    const key = at < 0 ? part : part.slice(0, at)
    if (key === 'version') spec = at < 0 ? '' : decoded(part.slice(at + 1))
    else if (key !== 'distribution' && key !== '') return undefined
  }
  return { name: head, spec }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function newestOf(versions: readonly UploadedText[], spec = ''): UploadedText | undefined {
  const version = newestVersion(
    versions.map((one) => one.version),
    spec,
  )
  return version === undefined ? undefined : versions.find((one) => one.version === version)
}

function missingReason(name: string, spec: string, versions: readonly UploadedText[]): string {
  if (versionSet(spec) === undefined) return `'${spec}' is no set of versions; write it like >=2,<3`
  return `versions of ${name} here: ${versions.map(({ version }) => version).join(', ')}`
}
