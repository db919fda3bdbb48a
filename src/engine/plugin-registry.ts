// Finds the module behind a plugin's name: in the blueprint's folder, among the uploaded plugins, among our own.
import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { PlannedPlugin } from '../blueprint/plan.ts'
import { fault } from '../kernel/fault.ts'
import type { Plugin } from '../plugins/contract/plugin.ts'
import { isInside } from './blueprint-folder.ts'
import { isPlugin, pluginProblem } from './check-plugin.ts'
import type { Home } from './home.ts'
import { provideOwnPackage } from './own-package.ts'
import { uploadedFolder } from './plugin-files.ts'

interface Bundled {
  readonly name: string
  readonly description: string
  /** Names under which `plugin:` imports find its types. */
  readonly packages: readonly string[]
  /** Its plugin.yaml; script has none, the bundled types declare it. */
  readonly types: URL | null
  load(): Promise<{ readonly default: Plugin }>
}

export const bundledPlugins: readonly Bundled[] = [
  {
    name: 'script',
    description: 'Operations as scripts in any language',
    packages: [],
    types: null,
    load: () => import('../plugins/script/plugin.ts'),
  },
  {
    name: 'local',
    description: 'Processes and directories of this machine',
    packages: ['fermata-local', 'local'],
    types: new URL('../plugins/local/plugin.yaml', import.meta.url),
    load: () => import('../plugins/local/plugin.ts'),
  },
  {
    name: 'sim',
    description: 'Simulated machines and services, for demonstrations and tests',
    packages: ['fermata-sim', 'sim'],
    types: new URL('../plugins/sim/plugin.yaml', import.meta.url),
    load: () => import('../plugins/sim/plugin.ts'),
  },
  {
    name: 'ssh',
    description: 'Commands on hosts over SSH, and freezing of their file systems',
    packages: ['fermata-ssh'],
    types: new URL('../plugins/ssh/plugin.yaml', import.meta.url),
    load: () => import('../plugins/ssh/plugin.ts'),
  },
  {
    name: 'fabric',
    description: 'Commands and scripts on hosts, as blueprints for cloudify-fabric-plugin name them',
    packages: [],
    types: null,
    load: () => import('../plugins/fabric/plugin.ts'),
  },
  {
    name: 'terminal',
    description: 'Dialogues on terminals of hosts, as blueprints for cloudify-terminal-plugin name them',
    packages: [],
    types: null,
    load: () => import('../plugins/terminal/plugin.ts'),
  },
  {
    name: 'libvirt',
    description: 'Domains, networks and storage of hypervisors under libvirt',
    // Its file comes along with those of the originals, and is found by their names.
    packages: [],
    types: new URL('../blueprint/bundled/libvirt-plugin.yaml', import.meta.url),
    load: () => import('../plugins/libvirt/plugin.ts'),
  },
  {
    name: 'openstack',
    description: 'Servers, volumes and networks of OpenStack clouds',
    packages: [],
    types: new URL('../blueprint/bundled/openstack-plugin.yaml', import.meta.url),
    load: () => import('../plugins/openstack/plugin.ts'),
  },
  {
    name: 'vsphere',
    description: 'Machines of a vCenter',
    packages: [],
    types: new URL('../blueprint/bundled/vsphere-plugin.yaml', import.meta.url),
    load: () => import('../plugins/vsphere/plugin.ts'),
  },
  {
    name: 'gcp_plugin',
    description: 'Instances, disks and networks of Google Cloud',
    packages: [],
    types: new URL('../blueprint/bundled/gcp-plugin.yaml', import.meta.url),
    load: () => import('../plugins/gcp/plugin.ts'),
  },
]

/** Package name -> plugin.yaml, for the blueprint parser. */
export async function bundledPluginTypes(): Promise<Record<string, string>> {
  const texts: Record<string, string> = {}
  for (const { packages, types } of bundledPlugins) {
    if (types === null) continue
    const text = await readFile(types, 'utf8')
    for (const name of packages) texts[name] = text
  }
  return texts
}

export async function loadBundled(name: string): Promise<Plugin | undefined> {
  const found = bundledPlugins.find((plugin) => plugin.name === name)
  return found && (await found.load()).default
}

export const moduleNames = ['plugin.ts', 'plugin.mts', 'plugin.js', 'plugin.mjs']

/**
 * The plugin behind a name of the blueprint's `plugins` section; undefined when nothing stands behind it. What the
 * blueprint brings itself wins, so that no upload ever changes what an uploaded blueprint does.
 */
export async function loadPlugin(
  planned: PlannedPlugin,
  blueprintFolder: string,
  home?: Pick<Home, 'plugin'>,
): Promise<Plugin | undefined> {
  const brought = planned.source === null ? undefined : moduleIn(planned.source, blueprintFolder)
  const uploaded = brought === undefined && home ? uploadedFolder(home, planned) : undefined
  const module = brought ?? (uploaded && moduleFile(uploaded))
  if (module === undefined)
    return loadBundled(planned.name.slice(planned.name.lastIndexOf('--') + 1).replace(/^-+/, ''))
  provideOwnPackage()
  return pluginFrom(planned.name, module)
}

// As in Cloudify, `source: name` means plugins/name in the blueprint; a path that exists as it stands is taken, too.
function moduleIn(source: string, blueprintFolder: string): string | undefined {
  if (/^[a-z]+:/.test(source)) return undefined
  for (const place of [join('plugins', source), source]) {
    const path = resolve(blueprintFolder, place)
    if (!isInside(blueprintFolder, path)) continue
    if (statSync(path).isFile()) return path
    const found = moduleFile(path, blueprintFolder)
    if (found !== undefined) return found
  }
  return undefined
}

function moduleFile(folder: string, top = folder): string | undefined {
  return moduleNames.map((name) => join(folder, name)).find((file) => isInside(top, file))
}

async function pluginFrom(name: string, path: string): Promise<Plugin> {
  const shown = fileURLToPath(pathToFileURL(path))
  const module = await import(pathToFileURL(path).href).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw fault('plugin.load_failed', { details: { plugin: name, path: shown, reason }, cause })
  })
  const plugin = (module as { default?: unknown }).default
  if (isPlugin(plugin)) return plugin
  const reason = `${shown}: ${pluginProblem(plugin) ?? ''}`
  throw fault('plugin.invalid', { details: { plugin: name, reason } })
}
