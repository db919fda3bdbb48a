// The files that come with fermata: built-in types, and the originals' plugin names as the names of ours.
import { readFileSync } from 'node:fs'
import { readYaml, isReadFailure } from '../source/read-yaml.ts'
import type { SourceFile } from '../source/source-file.ts'
import type { Minor } from '../version.ts'

const loaded = new Map<string, SourceFile>()

/** The original's package name -> names under which a plugin of ours may be given. */
const aliases: Readonly<Record<string, readonly string[]>> = Object.assign(Object.create(null), {
  'cloudify-openstack-plugin': ['openstack'],
  'cloudify-vsphere-plugin': ['vsphere'],
  'cloudify-libvirt-plugin': ['libvirt'],
  'cloudify-gcp-plugin': ['gcp'],
  'cloudify-aws-plugin': ['aws'],
  'cloudify-azure-plugin': ['azure'],
  'cloudify-fabric-plugin': ['ssh', 'fabric'],
  'cloudify-terminal-plugin': ['ssh', 'terminal'],
  'cloudify-utilities-plugin': ['utilities'],
})

const bundledPlugins: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  'cloudify-openstack-plugin': 'openstack-plugin.yaml',
  openstack: 'openstack-plugin.yaml',
  'cloudify-vsphere-plugin': 'vsphere-plugin.yaml',
  vsphere: 'vsphere-plugin.yaml',
  'cloudify-libvirt-plugin': 'libvirt-plugin.yaml',
  libvirt: 'libvirt-plugin.yaml',
  'cloudify-gcp-plugin': 'gcp-plugin.yaml',
  gcp: 'gcp-plugin.yaml',
  'cloudify-fabric-plugin': 'fabric-plugin.yaml',
  fabric: 'fabric-plugin.yaml',
  'cloudify-terminal-plugin': 'terminal-plugin.yaml',
  terminal: 'terminal-plugin.yaml',
  'cloudify-utilities-plugin': 'utilities-plugin.yaml',
  'cloudify-suspend-plugin': 'utilities-plugin.yaml',
  utilities: 'utilities-plugin.yaml',
})

/** The built-in types for a version of the language. */
export function builtinTypes(minor: Minor): SourceFile {
  return bundled(minor <= 3 ? 'types_1_3.yaml' : 'types.yaml', 'cloudify/types/types.yaml')
}

/** The names to look for when a blueprint imports a plugin by `name`, the best first. */
export function pluginNames(name: string): readonly string[] {
  return [name, ...(aliases[name] ?? [])]
}

/** A file has one key, by whichever of its names it is imported. */
export function bundledPlugin(name: string): { readonly key: string; open(): SourceFile } | undefined {
  const file = bundledPlugins[name]
  return file === undefined ? undefined : { key: `bundled:${file}`, open: () => bundled(file, `plugin:${name}`) }
}

/** Names of the plugins that come along, for hints. */
export function bundledPluginNames(): readonly string[] {
  return Object.keys(bundledPlugins)
}

function bundled(file: string, shownName: string): SourceFile {
  const key = `${file} ${shownName}`
  const known = loaded.get(key)
  if (known !== undefined) return known
  const source = readYaml(shownName, readFileSync(new URL(`../bundled/${file}`, import.meta.url), 'utf8'), true)
  if (isReadFailure(source)) throw new TypeError(`bundled file ${file} is broken: ${JSON.stringify(source.details)}`)
  loaded.set(key, source)
  return source
}
