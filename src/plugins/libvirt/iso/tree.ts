// The files of an image as folders, with the names that each of its two directory trees gives them: short ones in capitals,
// which ISO 9660 asks for (their real names stand beside them, as Rock Ridge has it), and long ones (Joliet).
import { badProperty } from '../errors.ts'

export interface IsoFile {
  readonly name: string
  readonly short: string
  readonly content: Buffer
}

export interface IsoFolder {
  readonly name: string
  readonly short: string
  /** Sorted by their short names. */
  readonly folders: readonly IsoFolder[]
  readonly files: readonly IsoFile[]
}

interface Draft {
  readonly folders: Map<string, Draft>
  readonly files: Map<string, Buffer>
}

const longestName = 64
const deepest = 6

/** `files`: path in the image -> content. @throws Fault `libvirt.bad_property` */
export function isoTree(files: ReadonlyMap<string, Buffer>): IsoFolder {
  const root: Draft = { folders: new Map(), files: new Map() }
  for (const [path, content] of files) {
    const steps = path.replace(/^\/+/, '').split('/')
    if (steps.length > deepest) throw bad(path, `it is deeper than ${deepest} folders`)
    for (const step of steps) requireName(path, step)
    const name = steps.pop() ?? ''
    const folder = steps.reduce((at, step) => below(path, at, step), root)
    if (folder.files.has(name) || folder.folders.has(name)) throw bad(path, 'it is there twice')
    folder.files.set(name, content)
  }
  return folderOf('', '', root)
}

function below(path: string, { folders, files }: Draft, step: string): Draft {
  if (files.has(step)) throw bad(path, `'${step}' is a file, too`)
  const known = folders.get(step) ?? { folders: new Map(), files: new Map() }
  folders.set(step, known)
  return known
}

function requireName(path: string, name: string): void {
  if (name === '' || name === '.' || name === '..') throw bad(path, 'it is no path of a file')
  // What Joliet can hold, and what fits into one entry.
  // eslint-disable-next-line no-control-regex
  if (name.length > longestName || Buffer.byteLength(name) > 120 || /[\u0000-\u001f*:;?\\]/.test(name))
    throw bad(path, `names have at most ${longestName} characters, and none of * : ; ? \\`)
}

const bad = (path: string, reason: string): Error => badProperty(`params.files['${path}']`, reason)

function folderOf(name: string, short: string, draft: Draft): IsoFolder {
  const taken = new Set<string>()
  const folders = [...draft.folders].map(([own, below]) => folderOf(own, shortName(own, '', taken), below))
  const files = [...draft.files].map(([own, content]) => ({ name: own, short: shortFile(own, taken), content }))
  return { name, short, folders: folders.toSorted(byShort), files: files.toSorted(byShort) }
}

function byShort(left: { readonly short: string }, right: { readonly short: string }): number {
  return left.short < right.short ? -1 : 1
}

function shortFile(name: string, taken: Set<string>): string {
  const dot = name.lastIndexOf('.')
  const hasExtension = dot > 0 && name.length - dot - 1 <= 3
  const [stem, extension] = hasExtension ? [name.slice(0, dot), name.slice(dot + 1)] : [name, '']
  return shortName(stem, `.${capitals(extension)};1`, taken)
}

/** Eight characters, told apart by a number where they would be the same. */
function shortName(stem: string, end: string, taken: Set<string>): string {
  const capital = capitals(stem)
  for (let number = 0; ; number++) {
    const tail = number === 0 ? '' : String(number)
    const short = `${capital.slice(0, 8 - tail.length)}${tail}${end}`
    if (taken.has(short)) continue
    taken.add(short)
    return short
  }
}

const capitals = (text: string): string => text.toUpperCase().replace(/[^A-Z0-9_]/g, '_')
