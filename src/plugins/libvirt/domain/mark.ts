// The mark that our domains carry in their metadata: whose they are. Whatever has another one, or none, is not ours.
import { element, elementsOf, firstAt, withChild, withChildren, type XmlElement } from '../xml/element.ts'
import type { OperationContext } from '../../contract/context.ts'

export const markNamespace = 'urn:fermata:libvirt'

export interface Mark {
  readonly deployment: string
  readonly instance: string
}

export function markOf(ctx: Pick<OperationContext, 'deployment' | 'instance'>): Mark {
  return { deployment: ctx.deployment.id, instance: ctx.instance.id }
}

/** The domain's description with our mark in it; other metadata stays. */
export function marked(domain: XmlElement, { deployment, instance }: Mark): XmlElement {
  const node = element('fermata:node', { 'xmlns:fermata': markNamespace, deployment, instance })
  const metadata = firstAt(domain, 'metadata') ?? element('metadata')
  const others = elementsOf(metadata).filter((one) => !isMark(one))
  return withChild(domain, withChildren(metadata, [...others, node]))
}

export function isMarkedBy(domain: XmlElement, { deployment, instance }: Mark): boolean {
  const metadata = firstAt(domain, 'metadata')
  const found = metadata && elementsOf(metadata).find(isMark)
  return found?.attributes['deployment'] === deployment && found.attributes['instance'] === instance
}

// Whoever writes the metadata chooses the prefix.
function isMark({ name, attributes }: XmlElement): boolean {
  const [prefix, local] = name.includes(':') ? name.split(':') : ['', name]
  return local === 'node' && attributes[prefix === '' ? 'xmlns' : `xmlns:${prefix}`] === markNamespace
}
