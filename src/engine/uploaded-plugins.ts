// The plugins that were uploaded, as the store has them.
import { write, type Write } from '../store/store.ts'
import type { PluginRow } from '../store/tables.ts'
import type { PluginRecord } from './api.ts'
import type { Engine } from './engine.ts'
import { compareVersions } from './plugin-version.ts'

/** By name, and of each the newest first. */
export async function uploadedRows(engine: Pick<Engine, 'store'>, name?: string): Promise<readonly PluginRow[]> {
  const all = engine.store.query.selectFrom('plugins').selectAll().orderBy('created_at')
  const rows = await (name === undefined ? all : all.where('package', '=', name)).execute()
  return rows.toSorted(
    (left, right) =>
      Number(left.package > right.package) - Number(left.package < right.package) ||
      compareVersions(right.version, left.version),
  )
}

export function uploadedRecord(row: PluginRow): PluginRecord {
  return {
    name: row.package,
    version: row.version,
    source: 'uploaded',
    uploadedAt: row.created_at,
    description: row.description,
    ...(JSON.parse(row.provides) as Pick<PluginRecord, 'operations' | 'workflows' | 'nodeTypes'>),
  }
}

export function versionHint(known: readonly string[]): string {
  return `there is ${known.join(', ')}`
}

/** Forgets one version, unless a blueprint uses it. */
export function removal({ store }: Pick<Engine, 'store'>, { package: name, version }: PluginRow): Write {
  const users = store.query
    .selectFrom('blueprint_plugins')
    .select('blueprint_id')
    .where('package', '=', name)
    .where('version', '=', version)
  return write(
    store.query
      .deleteFrom('plugins')
      .where('package', '=', name)
      .where('version', '=', version)
      .where((is) => is.not(is.exists(users))),
  )
}
