// Reads a blueprint as the user has it - a YAML file, a folder, an archive - into memory, safely and within limits.
import { createHash } from 'node:crypto'
import { open, stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { fault } from '../kernel/fault.ts'
import type { BlueprintSource } from './api.ts'
import { Collector, type BlueprintFile } from './archive/collector.ts'
import { readFolder, unreadableFile } from './archive/folder.ts'
import { formatBytes, sourceFormat } from './archive/format.ts'
import { readLimits, type ReadLimits } from './archive/limits.ts'

export interface BlueprintFiles {
  /** A key of `files`. */
  readonly mainFile: string
  /** Name with `/` between its folders -> content. */
  readonly files: ReadonlyMap<string, BlueprintFile>
  /** sha256, in hex, over the sorted names and contents: the same files give the same digest, however they came. */
  readonly digest: string
}

const defaultMainFile = 'blueprint.yaml'

/**
 * A YAML file brings its whole folder along. Hidden folders, `node_modules`, `__pycache__` and state directories of fermata
 * are left out.
 * The single top folder of an archive is taken off, as Cloudify does.
 *
 * @throws Fault `usage.no_such_file`, `usage.unreadable_file`, `usage.bad_argument`, `archive.*`, `blueprint.no_main_file`
 */
export async function readBlueprintSource(
  source: BlueprintSource,
  limits: ReadLimits = readLimits,
): Promise<BlueprintFiles> {
  const path = resolve(source.path)
  const collector = new Collector(source.path, limits)
  if (await isFolder(source.path)) {
    await readFolder(path, collector)
    return finish(source, collector.files, source.mainFile ?? defaultMainFile)
  }
  const format = sourceFormat(source.path, await headOf(path))
  if (format === 'yaml') return readBesideYaml(source, path, collector)
  if (format === 'zip') await (await import('./archive/zip.ts')).readZip(path, collector)
  else await (await import('./archive/tar.ts')).readTar(path, format === 'tar.gz', collector, limits)
  return finish(source, withoutTopFolder(collector.files), source.mainFile ?? defaultMainFile)
}

async function readBesideYaml(source: BlueprintSource, path: string, collector: Collector): Promise<BlueprintFiles> {
  const mainFile = basename(path)
  if (source.mainFile !== undefined && source.mainFile !== mainFile) {
    const message = `'${source.path}' is itself the main file, so --blueprint-filename cannot name another`
    throw fault('usage.bad_argument', { details: { message }, hint: 'give the folder instead of the file' })
  }
  await readFolder(dirname(path), collector)
  return finish(source, collector.files, mainFile)
}

function finish(source: BlueprintSource, files: ReadonlyMap<string, BlueprintFile>, wanted: string): BlueprintFiles {
  const mainFile = wanted.replace(/^(\.\/)+/, '')
  if (files.has(mainFile)) return { mainFile, files, digest: digestOf(files) }
  const near = [...files.keys()].filter((name) => /^[^/]+\.ya?ml$/.test(name)).sort()
  const hint = `name the main file with --blueprint-filename; there is ${near.slice(0, 5).join(', ')}`
  throw fault('blueprint.no_main_file', {
    details: { path: source.path, file: mainFile },
    hint: near.length > 0 ? hint : undefined,
  })
}

function withoutTopFolder(files: ReadonlyMap<string, BlueprintFile>): ReadonlyMap<string, BlueprintFile> {
  const names = [...files.keys()]
  const top = names[0]?.split('/')[0] ?? ''
  if (names.length === 0 || !names.every((name) => name.startsWith(`${top}/`))) return files
  return new Map([...files].map(([name, file]) => [name.slice(top.length + 1), file]))
}

function digestOf(files: ReadonlyMap<string, BlueprintFile>): string {
  const hash = createHash('sha256')
  for (const name of [...files.keys()].sort()) {
    const content = files.get(name)?.content ?? Buffer.alloc(0)
    // With the lengths in between, no two sets of files give the same bytes.
    hash.update(JSON.stringify([name, content.length])).update(content)
  }
  return hash.digest('hex')
}

async function isFolder(path: string): Promise<boolean> {
  if (/^https?:\/\//.test(path)) {
    const message = `'${path}' is an address; a blueprint is read from a file, a folder or an archive`
    throw fault('usage.bad_argument', { details: { message }, hint: 'download it first' })
  }
  try {
    const found = await stat(path)
    if (!found.isFile() && !found.isDirectory()) throw unreadableFile(path, 'it is neither a file nor a folder')
    return found.isDirectory()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') throw fault('usage.no_such_file', { details: { path } })
    throw code === 'usage.unreadable_file' ? error : unreadableFile(path, error)
  }
}

async function headOf(path: string): Promise<Buffer> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(formatBytes), 0, formatBytes, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unreadableFile(path, error)
  }
}
