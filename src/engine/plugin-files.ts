// The files of uploaded plugins on disk.
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Plan, PlannedPlugin } from '../blueprint/plan.ts'
import { fault } from '../kernel/fault.ts'
import { isInside } from './blueprint-folder.ts'
import type { Home } from './home.ts'
import { isPackageName } from './package-name.ts'
import { readTarget } from './plugin-imports.ts'
import { isVersion, newestVersion } from './plugin-version.ts'

type Package = Pick<PlannedPlugin, 'packageName' | 'packageVersion'>

/** The folder of exactly the version that the plan names; undefined when it was never uploaded. */
export function uploadedFolder(home: Pick<Home, 'plugin'>, planned: Package): string | undefined {
  const { packageName, packageVersion } = planned
  if (packageName === null || packageVersion === null) return undefined
  // Names in a blueprint are anybody's; only checked ones may become a path.
  if (!isPackageName(packageName) || !isVersion(packageVersion)) return undefined
  const folder = home.plugin(packageName, packageVersion)
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? folder : undefined
}

/** `plugin:NAME?version=SPEC/scripts/x.sh` as the parser wrote it. @throws Fault `script.not_found` */
export function pluginFile(home: Pick<Home, 'plugin'>, plan: Plan, path: string, blueprint: string): string {
  const slash = path.indexOf('/')
  const target = slash < 0 ? undefined : readTarget(path.slice(0, slash))
  const planned = target && plannedFor(plan, target.name, target.spec)
  const folder = planned && uploadedFolder(home, planned)
  if (folder !== undefined) {
    const found = resolve(folder, path.slice(slash + 1))
    if (isInside(folder, found) && statSync(found).isFile()) return found
  }
  throw fault('script.not_found', { details: { path, blueprint } })
}

function plannedFor(plan: Plan, name: string, spec: string): Package | undefined {
  const fitting = Object.values(plan.plugins).filter(({ packageName }) => packageName === name)
  const version = newestVersion(
    fitting.map(({ packageVersion }) => packageVersion ?? ''),
    spec,
  )
  return fitting.find(({ packageVersion }) => packageVersion === version)
}
