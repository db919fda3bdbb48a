// How much memory and how many processors a domain has, in its documents: what it runs with, what it will start with.
import {
  element,
  firstAt,
  textAt,
  withAttributes,
  withChild,
  type XmlElement,
} from '../../../../src/plugins/libvirt/xml/element.ts'
import type { Domain } from './domain.ts'
import { invalidArgument } from './vir-error.ts'

const flagBits = { live: 1, config: 2, maximum: 4 } as const

/** KiB. */
export function setMemory(domain: Domain, memory: number, flags: number): void {
  edit(domain, flags, (document) => {
    if ((flags & flagBits.maximum) !== 0) return withChild(document, element('memory', { unit: 'KiB' }, memory))
    if (memory > Number(textAt(document, 'memory'))) throw invalidArgument('cannot set memory higher than max memory')
    return withChild(document, element('currentMemory', { unit: 'KiB' }, memory))
  })
}

export function setProcessors(domain: Domain, count: number, flags: number): void {
  edit(domain, flags, (document) => {
    const vcpu = firstAt(document, 'vcpu') ?? element('vcpu', {}, 1)
    const most = Number(textAt(vcpu))
    if ((flags & flagBits.maximum) !== 0)
      return withChild(
        document,
        element('vcpu', { ...vcpu.attributes, current: vcpu.attributes['current'] ?? most }, count),
      )
    if (count > most) throw invalidArgument(`requested vcpus is greater than max allowable vcpus: ${count} > ${most}`)
    return withChild(document, withAttributes(vcpu, { current: count === most ? null : String(count) }))
  })
}

function edit(domain: Domain, flags: number, change: (document: XmlElement) => XmlElement): void {
  if ((flags & flagBits.config) !== 0) domain.config = change(domain.config)
  if ((flags & flagBits.live) === 0) return
  domain.mustBeActive()
  domain.live = change(domain.document)
}
