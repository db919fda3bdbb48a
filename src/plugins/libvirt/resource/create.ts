// lifecycle.create of a network or pool: who it will be is on record before it is defined, once. One that is external is
// looked up, and never changed.
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import { hypervisorOfNode, knownUuid } from '../domain/domain-of.ts'
import { fromTemplate } from '../domain/template.ts'
import { badXml, missing, nameTaken } from '../errors.ts'
import type { LibvirtSettings } from '../settings.ts'
import { element, withChild, type XmlElement } from '../xml/element.ts'
import { writeXml } from '../xml/write.ts'
import { identityOf, nameOf, record, templateMark, type Identity } from './identity.ts'
import type { ResourceKind } from './kind.ts'

/** undefined: it is external. */
export async function createResource<Handle extends Identity>(
  ctx: OperationContext,
  kind: ResourceKind<Handle>,
  inputs: JsonObject,
): Promise<{ readonly hypervisor: Hypervisor; readonly handle: Handle } | undefined> {
  const { hypervisor, settings } = await hypervisorOfNode(ctx, inputs)
  if (settings.isExternal) return adopt(ctx, kind, { hypervisor, settings })
  const identity = identityOf(ctx, settings)
  const { document, isTemplate } = await documentOf(ctx, kind, { settings, identity })
  const xml = writeXml(named(document, identity))
  record(ctx, settings, identity)
  if (isTemplate) ctx.instance.runtimeProperties[templateMark] = true
  // Durable before it is defined.
  await ctx.save()
  const handle = await ctx.once({
    lookUp: () => ours(ctx, kind, { hypervisor, identity }),
    create: async () => (await ours(ctx, kind, { hypervisor, identity })) ?? kind.define(ctx, hypervisor, xml),
  })
  ctx.instance.runtimeProperties['resource_id'] = handle.name
  await ctx.save()
  ctx.log.info(`Defined ${kind.word} ${handle.name} (${handle.uuid})`)
  return { hypervisor, handle }
}

interface Described {
  readonly settings: LibvirtSettings
  readonly identity: Identity
}

async function documentOf<Handle extends Identity>(
  ctx: OperationContext,
  kind: ResourceKind<Handle>,
  { settings, identity }: Described,
): Promise<{ readonly document: XmlElement; readonly isTemplate: boolean }> {
  const { name, uuid } = identity
  const values: JsonObject = { ...settings.params, name, resource_id: name, uuid, instance_uuid: uuid }
  const own = await fromTemplate(ctx, settings.options, values)
  if (own !== undefined && own.name !== kind.word)
    throw badXml('the template', `it describes no ${kind.word} but '${own.name}'`)
  return { document: own ?? kind.describe(settings.params, identity), isTemplate: own !== undefined }
}

// Whatever a template says: one that carried another's name or uuid would replace that one.
function named(document: XmlElement, { name, uuid }: Identity): XmlElement {
  return withChild(withChild(document, element('name', {}, name)), element('uuid', {}, uuid))
}

async function adopt<Handle extends Identity>(
  ctx: OperationContext,
  kind: ResourceKind<Handle>,
  { hypervisor, settings }: { readonly hypervisor: Hypervisor; readonly settings: LibvirtSettings },
): Promise<undefined> {
  const name = settings.resourceId ?? nameOf(ctx, settings)
  const handle = await kind.find(ctx, hypervisor, { name })
  if (handle === undefined) throw missing(hypervisor, kind.word, name)
  record(ctx, settings, handle)
  ctx.instance.runtimeProperties['resource_id'] = handle.name
  await ctx.save()
  ctx.log.info(`Uses the external ${kind.word} ${handle.name} (${handle.uuid})`)
  return undefined
}

/** What an earlier attempt has defined. @throws Fault `libvirt.name_taken` */
async function ours<Handle extends Identity>(
  ctx: OperationContext,
  kind: ResourceKind<Handle>,
  { hypervisor, identity }: { readonly hypervisor: Hypervisor; readonly identity: Identity },
): Promise<Handle | undefined> {
  const known = await kind.find(ctx, hypervisor, { uuid: identity.uuid })
  if (known !== undefined) return known
  const namesake = await kind.find(ctx, hypervisor, { name: identity.name })
  if (namesake === undefined) return undefined
  throw nameTaken(hypervisor, kind.word, identity.name)
}

/** undefined: it is external, was never made, or is gone. */
export async function ownResource<Handle extends Identity>(
  ctx: OperationContext,
  kind: ResourceKind<Handle>,
  inputs: JsonObject,
): Promise<{ readonly hypervisor: Hypervisor; readonly handle: Handle } | undefined> {
  const { hypervisor, settings } = await hypervisorOfNode(ctx, inputs)
  const uuid = knownUuid(ctx)
  if (settings.isExternal) ctx.log.info(`The ${kind.word} ${settings.resourceId} is external and left as it is`)
  if (settings.isExternal || uuid === undefined) return undefined
  const handle = await kind.find(ctx, hypervisor, { uuid })
  return handle && { hypervisor, handle }
}
