// The groups of a blueprint as node instances: members may be nodes or other groups.
import { isJsonObject, type JsonObject } from '../kernel/json.ts'

type Groups = Readonly<Record<string, readonly string[]>>

/** Name of group -> ids of its instances, in the order of the deployment. `sections`: groups and scaling groups of the plan. */
export function groupsOf(
  sections: readonly JsonObject[],
  instances: readonly { readonly id: string; readonly nodeId: string }[],
): Groups {
  const members = new Map(
    sections.flatMap((section) => Object.entries(section).map(([name, group]) => [name, membersOf(group)])),
  )
  const nodesOf = (name: string, seen: ReadonlySet<string>): readonly string[] => {
    const inner = members.get(name)
    if (!inner) return [name]
    return seen.has(name) ? [] : inner.flatMap((member) => nodesOf(member, new Set([...seen, name])))
  }
  return Object.fromEntries(
    [...members.keys()].map((name) => {
      const nodes = new Set(nodesOf(name, new Set()))
      return [name, instances.filter(({ nodeId }) => nodes.has(nodeId)).map(({ id }) => id)]
    }),
  )
}

function membersOf(group: unknown): readonly string[] {
  const members = isJsonObject(group as JsonObject) ? (group as JsonObject)['members'] : undefined
  return Array.isArray(members) ? members.filter((member) => typeof member === 'string') : []
}
