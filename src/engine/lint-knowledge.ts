// What the engine knows for the lint rules: which operations the plugins that come along provide.
import type { LintKnowledge } from '../blueprint/lint/rule.ts'
import type { Plan, PlannedPlugin } from '../blueprint/plan.ts'
import type { Plugin } from '../plugins/contract/plugin.ts'
import type { Engine } from './engine.ts'
import { loadBundled } from './plugin-registry.ts'
import type { PluginProvides } from './plugin-provides.ts'

/** Plugins that the blueprint brings itself are not loaded to judge it: that would run its code. */
export async function lintKnowledge(
  engine: Pick<Engine, 'store'>,
  plan: Plan,
  files: Iterable<string>,
): Promise<LintKnowledge> {
  const names = [...files]
  const loaded = new Map<string, Operations | undefined>()
  for (const planned of Object.values(plan.plugins)) {
    if (bringsItself(planned, names)) continue
    loaded.set(planned.name, (await uploadedOperations(engine, planned)) ?? (await bundledOperations(planned)))
  }
  return {
    provides: ({ name }, operation) => {
      if (!loaded.has(name)) return undefined
      return loaded.get(name)?.has(operation) ?? false
    },
  }
}

type Operations = ReadonlySet<string>

async function bundledOperations({ name }: PlannedPlugin): Promise<Operations | undefined> {
  const plugin: Plugin | undefined = await loadBundled(bareName(name))
  return plugin && new Set(Object.keys(plugin.operations))
}

async function uploadedOperations(
  { store }: Pick<Engine, 'store'>,
  { packageName, packageVersion }: PlannedPlugin,
): Promise<Operations | undefined> {
  if (packageName === null || packageVersion === null) return undefined
  const row = await store.query
    .selectFrom('plugins')
    .select('provides')
    .where('package', '=', packageName)
    .where('version', '=', packageVersion)
    .executeTakeFirst()
  if (!row) return undefined
  const { operations } = JSON.parse(row.provides) as PluginProvides
  return new Set(operations.map(({ name }) => name))
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
