// Who a network, pool or volume of a node is: chosen and on record before it is made, so that whoever comes after a crash
// knows by its uuid that it is this node's.
import type { OperationContext } from '../../contract/context.ts'
import { knownUuid } from '../domain/domain-of.ts'
import { badProperty } from '../errors.ts'
import { Reader } from '../reader.ts'
import type { LibvirtSettings } from '../settings.ts'

export interface Identity {
  readonly name: string
  readonly uuid: string
}

type Known = Pick<LibvirtSettings, 'params' | 'resourceId'>

/** @throws Fault `libvirt.bad_property` */
export function identityOf(ctx: OperationContext, settings: Known): Identity {
  return { name: nameOf(ctx, settings), uuid: knownUuid(ctx) ?? ctx.world.newId() }
}

export function nameOf({ instance }: Pick<OperationContext, 'instance'>, { params, resourceId }: Known): string {
  const name = new Reader(params, 'params').text('name') ?? resourceId ?? instance.id
  // Libvirt makes files out of it.
  if (/[/\n]/.test(name)) throw badProperty('params.name', 'it cannot hold a slash or a line break')
  return name
}

/** Not durable before the caller saves it. */
export function record(
  { instance }: Pick<OperationContext, 'instance'>,
  settings: LibvirtSettings,
  { name, uuid }: Identity,
): void {
  const known = instance.runtimeProperties
  known['libvirt_auth'] = settings.uri
  known['use_external_resource'] = settings.isExternal
  known['params'] = { ...settings.params, name, instance_uuid: uuid }
}

export function forget({ instance }: Pick<OperationContext, 'instance'>): void {
  for (const name of ['resource_id', 'params', templateMark]) delete instance.runtimeProperties[name]
}

/** On record when a template described it: the blueprint's params then do not. */
export const templateMark = 'from_template'
