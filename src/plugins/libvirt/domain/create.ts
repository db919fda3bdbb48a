// lifecycle.create and lifecycle.configure of a domain: who it will be is on record before anything is made; then it is
// defined, once. One that is external is looked up, and never changed.
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation } from '../../contract/operation.ts'
import { define, domainXml } from '../client/flags.ts'
import type { Domain } from '../client/structs.ts'
import { badProperty, missing, nameTaken } from '../errors.ts'
import { templateMark } from '../resource/identity.ts'
import type { LibvirtSettings } from '../settings.ts'
import { parseXml } from '../xml/parse.ts'
import { definitionOf } from './definition.ts'
import type { DomainIdentity } from './describe.ts'
import { findDomain, hypervisorOfNode, knownUuid, type NodeDomain } from './domain-of.ts'
import { isMarkedBy, markOf } from './mark.ts'

type Place = Omit<NodeDomain, 'dom'>

export const create = operation({
  async run(ctx, inputs) {
    const place = await hypervisorOfNode(ctx, inputs)
    if (place.settings.isExternal) return adopt(ctx, place)
    record(ctx, place.settings, identityOf(ctx, place.settings))
    // Durable before it is defined: who finds the domain later knows by its uuid that it is this node's.
    await ctx.save()
  },
})

export const configure = operation({
  async run(ctx, inputs) {
    const place = await hypervisorOfNode(ctx, inputs)
    if (place.settings.isExternal)
      return ctx.log.info(`Domain ${place.settings.resourceId} is external and left as it is`)
    const identity = identityOf(ctx, place.settings)
    record(ctx, place.settings, identity)
    await ctx.save()
    const xml = await definitionOf(ctx, place.settings, identity)
    if (hasTemplate(place.settings)) ctx.instance.runtimeProperties[templateMark] = true
    const dom = await ctx.once({
      lookUp: () => ours(ctx, place, identity),
      create: async () => (await ours(ctx, place, identity)) ?? defineDomain(ctx, place, xml),
    })
    ctx.instance.runtimeProperties['resource_id'] = dom.name
    ctx.instance.runtimeProperties['domain_uuid'] = dom.uuid
    await ctx.save()
    ctx.log.info(`Defined domain ${dom.name} (${dom.uuid})`)
  },
})

async function adopt(ctx: OperationContext, { hypervisor, settings }: Place): Promise<void> {
  const name = settings.resourceId ?? textIn(settings.params, 'name')
  if (name === undefined) throw badProperty('resource_id', 'it is missing: the name of the external domain')
  const dom = await findDomain(ctx, hypervisor, { name })
  if (dom === undefined) throw missing(hypervisor, 'domain', name)
  record(ctx, settings, dom)
  ctx.instance.runtimeProperties['resource_id'] = dom.name
  await ctx.save()
  ctx.log.info(`Uses the external domain ${dom.name} (${dom.uuid})`)
}

function identityOf(ctx: OperationContext, { params, resourceId }: LibvirtSettings): DomainIdentity {
  const name = textIn(params, 'name') ?? resourceId ?? ctx.instance.id
  // Libvirt makes files out of it.
  if (name.includes('/') || name.includes('\n'))
    throw badProperty('params.name', 'it cannot hold a slash or a line break')
  return { name, uuid: knownUuid(ctx) ?? ctx.world.newId() }
}

function record({ instance }: OperationContext, settings: LibvirtSettings, { name, uuid }: DomainIdentity): void {
  const known = instance.runtimeProperties
  known['libvirt_auth'] = settings.uri
  known['use_external_resource'] = settings.isExternal
  known['params'] = { ...settings.params, name, instance_uuid: uuid }
  known['domain_uuid'] = uuid
}

/** What an earlier attempt has defined. @throws Fault `libvirt.name_taken` */
async function ours(
  ctx: OperationContext,
  { hypervisor }: Place,
  { name, uuid }: DomainIdentity,
): Promise<Domain | undefined> {
  const known = await findDomain(ctx, hypervisor, { uuid })
  if (known !== undefined) return known
  const namesake = await findDomain(ctx, hypervisor, { name })
  if (namesake === undefined) return undefined
  const options = { signal: ctx.signal }
  const { xml } = await hypervisor.call('DOMAIN_GET_XML_DESC', { dom: namesake, flags: domainXml.inactive }, options)
  if (isMarkedBy(parseXml(xml, `domain '${name}'`), markOf(ctx))) return namesake
  throw nameTaken(hypervisor, 'domain', name)
}

async function defineDomain(ctx: OperationContext, { hypervisor, settings }: Place, xml: string): Promise<Domain> {
  // Libvirt's schema knows our own description; templates may rely on what it is lenient about.
  const flags = hasTemplate(settings) ? 0 : define.validate
  const { dom } = await hypervisor.call('DOMAIN_DEFINE_XML_FLAGS', { xml, flags }, { signal: ctx.signal })
  return dom
}

const hasTemplate = ({ options }: LibvirtSettings): boolean =>
  options.has('template_content') || options.has('template_resource')

function textIn(values: JsonObject, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
