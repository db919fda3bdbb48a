// Which domain an operation works on. By its uuid once that is known: another one under the same name is another one.
import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { accessOf } from '../access.ts'
import { hasCode } from '../client/errors.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import { hypervisorOf } from '../client/shared-hypervisors.ts'
import type { Domain } from '../client/structs.ts'
import { missing, notCreated } from '../errors.ts'
import { settingsOf, type LibvirtSettings } from '../settings.ts'

export interface NodeDomain {
  readonly hypervisor: Hypervisor
  readonly dom: Domain
  readonly settings: LibvirtSettings
}

/**
 * The domain of the node.
 *
 * @example
 * const { hypervisor, dom } = await domainOf(ctx)
 * await hypervisor.call('DOMAIN_SUSPEND', { dom }, { signal: ctx.signal })
 * @throws Fault `libvirt.not_created`, `libvirt.missing`, and what the client throws
 */
export async function domainOf(ctx: OperationContext, inputs: JsonObject = {}): Promise<NodeDomain> {
  const { hypervisor, settings } = await hypervisorOfNode(ctx, inputs)
  const { resourceId: name } = settings
  const uuid = knownUuid(ctx)
  if (name === undefined && uuid === undefined) throw notCreated('domain')
  const dom = await findDomain(ctx, hypervisor, { name, uuid })
  if (dom === undefined) throw missing(hypervisor, 'domain', name ?? uuid ?? '')
  return { hypervisor, dom, settings }
}

export async function hypervisorOfNode(
  ctx: OperationContext,
  inputs: JsonObject = {},
): Promise<Omit<NodeDomain, 'dom'>> {
  const settings = await settingsOf(ctx, inputs)
  const access = await accessOf(ctx, settings)
  return { hypervisor: hypervisorOf(ctx, settings.uri, access), settings }
}

/** undefined: there is none. Where the uuid is known the name does not matter. */
export async function findDomain(
  ctx: Pick<OperationContext, 'signal'>,
  hypervisor: Hypervisor,
  { name, uuid }: { readonly name?: string | undefined; readonly uuid?: string | undefined },
): Promise<Domain | undefined> {
  const { signal } = ctx
  const looked =
    uuid === undefined
      ? hypervisor.call('DOMAIN_LOOKUP_BY_NAME', { name: name ?? '' }, { signal })
      : hypervisor.call('DOMAIN_LOOKUP_BY_UUID', { uuid }, { signal })
  const found = await looked.catch((thrown: unknown) => {
    if (hasCode(thrown, 'NO_DOMAIN')) return undefined
    throw thrown
  })
  return found?.dom
}

/** What `create` kept. The original kept it among the params only. */
export function knownUuid({ instance }: Pick<OperationContext, 'instance'>): string | undefined {
  const { domain_uuid: uuid, params } = instance.runtimeProperties
  const kept = typeof uuid === 'string' ? uuid : isJsonObject(params) ? params['instance_uuid'] : undefined
  return typeof kept === 'string' && kept !== '' ? kept : undefined
}
