// What libvirt is given to define: a template's or our own description, under the name and uuid that are this node's.
import type { JsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { badXml } from '../errors.ts'
import type { LibvirtSettings } from '../settings.ts'
import { element, withChild } from '../xml/element.ts'
import { writeXml } from '../xml/write.ts'
import { describeDomain, type DomainIdentity } from './describe.ts'
import { marked, markOf } from './mark.ts'
import { readDomainParams } from './params.ts'
import { fromTemplate } from './template.ts'

/** @throws Fault `libvirt.bad_property`, `libvirt.bad_xml` */
export async function definitionOf(
  ctx: OperationContext,
  settings: LibvirtSettings,
  identity: DomainIdentity,
): Promise<string> {
  const params = readDomainParams(settings.params)
  const values: JsonObject = {
    domain_type: params.type,
    vcpu: params.vcpu,
    memory_size: params.memory,
    memory_maxsize: params.longestMemory,
    ...settings.params,
    name: identity.name,
    resource_id: identity.name,
    uuid: identity.uuid,
    instance_uuid: identity.uuid,
  }
  const own = await fromTemplate(ctx, settings.options, values)
  if (own !== undefined && own.name !== 'domain')
    throw badXml('the template', `it describes no domain but '${own.name}'`)
  const domain = own ?? describeDomain(identity, params)
  // Whatever a template says: a domain that carried another one's name or uuid would replace that one.
  const named = withChild(withChild(domain, element('name', {}, identity.name)), element('uuid', {}, identity.uuid))
  return writeXml(marked(named, markOf(ctx)))
}
