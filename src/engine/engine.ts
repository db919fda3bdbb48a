// What the parts of the engine share: the store, the world, the home, who we are.
import type { PlannedPlugin } from '../blueprint/plan.ts'
import type { Plugin } from '../plugins/contract/plugin.ts'
import type { Store } from '../store/store.ts'
import type { World } from '../world/world.ts'
import type { Home } from './home.ts'
import type { Ownership } from './ownership.ts'
import type { Secrets } from './secrets.ts'

export interface Engine {
  readonly home: Home
  readonly world: World
  readonly store: Store
  readonly ownership: Ownership
  readonly secrets: Secrets
  /** The module behind a plugin that a blueprint names; undefined when nothing stands behind it. */
  loadPlugin(planned: PlannedPlugin, blueprintId: string): Promise<Plugin | undefined>
}
