// Which cloud an operation works with. A simulation gives its worlds a cloud; elsewhere there is one for each state
// directory, kept in a file of it, so that the next process finds it again.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { World } from '../../world/world.ts'
import type { OperationContext } from '../contract/context.ts'
import { SimCloud, emptyCloud, type CloudState } from './cloud/cloud.ts'

const given = new WeakMap<World, SimCloud>()

/** From now on whoever has this world works with this cloud. */
export function giveCloud(world: World, cloud: SimCloud): void {
  given.set(world, cloud)
}

export function cloudOf(ctx: Pick<OperationContext, 'world' | 'stateDirectory'>): SimCloud {
  return given.get(ctx.world) ?? cloudIn(ctx.world, ctx.stateDirectory)
}

// Read anew for each call: another process may have changed it. Whoever deploys to it has the deployment to themselves.
function cloudIn(world: World, folder: string): SimCloud {
  const path = join(folder, 'cloud.json')
  return new SimCloud({ world, state: readState(path), onChange: (state) => writeState(folder, path, state) })
}

function readState(path: string): CloudState {
  try {
    return { ...emptyCloud(), ...(JSON.parse(readFileSync(path, 'utf8')) as Partial<CloudState>) }
  } catch (thrown) {
    if ((thrown as { code?: string }).code === 'ENOENT') return emptyCloud()
    throw thrown
  }
}

function writeState(folder: string, path: string, state: CloudState): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(`${path}.new`, JSON.stringify(state))
  renameSync(`${path}.new`, path)
}
