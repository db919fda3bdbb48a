// What plugins there are, for people to read.
import { parseTypes } from '../blueprint/plugin-types.ts'
import type { Plugin } from '../plugins/contract/plugin.ts'
import type { Fermata, PluginRecord } from './api.ts'
import { notFound } from './not-found.ts'
import { bundledPlugins } from './plugin-registry.ts'
import { readFile } from 'node:fs/promises'

export function pluginsOf(): Fermata['plugins'] {
  return {
    list: () => Promise.all(bundledPlugins.map(recordOf)),
    async get(name) {
      const found = bundledPlugins.find((plugin) => plugin.name === name)
      if (found) return recordOf(found)
      throw notFound(
        'plugin',
        name,
        bundledPlugins.map((plugin) => plugin.name),
      )
    },
  }
}

async function recordOf(bundled: (typeof bundledPlugins)[number]): Promise<PluginRecord> {
  const plugin: Plugin = (await bundled.load()).default
  return {
    name: bundled.name,
    description: bundled.description,
    operations: Object.entries(plugin.operations).map(([name, operation]) => ({
      name,
      kind: operation.kind,
      deadman: operation.kind === 'freeze' ? operation.deadman.kind : null,
    })),
    workflows: Object.keys(plugin.workflows ?? {}),
    nodeTypes: bundled.types === null ? [] : parseTypes(await readFile(bundled.types, 'utf8')),
  }
}
