// Reads the records of a peer's answers, where they are; they are no part of the project.
import { existsSync, readFileSync } from 'node:fs'
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import type { PeerTask } from './workflow-order.ts'

const folder = new URL('../../../shared/conformance/dsl/', import.meta.url)

export interface ConformanceRecord {
  readonly id: string
  readonly stage: string
  readonly dsl_version?: string
  readonly outcome: 'ok' | 'error'
  readonly yaml: string
  readonly files?: Readonly<Record<string, string>>
  readonly urls?: Readonly<Record<string, string | null>>
  readonly blueprints?: Readonly<Record<string, { readonly yaml: string; readonly location?: string }>>
  readonly blueprint_resources_base_path?: string
  readonly options?: {
    readonly dsl_location?: string
    readonly resources_base_path?: string
    readonly validate_version?: boolean
    readonly validate_intrinsic_function?: boolean
    readonly validate_input_defaults?: boolean
    readonly runtime_only_evaluation?: boolean
    readonly auto_correct_types?: boolean
  }
  readonly inputs?: JsonObject
  readonly secret_store?: Readonly<Record<string, string>>
  readonly plan?: JsonObject
  readonly error?: { readonly class: string; readonly code?: number; readonly message: string }
  readonly varies?: readonly string[]
  readonly function?: string
  readonly merger?: string
  readonly args?: JsonObject
  readonly storage?: JsonObject
  readonly result?: Json
  /** modify */
  readonly modified_nodes?: Json
  readonly previous_is_plan_of_yaml?: boolean
  readonly previous_node_instances?: readonly JsonObject[]
  readonly new_yaml?: string
  readonly new_files?: Readonly<Record<string, string>>
  readonly new_urls?: Readonly<Record<string, string | null>>
  readonly edited_nodes?: readonly JsonObject[]
  readonly result_counts?: JsonObject
  /** workflow-graphs */
  readonly workflow?: string
  readonly parameters?: JsonObject
  readonly after_install?: boolean
  readonly instances?: readonly JsonObject[]
  readonly graphs?: readonly {
    readonly tasks: readonly PeerTask[]
    readonly before: readonly (readonly [number, number])[]
  }[]
  readonly final_states?: JsonObject
  /** element-validate */
  readonly element?: string
  readonly value?: Json
}

/** undefined when the records are not there. */
export function readRecords(file: string): ConformanceRecord[] | undefined {
  const path = new URL(`${file}.jsonl`, folder)
  if (!existsSync(path)) return undefined
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ConformanceRecord)
}

/** The records of a file; without them the test is skipped and says why. */
export function recordsOrSkip(test: Mocha.Context, file: string): ConformanceRecord[] {
  const records = readRecords(file)
  if (records !== undefined) return records
  console.log(`      skipped: there are no records at ${folder.pathname}${file}.jsonl`)
  return test.skip()
}
