// Lets go of an uploaded plugin that nobody uses.
import { rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fault, type Fault } from '../kernel/fault.ts'
import { StoreConflict } from '../store/store.ts'
import type { PluginRow } from '../store/tables.ts'
import type { Engine } from './engine.ts'
import { notFound } from './not-found.ts'
import { bundledPlugins } from './plugin-registry.ts'
import { removal, uploadedRows, versionHint } from './uploaded-plugins.ts'

/** Without a version: the only one there is. @throws Fault `usage.not_found`, `usage.in_use`, `usage.bad_argument` */
export async function deletePlugin(
  engine: Engine,
  name: string,
  version?: string,
): Promise<{ readonly name: string; readonly version: string }> {
  if (bundledPlugins.some((plugin) => plugin.name === name)) {
    throw fault('usage.bad_argument', {
      details: { message: `plugin '${name}' comes with fermata, it cannot be deleted` },
    })
  }
  const row = await onlyRow(engine, name, version)
  const users = await usersOf(engine, row)
  if (users.length > 0) throw inUse(row, users)
  try {
    await engine.store.commit([{ ...removal(engine, row), expect: 1 }])
  } catch (thrown) {
    if (!(thrown instanceof StoreConflict)) throw thrown
    throw inUse(row, await usersOf(engine, row))
  }
  const folder = engine.home.plugin(row.package, row.version)
  await rm(folder, { recursive: true, force: true })
  await rmdir(dirname(folder)).catch(() => {})
  return { name: row.package, version: row.version }
}

async function onlyRow(engine: Engine, name: string, version: string | undefined): Promise<PluginRow> {
  const rows = await uploadedRows(engine, name)
  const known = rows.map((row) => row.version)
  if (rows.length === 0) throw notFound('plugin', name, await packageNames(engine))
  const found = version === undefined ? rows : rows.filter((row) => row.version === version)
  const [row] = found
  if (!row)
    throw fault('usage.not_found', { details: { kind: 'plugin', id: `${name} ${version}` }, hint: versionHint(known) })
  if (found.length === 1) return row
  const message = `plugin '${name}' is here in several versions: ${known.join(', ')}`
  throw fault('usage.bad_argument', { details: { message }, hint: 'say which one with --version' })
}

async function packageNames(engine: Engine): Promise<string[]> {
  return [...new Set((await uploadedRows(engine)).map((row) => row.package))]
}

async function usersOf({ store }: Engine, row: PluginRow): Promise<readonly string[]> {
  const users = await store.query
    .selectFrom('blueprint_plugins')
    .select('blueprint_id')
    .where('package', '=', row.package)
    .where('version', '=', row.version)
    .orderBy('blueprint_id')
    .execute()
  return users.map((user) => user.blueprint_id)
}

function inUse(row: PluginRow, users: readonly string[]): Fault {
  const named = users.length === 1 ? 'blueprint' : 'blueprints'
  const details = { kind: 'plugin', id: `${row.package} ${row.version}`, users: `${named} ${users.join(', ')}` }
  return fault('usage.in_use', { details })
}
