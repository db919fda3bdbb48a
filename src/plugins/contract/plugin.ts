// What a plugin module exports.
import type { JsonObject } from '../../kernel/json.ts'
import type { World } from '../../world/world.ts'
import type { Inventory } from './fleet.ts'
import type { PluginOperation } from './operation.ts'
import type { Workflow } from './workflow.ts'

interface PrepareContext {
  /** Aborts when nobody will come any more. */
  readonly signal: AbortSignal
  readonly world: World
}

export interface Plugin {
  readonly name: string
  /** Path of the plugin.yaml beside the module, or its file URL. Not needed when the blueprint declares the types itself. */
  readonly types?: string | URL
  /** Keys as they stand in a blueprint after the plugin's name: `process.freeze` for `local.process.freeze`. */
  readonly operations: Readonly<Record<string, PluginOperation>>
  /** Workflows that a blueprint's `workflows` section may map: `drain` for `example.drain`. */
  readonly workflows?: Readonly<Record<string, Workflow>>
  /** Hosts that it knows of, for `fermata fleet run --from`. */
  readonly inventory?: Inventory
  /**
   * Begins to connect to a host that is about to be worked on, while the rest of the run is got ready. Changes nothing there;
   * what goes wrong is told by the work itself. Properties are those of its node; paths in them are absolute.
   */
  prepareHost?(properties: JsonObject, ctx: PrepareContext): Promise<void>
  /** Ends what the plugin keeps open between operations: connections, mostly. Called when the engine closes. */
  close?(): Promise<void>
}

/**
 * Declares a plugin; the default export of a plugin module.
 *
 * @example
 * export default definePlugin({ name: 'example', operations: { hello: operation({ run: async (ctx) => ctx.log.info('hello') }) } })
 */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin
}
