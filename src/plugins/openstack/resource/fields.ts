// What a blueprint says a plain resource is made of.
import type { JsonObject } from '../../../kernel/json.ts'
import { Reader } from '../reader.ts'
import type { Scene } from './kind.ts'

/** All of resource_config but what is not handed on. */
export function fieldsOf({ settings }: Pick<Scene, 'settings'>, except: readonly string[] = []): JsonObject {
  const dropped = new Set(['id', ...except])
  return Object.fromEntries(Object.entries(settings.resource).filter(([name]) => !dropped.has(name)))
}

/** The same, with the name that it gets: its instance's where the blueprint says none. */
export function namedFieldsOf(scene: Pick<Scene, 'settings' | 'ctx'>, except: readonly string[] = []): JsonObject {
  const name = wantedOf(scene).text('name') ?? scene.settings.resourceName ?? scene.ctx.instance.id
  return { ...fieldsOf(scene, except), name }
}

export function wantedOf({ settings }: Pick<Scene, 'settings'>): Reader {
  return new Reader(settings.resource, 'resource_config')
}
