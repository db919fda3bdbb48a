// Makes a new plugin out of the template that comes with fermata: the same files, with another name.
import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fault } from '../kernel/fault.ts'

const template = fileURLToPath(new URL('../../blueprints/plugin-template', import.meta.url))
const templateName = 'example'
/** What is a package name, a plugin's name in a blueprint and the first part of a type name. */
const namePattern = /^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/

/** Paths of the new files. @throws Fault `usage.bad_id`, `usage.exists` */
export async function writePlugin(name: string, folder: string): Promise<readonly string[]> {
  if (!namePattern.test(name) || name.length > 64)
    throw fault('usage.bad_id', {
      details: { kind: 'plugin', id: name },
      hint: 'use lower case letters, digits and single dashes, beginning with a letter',
    })
  if (await isThere(folder)) throw fault('usage.exists', { details: { kind: 'folder', id: folder } })
  const written: string[] = []
  for (const entry of await readdir(template, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const source = join(entry.parentPath, entry.name)
    const path = relative(template, source)
    const target = join(folder, path)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, renamed(await readFile(source, 'utf8'), name), { flag: 'wx' })
    written.push(path)
  }
  await writeFile(join(folder, 'package.json'), packageOf(name), { flag: 'wx' })
  return [...written, 'package.json'].toSorted()
}

// Its files are modules, whatever folder it lies in. Not a file of the template: that one's package is fermata.
function packageOf(name: string): string {
  return `${JSON.stringify({ name, version: '0.1.0', private: true, type: 'module' }, null, 2)}\n`
}

// `example/` is a folder of the plugin, whatever its name.
function renamed(text: string, name: string): string {
  return text.replace(/\bexample\b(?!\/)/g, name).replaceAll(`\`${name}/\``, `\`${templateName}/\``)
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
