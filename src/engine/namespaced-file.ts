// Files of imported blueprints: what was imported under a namespace names its scripts with it (`ns--scripts/x.sh`).
import type { Json } from '../kernel/json.ts'
import type { Plan } from '../blueprint/plan.ts'
import { fault } from '../kernel/fault.ts'
import { blueprintFile } from './blueprint-folder.ts'
import type { Home } from './home.ts'

interface Place {
  readonly blueprintId: string
  readonly path: string
}

/**
 * A file by the name that the plan has for it: in the blueprint itself, or in the one imported under its namespace.
 *
 * @throws Fault `script.not_found`
 */
export async function namespacedFile(
  home: Pick<Home, 'blueprint'>,
  plan: Pick<Plan, 'namespaces'>,
  blueprintId: string,
  path: string,
): Promise<string> {
  for (const place of placesOf(path, plan.namespaces, blueprintId)) {
    const found = await blueprintFile(home.blueprint(place.blueprintId), blueprintId, place.path).catch(() => undefined)
    if (found !== undefined) return found
  }
  throw fault('script.not_found', { details: { path, blueprint: blueprintId } })
}

/** As it stands first, for a file may be called so; then the longest namespace first. */
function placesOf(path: string, namespaces: Readonly<Record<string, Json>>, blueprintId: string): Place[] {
  const places: Place[] = [{ blueprintId, path }]
  const slash = path.indexOf('/')
  const name = slash < 0 ? path : path.slice(0, slash)
  for (let at = name.lastIndexOf('--'); at > 0; at = name.lastIndexOf('--', at - 1)) {
    const namespace = path.slice(0, at)
    const imported = Object.hasOwn(namespaces, namespace) ? namespaces[namespace] : undefined
    // A namespace without a blueprint of its own belongs to a file that came along with this one.
    places.push({ blueprintId: typeof imported === 'string' ? imported : blueprintId, path: path.slice(at + 2) })
  }
  return places
}
