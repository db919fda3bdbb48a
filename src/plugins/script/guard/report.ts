// What a guard's run of fs_finalize came to, for whoever disarms it: beside the marker, in a file of its own.
import { readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { OperationLog } from '../../contract/context.ts'
import type { GuardHandle } from '../../guard/handle.ts'
import { isRuntimeFolder, replaceFile } from '../../guard/record-file.ts'

export interface Report extends JsonObject {
  /** How it ended; null: well. */
  readonly failure: string | null
  readonly exitCode: number | null
  /** The end of what it printed. */
  readonly output: string
  readonly lines: readonly { readonly level: keyof OperationLog; readonly text: string }[]
  /** Runtime properties that the script wrote or took away. */
  readonly changes: Readonly<Record<string, Change>>
}

/** A list with the value, or an empty one where there was or is none: null is a value too. */
interface Change extends JsonObject {
  readonly before: readonly Json[]
  readonly after: readonly Json[]
}

const mostLines = 200
const longestText = 4000

const reportPath = (marker: string): string => marker.replace(/\.fired$/, '.report')

/** Best effort: a full memory must not keep anybody frozen. */
export function writeReport(marker: string, report: Report): void {
  const lines = report.lines.slice(-mostLines).map(({ level, text }) => ({ level, text: text.slice(0, longestText) }))
  try {
    replaceFile(reportPath(marker), JSON.stringify({ ...report, lines, output: report.output.slice(-longestText) }))
  } catch {
    // The marker still tells that it fired, and how it ended.
  }
}

export function readReport(handle: GuardHandle): Report | undefined {
  if (!isRuntimeFolder(dirname(handle.marker))) return undefined
  try {
    const value: unknown = JSON.parse(readFileSync(reportPath(handle.marker), 'utf8'))
    const isReport = isJsonObject(value) && isJsonObject(value['changes']) && Array.isArray(value['lines'])
    return isReport ? (value as Report) : undefined
  } catch {
    return undefined
  }
}

export function removeReport(handle: GuardHandle): void {
  if (isRuntimeFolder(dirname(handle.marker))) rmSync(reportPath(handle.marker), { force: true })
}

export function changesBetween(before: JsonObject, after: JsonObject): Report['changes'] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  const changed = [...names].filter((name) => !isSame(held(before, name), held(after, name)))
  return Object.fromEntries(changed.map((name) => [name, { before: held(before, name), after: held(after, name) }]))
}

/** Applies those changes whose property nobody else has changed since. */
export function mergeChanges(target: Record<string, Json>, changes: Report['changes']): void {
  for (const [name, { before, after }] of Object.entries(changes)) {
    if (!isSame(held(target, name), before)) continue
    const [value] = after
    if (value === undefined) delete target[name]
    else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
  }
}

const held = (values: JsonObject, name: string): readonly Json[] =>
  Object.hasOwn(values, name) ? [values[name] ?? null] : []

const isSame = (left: Json, right: Json): boolean => canonicalJson(left) === canonicalJson(right)
