// The names of the node types that a plugin.yaml brings, for lists of plugins.
import { isJsonObject } from '../kernel/json.ts'
import { isReadFailure, readYaml } from './source/read-yaml.ts'

/** Empty for a text that cannot be read; whoever imports it hears why. */
export function parseTypes(text: string): readonly string[] {
  const source = readYaml('plugin.yaml', text)
  const types = isReadFailure(source) ? undefined : source.value['node_types']
  return isJsonObject(types) ? Object.keys(types) : []
}
