// What the engine knows for the lint rules: which operations the plugins that come along provide.
import type { LintKnowledge } from '../blueprint/lint/rule.ts'
import type { Plan, PlannedPlugin } from '../blueprint/plan.ts'
import type { Plugin } from '../plugins/contract/plugin.ts'
import { loadBundled } from './plugin-registry.ts'

/** Plugins that the blueprint brings itself are not loaded to judge it: that would run its code. */
export async function lintKnowledge(plan: Plan, files: Iterable<string>): Promise<LintKnowledge> {
  const names = [...files]
  const loaded = new Map<string, Plugin | undefined>()
  for (const planned of Object.values(plan.plugins)) {
    if (!bringsItself(planned, names)) loaded.set(planned.name, await loadBundled(bareName(planned.name)))
  }
  return {
    provides: ({ name }, operation) => {
      if (!loaded.has(name)) return undefined
      const plugin = loaded.get(name)
      return plugin !== undefined && Object.hasOwn(plugin.operations, operation)
    },
  }
}

function bringsItself({ source }: PlannedPlugin, files: readonly string[]): boolean {
  if (source === null || /^[a-z]+:/.test(source)) return false
  return files.some((file) =>
    [`plugins/${source}`, source].some((place) => file === place || file.startsWith(`${place}/`)),
  )
}

function bareName(name: string): string {
  return name.slice(name.lastIndexOf('--') + 1).replace(/^-+/, '')
}
