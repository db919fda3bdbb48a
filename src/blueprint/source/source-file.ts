// One YAML file after reading: its text, its value, and what the value alone does not tell.
import type { JsonObject } from '../../kernel/json.ts'

export interface SourceFile {
  /** As the user knows it: a path, an address, `plugin:NAME`. */
  readonly name: string
  readonly text: string
  /** The text as it was read: with lines moved to the right where brackets needed it. */
  readonly readable: string
  readonly value: JsonObject
  /** Some number is written like `5.0`: the text decides whether it counts as an integer. */
  readonly hasWholeFloats: boolean
  /** Written by us: its shape needs no check. */
  readonly isBundled: boolean
}

export type PathPart = string | number
export type Path = readonly PathPart[]
