// What to say of a `plugin:` import that finds nothing: which name was meant, or which there are and what else can be done.
import { didYouMean } from '../../kernel/near.ts'

/** A hint; `known` are the names that would have been found. */
export function missingPlugin(name: string, known: readonly string[]): string {
  const byCore = new Map<string, string>()
  // Of several names for one plugin, the one in the form of the wanted name is the best suggestion.
  const isLong = name !== core(name)
  for (const one of known) if (!byCore.has(core(one)) || isLong === (one !== core(one))) byCore.set(core(one), one)
  const same = byCore.get(core(name))
  if (same !== undefined) return `did you mean '${same}'?`
  // `cloudify-aws-plugin` and `cloudify-gcp-plugin` are alike in all but what matters.
  const near = didYouMean(core(name), byCore.keys())
  if (near !== undefined)
    return near.replaceAll(/'([^']*)'/g, (quoted, found: string) => `'${byCore.get(found) ?? quoted}'`)
  const names = [...new Set(byCore.values())].join(', ') || 'none'
  return `plugins here: ${names}; for another, put its plugin.yaml into the blueprint folder and import that file`
}

/** `cloudify-openstack-plugin` -> `openstack`. */
function core(name: string): string {
  return name.replace(/^cloudify-/, '').replace(/-plugin$/, '')
}
