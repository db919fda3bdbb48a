// What a node's instance knows of its thing: under the names of both generations of the original, so that blueprints read it.
import type { Json } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { OpenstackSettings } from '../settings.ts'
import { idOf, nameOf, type ResourceKind, type Thing } from './kind.ts'

/** On record when we made what an external node found missing: it is ours then. */
const madeHere = 'created_if_missing'

/** On record when something that was there is used instead of a new one. */
const taken = 'was_there_before'

type Known = Pick<OperationContext, 'instance'>

/** Not durable before the caller saves it. */
export function remember({ instance }: Known, kind: ResourceKind, thing: Thing, settings: OpenstackSettings): void {
  const known = instance.runtimeProperties
  const identity = { id: idOf(kind, thing), name: nameOf(kind, thing), type: kind.type }
  Object.assign(known, identity)
  if (settings.isCompact) {
    Object.assign(known, { external_id: identity.id, external_name: identity.name, external_type: kind.type })
  }
  const more: Readonly<Record<string, Json>> = kind.attributes?.(thing) ?? {}
  Object.assign(known, { [kind.type]: thing, ...more })
}

export function forget({ instance }: Known, kind: ResourceKind): void {
  const names = ['id', 'name', 'type', 'external_id', 'external_name', 'external_type', madeHere, taken, kind.type]
  for (const name of names) delete instance.runtimeProperties[name]
}

export function recordedId({ instance }: Known): string | undefined {
  const { id, external_id: older } = instance.runtimeProperties
  return typeof id === 'string' && id !== '' ? id : typeof older === 'string' && older !== '' ? older : undefined
}

export function rememberAsOurs({ instance }: Known): void {
  instance.runtimeProperties[madeHere] = true
}

export function rememberAsTheirs({ instance }: Known): void {
  instance.runtimeProperties[taken] = true
}

/** What was there before the deployment stays when that goes, and is never changed. */
export function isOurs({ instance }: Known, settings: OpenstackSettings): boolean {
  const { [madeHere]: isMade, [taken]: isTaken } = instance.runtimeProperties
  return isTaken !== true && (!settings.isExternal || isMade === true)
}
