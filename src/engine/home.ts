// The state directory: where the store, the blueprints' files and what plugins keep have their places.
import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openFault } from '../store/sqlite/faults.ts'

export interface Home {
  readonly path: string
  readonly store: string
  readonly secretKey: string
  readonly blueprints: string
  blueprint(id: string): string
  /** The files of one version of an uploaded plugin. The names must have been checked. */
  plugin(packageName: string, version: string): string
  /** A folder of one plugin for one deployment; made when it is not there. */
  pluginState(deploymentId: string, plugin: string): Promise<string>
  /** Where that folder is, or would be. */
  pluginFolder(deploymentId: string, plugin: string): string
  deployment(id: string): string
}

/** What tells a state directory from other folders. */
export const storeFile = 'fermata.db'

export function homeAt(path: string): Home {
  const blueprints = join(path, 'blueprints')
  const deployment = (id: string): string => join(path, 'deployments', folderName(id))
  const pluginFolder = (deploymentId: string, plugin: string): string =>
    join(deployment(deploymentId), folderName(plugin))
  return {
    path,
    store: join(path, storeFile),
    secretKey: join(path, 'secret.key'),
    blueprints,
    blueprint: (id) => join(blueprints, folderName(id)),
    plugin: (packageName, version) => join(path, 'plugins', folderName(packageName), folderName(version)),
    deployment,
    pluginFolder,
    async pluginState(deploymentId, plugin) {
      const folder = pluginFolder(deploymentId, plugin)
      await makeFolder(folder)
      return folder
    },
  }
}

/** @throws Fault `store.read_only`, `store.full` or `store.unwell` */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((thrown: unknown) => {
    throw openFault(join(path, '.'), thrown)
  })
}

// Ids may be longer than what file systems take for a name.
function folderName(id: string): string {
  if (id.length <= 128) return id
  return `${id.slice(0, 96)}-${createHash('sha256').update(id).digest('hex').slice(0, 16)}`
}
