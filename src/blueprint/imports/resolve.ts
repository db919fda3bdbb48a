// Finds the text that an import means, among what the caller gave and what comes with fermata. Reads nothing else.
import { didYouMean } from '../../kernel/near.ts'
import type { SourceFile } from '../source/source-file.ts'
import { isReadFailure, readYaml, type ReadFailure } from '../source/read-yaml.ts'
import type { Minor } from '../version.ts'
import { builtinTypes, bundledPlugin, bundledPluginNames, pluginNames } from './bundled.ts'
import { missingPlugin } from './missing-plugin.ts'
import { isTypesAddress, pluginOfAddress } from './well-known-address.ts'

export interface ImportedBlueprint {
  readonly yaml: string
  /** The path at which its text lies, among `files`. */
  readonly location?: string
}

export interface Library {
  /** Path below the blueprint's folder -> text. */
  readonly files: Readonly<Record<string, string>>
  readonly urls: Readonly<Record<string, string | null>>
  /** Id, with or without `blueprint:` before it. */
  readonly blueprints: Readonly<Record<string, string | ImportedBlueprint>>
  /** Plugin name -> text of its plugin.yaml. */
  readonly plugins: Readonly<Record<string, string>>
  /** A second place to look for relative paths. */
  readonly basePath: string | undefined
}

export interface Found {
  /** Two imports with the same key are the same. */
  readonly key: string
  readonly kind: 'file' | 'url' | 'plugin' | 'blueprint' | 'builtin'
  open(): SourceFile | ReadFailure
}

type Lookup = Found | { readonly missing: string }

/** `missing` says what was tried, for the hint. */
export function resolveImport(target: string, from: SourceFile, minor: Minor, library: Library): Lookup {
  if (Object.hasOwn(library.urls, target)) return fromUrls(target, library)
  if (target.startsWith('plugin:')) return fromPlugins(target, library)
  if (target.startsWith('blueprint:')) return fromBlueprints(target, library)
  if (isTypesAddress(target) && !Object.hasOwn(library.files, target))
    return { key: 'builtin', kind: 'builtin', open: () => builtinTypes(minor) }
  if (/^(https?|ftp):/i.test(target)) return fromAddress(target, library)
  return fromFiles(target.replace(/^file:/, ''), from, minor, library)
}

function fromUrls(target: string, library: Library): Lookup {
  const text = library.urls[target]
  if (typeof text !== 'string') return { missing: 'the address gives nothing' }
  if (!target.startsWith('plugin:')) return { key: target, kind: 'url', open: () => readYaml(target, text) }
  return { key: sameText(target, text, library), kind: 'plugin', open: () => readYaml(target, text) }
}

/** However its version is asked for, one version of a plugin is one import. */
function sameText(target: string, text: string, library: Library): string {
  const [name = ''] = target.split('?')
  const first = Object.keys(library.urls).find((other) => other.split('?')[0] === name && library.urls[other] === text)
  return first ?? target
}

function fromAddress(address: string, library: Library): Lookup {
  const plugin = pluginOfAddress(address)
  if (plugin !== undefined) return fromPlugins(`plugin:${plugin}`, library)
  return {
    missing: 'addresses are only read when they are switched on; put the file into the blueprint folder instead',
  }
}

function fromPlugins(target: string, library: Library): Lookup {
  const [name = '', query = ''] = target.slice('plugin:'.length).split('?')
  const bad = [...new URLSearchParams(query).keys()].find((key) => key !== 'version' && key !== 'distribution')
  if (bad !== undefined) return { missing: `a plugin is chosen by version and distribution, not by '${bad}'` }
  for (const candidate of pluginNames(name)) {
    const text = Object.hasOwn(library.plugins, candidate) ? library.plugins[candidate] : undefined
    if (text !== undefined) return { key: `plugin:${candidate}`, kind: 'plugin', open: () => openPlugin(name, text) }
  }
  const bundled = bundledPlugin(name)
  if (bundled !== undefined) return { key: bundled.key, kind: 'plugin', open: () => bundled.open() }
  return { missing: missingPlugin(name, [...Object.keys(library.plugins), ...bundledPluginNames()]) }
}

const pluginFiles = new Map<string, SourceFile>()

/** Plugin texts come from few plugins and stay the same: each is read once. */
function openPlugin(name: string, text: string): SourceFile | ReadFailure {
  const known = pluginFiles.get(name)
  if (known !== undefined && known.text === text) return known
  const source = readYaml(`plugin:${name}`, text)
  if (isReadFailure(source)) return source
  if (pluginFiles.size >= 64) pluginFiles.clear()
  pluginFiles.set(name, source)
  return source
}

function fromBlueprints(target: string, library: Library): Lookup {
  const id = target.slice('blueprint:'.length)
  const given = [target, id].find((key) => Object.hasOwn(library.blueprints, key))
  const blueprint = given === undefined ? undefined : library.blueprints[given]
  if (blueprint === undefined)
    return { missing: didYouMean(id, Object.keys(library.blueprints)) ?? `there is no blueprint '${id}'` }
  const text = typeof blueprint === 'string' ? blueprint : blueprint.yaml
  const location = typeof blueprint === 'string' ? undefined : blueprint.location
  return { key: target, kind: 'blueprint', open: () => readYaml(location ?? target, text) }
}

function fromFiles(target: string, from: SourceFile, minor: Minor, library: Library): Lookup {
  const candidates = [...variants(normal(target), minor), beside(target, from.name)]
  if (library.basePath !== undefined) candidates.push(...variants(normal(`${library.basePath}/${target}`), minor))
  const path = candidates.find((candidate) => Object.hasOwn(library.files, candidate))
  if (path === undefined) {
    return {
      missing: didYouMean(target, Object.keys(library.files)) ?? `looked for ${[...new Set(candidates)].join(', ')}`,
    }
  }
  return { key: `file:${path}`, kind: 'file', open: () => readYaml(path, library.files[path] ?? '') }
}

/** `types.yaml` may lie there as `types_1_3.yaml`, for one version of the language. */
function variants(path: string, minor: Minor): string[] {
  const dot = path.lastIndexOf('.')
  return dot <= 0 ? [path] : [`${path.slice(0, dot)}_1_${minor}${path.slice(dot)}`, path]
}

export function beside(target: string, from: string): string {
  return normal(`${from.slice(0, from.lastIndexOf('/') + 1)}${target}`)
}

/** `./a/../b.yaml` -> `b.yaml`; a path that leaves the top keeps its `..` and matches nothing. */
function normal(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '.' || (part === '' && parts.length > 0)) continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else parts.push(part)
  }
  return parts.join('/')
}
