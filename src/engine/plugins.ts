// What plugins there are, for people to read: our own, and those that were uploaded.
import { readFile } from 'node:fs/promises'
import { parseTypes } from '../blueprint/plugin-types.ts'
import { fault } from '../kernel/fault.ts'
import type { Fermata, PluginRecord } from './api.ts'
import { deletePlugin } from './delete-plugin.ts'
import type { Engine } from './engine.ts'
import { notFound } from './not-found.ts'
import { ownVersion } from './own-version.ts'
import { describePlugin } from './plugin-provides.ts'
import { bundledPlugins } from './plugin-registry.ts'
import { newestVersion } from './plugin-version.ts'
import { uploadPlugin } from './upload-plugin.ts'
import { uploadedRecord, uploadedRows, versionHint } from './uploaded-plugins.ts'

export function pluginsOf(engine: Engine): Fermata['plugins'] {
  return {
    upload: (source) => uploadPlugin(engine, source),
    async list() {
      const bundled = await Promise.all(bundledPlugins.map(bundledRecord))
      return [...bundled, ...(await uploadedRows(engine)).map(uploadedRecord)]
    },
    get: (name, version) => get(engine, name, version),
    delete: (name, version) => deletePlugin(engine, name, version),
  }
}

async function get(engine: Engine, name: string, version: string | undefined): Promise<PluginRecord> {
  const own = bundledPlugins.find((plugin) => plugin.name === name)
  const records = own
    ? [await bundledRecord(own)]
    : (await uploadedRows(engine, name)).map((row) => uploadedRecord(row))
  if (records.length === 0) {
    const uploaded = await uploadedRows(engine)
    throw notFound('plugin', name, [
      ...bundledPlugins.map((plugin) => plugin.name),
      ...uploaded.map((row) => row.package),
    ])
  }
  const versions = records.map((record) => record.version)
  const wanted = version ?? newestVersion(versions)
  const found = records.find((record) => record.version === wanted)
  if (found) return found
  throw fault('usage.not_found', { details: { kind: 'plugin', id: `${name} ${version}` }, hint: versionHint(versions) })
}

async function bundledRecord(bundled: (typeof bundledPlugins)[number]): Promise<PluginRecord> {
  return {
    name: bundled.name,
    version: ownVersion(),
    source: 'bundled',
    uploadedAt: null,
    description: bundled.description,
    ...describePlugin((await bundled.load()).default),
    nodeTypes: bundled.types === null ? [] : parseTypes(await readFile(bundled.types, 'utf8')),
  }
}
