// What a plugin module provides, as data: for lists, and for what was learned of it in another process.
import { deadmanKind } from '../plugins/contract/operation.ts'
import type { Plugin } from '../plugins/contract/plugin.ts'
import type { PluginRecord } from './api.ts'

export type PluginProvides = Pick<PluginRecord, 'operations' | 'workflows'>

/** What the process that loads a module once has to say. */
export type ProbeAnswer =
  | { readonly provides: PluginProvides; readonly failure?: never }
  | { readonly failure: 'load' | 'invalid'; readonly reason: string }

export function describePlugin(plugin: Plugin): PluginProvides {
  return {
    operations: Object.entries(plugin.operations).map(([name, operation]) => ({
      name,
      kind: operation.kind,
      deadman: deadmanKind(operation),
    })),
    workflows: Object.keys(plugin.workflows ?? {}),
  }
}
