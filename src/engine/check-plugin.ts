// Looks at what a plugin module exports: what is wrong with it is said when it is loaded, not in the middle of a backup.
import type { Plugin } from '../plugins/contract/plugin.ts'

/** Per kind of operation, the functions it must have. */
const functionsOf: Readonly<Record<string, readonly string[]>> = {
  run: ['run'],
  cut: ['cut', 'settle'],
  freeze: ['freeze'],
  thaw: ['thaw'],
}

/** What is wrong with a module's default export; undefined when it is a plugin. */
export function pluginProblem(value: unknown): string | undefined {
  if (!isRecord(value) || !isRecord(value['operations'])) return 'has no default export made by definePlugin'
  for (const [name, operation] of Object.entries(value['operations'])) {
    const problem = operationProblem(operation)
    if (problem !== undefined) return `operation '${name}' ${problem}`
  }
  return undefined
}

export function isPlugin(value: unknown): value is Plugin {
  return pluginProblem(value) === undefined
}

function operationProblem(operation: unknown): string | undefined {
  if (!isRecord(operation)) return 'is not made by operation, cutOperation, freezeOperation or thawOperation'
  const kind = String(operation['kind'])
  const functions = Object.hasOwn(functionsOf, kind) ? functionsOf[kind] : undefined
  if (!functions) return `is of the unknown kind '${kind}'`
  const missing = functions.find((name) => typeof operation[name] !== 'function')
  if (missing !== undefined) return `has no function '${missing}'`
  return kind === 'freeze' ? deadmanProblem(operation['deadman']) : undefined
}

// A node that can carry none says so with null; one that only forgot it does not.
function deadmanProblem(deadman: unknown): string | undefined {
  if (deadman === null) return undefined
  const isWhole = isRecord(deadman) && typeof deadman['arm'] === 'function' && typeof deadman['disarm'] === 'function'
  return isWhole ? undefined : 'freezes without a deadman that can be armed and disarmed'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
