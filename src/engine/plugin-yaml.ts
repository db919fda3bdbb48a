// Reads a plugin.yaml: which package it is of, and what is wrong with it, with places.
import { locate } from '../blueprint/source/locate.ts'
import { isReadFailure, readYaml } from '../blueprint/source/read-yaml.ts'
import type { Path, SourceFile } from '../blueprint/source/source-file.ts'
import { parseBlueprint } from '../blueprint/parse-blueprint.ts'
import type { Problem } from '../blueprint/problem.ts'
import { Reporter } from '../blueprint/reporter.ts'
import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'
import { isPackageName } from './package-name.ts'
import { isVersion } from './plugin-version.ts'

export interface PluginYaml {
  /** Name of the file below the plugin's top. */
  readonly file: string
  readonly text: string
  readonly source: SourceFile
  readonly packageName: string
  readonly version: string
  readonly description: string | null
  /** The names before the dot in implementations that mean this plugin. */
  readonly names: readonly string[]
  /** Names of plugins that the built-in types declare. */
  readonly builtIn: readonly string[]
  readonly nodeTypes: readonly string[]
}

export type PluginYamlResult = { readonly yaml: PluginYaml } | { readonly problems: readonly Problem[] }

/** `files`: names of all files of the plugin, among which its scripts are looked for. */
export function readPluginYaml(file: string, text: string, files: Iterable<string>): PluginYamlResult {
  const source = readYaml(file, text)
  if (isReadFailure(source)) {
    const reporter = new Reporter()
    reporter.add(source.code, { source: source.source, path: source.path }, source.details, source.offset)
    return { problems: reporter.problems() }
  }
  const plugins = objectAt(source.value, 'plugins')
  const { packageName, version, problems } = readPackage(source, plugins)
  const more = parseAlone(file, text, files, packageName)
  if (problems.length + more.length > 0) return { problems: [...more, ...problems] }
  const description = source.value['description']
  return {
    yaml: {
      file,
      text,
      source,
      packageName,
      version,
      description: typeof description === 'string' ? description : null,
      names: Object.keys(plugins),
      builtIn: Object.keys(parseBlueprint({ main: blueprintAlone }).plan?.plugins ?? {}),
      nodeTypes: Object.keys(objectAt(source.value, 'node_types')),
    },
  }
}

/** Codes of what may be wrong with a plugin beside the language itself. */
export type PluginProblemCode =
  | 'plugin.no_package'
  | 'plugin.bad_package'
  | 'plugin.missing_operation'
  | 'plugin.unknown_implementation'

export function pluginProblemAt(
  source: SourceFile,
  path: Path,
  problem: { readonly code: PluginProblemCode; readonly message: string; readonly hint: string; readonly aim?: 'key' },
): Problem {
  const { aim, ...words } = problem
  return { ...words, file: source.name, ...locate(source, path, aim), path: path.join('.') }
}

interface Package {
  readonly packageName: string
  readonly version: string
  readonly problems: readonly Problem[]
}

/** All entries of one plugin.yaml come in one package: several names for it are allowed, several packages are not. */
function readPackage(source: SourceFile, plugins: JsonObject): Package {
  const entries = Object.keys(plugins)
  const [first] = entries
  if (first === undefined) {
    const message = 'the file declares no plugin'
    const hint =
      "begin with plugins: { NAME: { executor: central_deployment_agent, package_name: ..., package_version: '1.0' } }"
    return {
      packageName: '',
      version: '',
      problems: [pluginProblemAt(source, [], { code: 'plugin.no_package', message, hint })],
    }
  }
  const packageName = textAt(plugins[first], 'package_name')
  const version = textAt(plugins[first], 'package_version')
  const problems = entries.flatMap((name) => packageProblems(source, name, plugins[name], { packageName, version }))
  return { packageName, version, problems }
}

function packageProblems(
  source: SourceFile,
  name: string,
  entry: Json | undefined,
  wanted: { readonly packageName: string; readonly version: string },
): Problem[] {
  const problems: Problem[] = []
  const check = (key: string, isGood: (text: string) => boolean, same: string, rule: string): void => {
    const text = textAt(entry, key)
    const path = ['plugins', name, key]
    if (text === '') {
      const hint = `add ${key}; several versions of a package can be uploaded side by side`
      problems.push(
        pluginProblemAt(source, path, {
          code: 'plugin.no_package',
          message: `plugin '${name}' has no ${key} that is a text`,
          hint,
        }),
      )
    } else if (!isGood(text)) {
      problems.push(
        pluginProblemAt(source, path, {
          code: 'plugin.bad_package',
          message: `'${text}' cannot be a ${key}`,
          hint: rule,
        }),
      )
    } else if (text !== same) {
      const message = `plugin '${name}' has the ${key} '${text}', another one of this file has '${same}'`
      problems.push(
        pluginProblemAt(source, path, {
          code: 'plugin.bad_package',
          message,
          hint: 'one file describes one version of one package',
        }),
      )
    }
  }
  check('package_name', isPackageName, wanted.packageName, 'use letters, digits, - _ . ~, beginning with a letter')
  check('package_version', isVersion, wanted.version, "write it like '1.4', '2.0.1' or '3.0rc1'")
  return problems
}

/** The newest version of the language, so that a plugin may use all of it. */
const blueprintAlone = 'tosca_definitions_version: cloudify_dsl_1_5\nimports:\n  - cloudify/types/types.yaml\n'

/** The language's own judgement: the file is imported by a blueprint that holds nothing else. */
function parseAlone(file: string, text: string, files: Iterable<string>, packageName: string): readonly Problem[] {
  const target = `plugin:${packageName || 'unnamed'}`
  const main = `${blueprintAlone}  - ${target}\n`
  const own = [...files].map((name) => [`${target}/${name}`, ''])
  const { problems = [] } = parseBlueprint({ main, files: Object.fromEntries(own), urls: { [target]: text } })
  return problems.map(({ importedAt: _importedAt, ...problem }) => ({
    ...problem,
    file: problem.file === target ? file : problem.file,
  }))
}

export function objectAt(value: Json | undefined, key: string): JsonObject {
  const found = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return isJsonObject(found) ? found : {}
}

function textAt(value: Json | undefined, key: string): string {
  const found = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return typeof found === 'string' ? found : ''
}
