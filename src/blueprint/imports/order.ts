// Which files make up the blueprint, in the order of merging: breadth first from the main file, each once per namespace.
import type { Json, JsonObject } from '../../kernel/json.ts'
import { isJsonObject } from '../../kernel/json.ts'
import type { Reporter } from '../reporter.ts'
import { isReadFailure } from '../source/read-yaml.ts'
import type { SourceFile } from '../source/source-file.ts'
import type { Minor } from '../version.ts'
import { applyImportProperties } from './import-properties.ts'
import { type ImportEntry, readImports } from './import-entry.ts'
import { type Found, type Library, resolveImport } from './resolve.ts'

export interface ImportedFile {
  readonly source: SourceFile
  readonly namespace: string
  readonly kind: Found['kind'] | 'main'
  /** It is the built-in types file, or one that plays that part. */
  readonly isBuiltin: boolean
}

interface OrderOptions {
  readonly library: Library
  readonly reporter: Reporter
  readonly minor: Minor
  readonly checksVersion: boolean
}

interface Ordered {
  readonly files: readonly ImportedFile[]
  readonly namespaces: JsonObject
}

const fileLimit = 2000

export function orderImports(main: SourceFile, options: OrderOptions): Ordered {
  const files: ImportedFile[] = [{ source: main, namespace: '', kind: 'main', isBuiltin: definesRoot(main) }]
  const seen = new Map<string, ImportedFile>([[`file:${main.name}\0`, files[0] as ImportedFile]])
  const namespaces: Record<string, Json> = {}
  for (let index = 0; index < files.length; index += 1) {
    const parent = files[index] as ImportedFile
    const { reporter, minor, checksVersion } = options
    const entries = readImports(parent.source, reporter, minor, checksVersion && !parent.source.isBundled)
    for (const entry of entries) {
      const file = follow(entry, parent, options, seen, namespaces)
      if (file === undefined) continue
      files.push(file)
      if (files.length <= fileLimit) continue
      reporter.add('blueprint.too_large', entry.place, { what: 'the chain of imports', limit: `${fileLimit} files` })
      return { files, namespaces }
    }
  }
  return { files, namespaces }
}

function follow(
  entry: ImportEntry,
  parent: ImportedFile,
  options: OrderOptions,
  seen: Map<string, ImportedFile>,
  namespaces: Record<string, Json>,
): ImportedFile | undefined {
  const { reporter, library, minor } = options
  const namespace = [parent.namespace, entry.namespace].filter((part) => part !== '').join('--')
  const found = resolveImport(entry.target, parent.source, minor, library)
  if ('missing' in found) {
    reporter.add('blueprint.import_not_found', entry.place, { import: entry.written, where: found.missing })
    return undefined
  }
  const key = `${found.key}\0${namespace}`
  const known = seen.get(key)
  if (known !== undefined) {
    checkBuiltinNamespace(known.isBuiltin, namespace, entry, parent, reporter)
    return undefined
  }
  if (found.kind === 'blueprint' && !claimNamespace(entry, namespace, namespaces, reporter)) return undefined
  const opened = found.open()
  if (isReadFailure(opened)) {
    reporter.imported(opened.source, entry.place)
    reporter.add(opened.code, { source: opened.source, path: opened.path }, opened.details, opened.offset)
    return undefined
  }
  const source = applyImportProperties(opened, entry, reporter)
  reporter.imported(source, entry.place)
  const isBuiltin = definesRoot(source)
  if (!checkBuiltinNamespace(isBuiltin, namespace, entry, parent, reporter)) return undefined
  const file: ImportedFile = { source, namespace: isBuiltin ? '' : namespace, kind: found.kind, isBuiltin }
  seen.set(key, file)
  return file
}

/** A file with the root of all node types is a copy of the built-in types. */
function definesRoot(source: SourceFile): boolean {
  const nodeTypes = source.value['node_types']
  return isJsonObject(nodeTypes) && Object.hasOwn(nodeTypes, 'cloudify.nodes.Root')
}

function checkBuiltinNamespace(
  isBuiltin: boolean,
  namespace: string,
  entry: ImportEntry,
  parent: ImportedFile,
  reporter: Reporter,
): boolean {
  if (!isBuiltin || namespace === '' || namespace === parent.namespace) return true
  reporter.add('blueprint.namespace_builtin', entry.place, { namespace })
  return false
}

function claimNamespace(
  entry: ImportEntry,
  namespace: string,
  namespaces: Record<string, Json>,
  reporter: Reporter,
): boolean {
  if (namespace === '') {
    reporter.add('blueprint.namespace_missing', entry.place, { import: entry.written })
    return false
  }
  if (Object.hasOwn(namespaces, namespace)) {
    reporter.add('blueprint.namespace_used', entry.place, { namespace })
    return false
  }
  namespaces[namespace] = entry.target.slice('blueprint:'.length)
  return true
}
