// The project's files as the architecture tests see them: path, text, and which room they belong to.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

export const root = join(import.meta.dirname, '../..')

export interface SourceFile {
  /** Below the repository, with forward slashes. */
  readonly path: string
  readonly text: string
}

const leftOut = new Set(['node_modules', 'dist', 'coverage', '__pycache__', '.git', '.fermata'])

/** All files below `folder` whose names end with one of `endings`. */
export function filesIn(folder: string, endings: readonly string[]): SourceFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (leftOut.has(entry.name)) return []
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesIn(path, endings)
    if (!entry.isFile() || !endings.some((ending) => entry.name.endsWith(ending))) return []
    return [{ path: path.replaceAll('\\', '/'), text: readFileSync(join(root, path), 'utf8') }]
  })
}

/** Paths of the project's files that a file imports, `import type` and `import()` included. */
export function importsOf(file: SourceFile): string[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|^\s*import\s*)['"](\.{1,2}\/[^'"]+)['"]/gm
  return [...file.text.matchAll(pattern)].map((match) =>
    relative(root, join(root, dirname(file.path), match[1] ?? '')).replaceAll('\\', '/'),
  )
}

/** The text without comments and without what stands in quotes; line numbers stay. */
export function codeOf(text: string): string {
  const blank = (found: string): string => found.replace(/[^\n]/g, ' ')
  return text.replace(/\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|(?<![:\\])\/\/[^\n]*/g, blank)
}

/** `path:line` of every match. */
export function placesOf(file: SourceFile, pattern: RegExp, text: string = file.text): string[] {
  const global = new RegExp(pattern.source, `${pattern.flags.replace('g', '')}g`)
  return [...text.matchAll(global)].map(
    (match) => `${file.path}:${text.slice(0, match.index).split('\n').length} ${match[0].trim()}`,
  )
}
