// Reads the files of blueprints/tour with what their comments say about them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Json, JsonObject } from '../../../src/kernel/json.ts'

export const tourFolder = fileURLToPath(new URL('../../../blueprints/tour/', import.meta.url))

export interface TourStop {
  readonly name: string
  readonly text: string
  /** The sentences at the head. */
  readonly explanation: string
  /** `# inputs: {...}` */
  readonly inputs: JsonObject
  /** `# secrets: [...]` */
  readonly secrets: readonly string[]
  /** `# expect: nodes.vm.properties.size = 5` */
  readonly expectations: readonly { readonly path: readonly string[]; readonly value: Json }[]
  /** `# refuses: {...}`: with these inputs beside the others it cannot be deployed. */
  readonly refused: readonly JsonObject[]
}

/** Path -> text of everything in the folder. */
export function tourFiles(): Readonly<Record<string, string>> {
  const names = readdirSync(tourFolder, { recursive: true, encoding: 'utf8', withFileTypes: true })
  const files: Record<string, string> = {}
  for (const entry of names) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files[path.slice(tourFolder.length)] = readFileSync(path, 'utf8')
  }
  return files
}

export function tourStops(): TourStop[] {
  return Object.entries(tourFiles())
    .filter(([name]) => /^\d\d-.*\.yaml$/.test(name))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, text]) => readStop(name, text))
}

function readStop(name: string, text: string): TourStop {
  const comments =
    /^(?:#.*\n)*/
      .exec(text)?.[0]
      .split('\n')
      .map((line) => line.replace(/^# ?/, '')) ?? []
  const marked = (word: string): string[] =>
    comments.filter((line) => line.startsWith(`${word}: `)).map((line) => line.slice(word.length + 2))
  return {
    name,
    text,
    explanation: comments
      .filter((line) => !/^(inputs|secrets|expect|refuses): /.test(line))
      .join(' ')
      .trim(),
    inputs: JSON.parse(marked('inputs')[0] ?? '{}') as JsonObject,
    secrets: JSON.parse(marked('secrets')[0] ?? '[]') as string[],
    refused: marked('refuses').map((line) => JSON.parse(line) as JsonObject),
    expectations: marked('expect').map((line) => {
      const at = line.indexOf(' = ')
      return { path: pathOf(line.slice(0, at)), value: JSON.parse(line.slice(at + 3)) as Json }
    }),
  }
}

/** `nodes.vm.operations["a.b.c"].inputs[0]` */
function pathOf(text: string): string[] {
  return [...text.matchAll(/\["([^"]+)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, plain]) => quoted ?? index ?? plain ?? '',
  )
}
