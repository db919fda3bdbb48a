// lifecycle.update of a domain: its memory and CPUs, at once where it runs and can, and for its next start in any case.
import { operation } from '../../contract/operation.ts'
import type { OperationContext } from '../../contract/context.ts'
import { affect, domainXml } from '../client/flags.ts'
import { Reader } from '../reader.ts'
import { firstAt, textAt, type XmlElement } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'
import { domainOf, type NodeDomain } from './domain-of.ts'
import { isOff, stateOf } from './state.ts'

/** KiB. */
interface Size {
  readonly memory: number
  readonly longestMemory: number
  readonly vcpus: number
  readonly mostVcpus: number
}

const maximum = 4

export const update = operation({
  async run(ctx, inputs) {
    const place = await domainOf(ctx, inputs)
    const given = new Reader(place.settings.params, 'params')
    const memory = given.integer('memory_size', 1024)
    const vcpus = given.integer('vcpu', 1, 4096)
    const longest = given.integer('memory_maxsize', 1024)
    const later = await sizeOf(ctx, place, domainXml.inactive)
    await setMaxima(ctx, place, later, {
      memory: Math.max(longest ?? later.longestMemory, memory ?? 0),
      vcpus: vcpus ?? 0,
    })
    await setSize(ctx, place, later, affect.config, { memory, vcpus })
    if (!isOff(await stateOf(ctx, place))) await setLive(ctx, place, { memory, vcpus })
    ctx.instance.runtimeProperties['params'] = place.settings.params
    ctx.log.info(`Updated domain ${place.dom.name}`)
  },
})

interface Target {
  readonly memory: number | undefined
  readonly vcpus: number | undefined
}

/** What it cannot become while it runs, it becomes with its next start. */
async function setLive(ctx: OperationContext, place: NodeDomain, wanted: Target): Promise<void> {
  const now = await sizeOf(ctx, place, 0)
  const { memory = 0, vcpus = 0 } = wanted
  if (memory > now.longestMemory || vcpus > now.mostVcpus)
    ctx.log.warning(`Domain ${place.dom.name} gets all of that with its next start; running, it can have less`)
  const fitting = {
    memory: memory > now.longestMemory ? undefined : wanted.memory,
    vcpus: vcpus > now.mostVcpus ? undefined : wanted.vcpus,
  }
  await setSize(ctx, place, now, affect.live, fitting)
}

async function setMaxima(
  ctx: OperationContext,
  place: NodeDomain,
  now: Size,
  most: { readonly memory: number; readonly vcpus: number },
): Promise<void> {
  const { hypervisor, dom } = place
  const options = { signal: ctx.signal }
  const flags = affect.config | maximum
  if (most.memory !== now.longestMemory)
    await hypervisor.call('DOMAIN_SET_MEMORY_FLAGS', { dom, memory: BigInt(most.memory), flags }, options)
  if (most.vcpus > now.mostVcpus)
    await hypervisor.call('DOMAIN_SET_VCPUS_FLAGS', { dom, nvcpus: most.vcpus, flags }, options)
}

async function setSize(
  ctx: OperationContext,
  { hypervisor, dom }: NodeDomain,
  now: Size,
  flags: number,
  { memory, vcpus }: Target,
): Promise<void> {
  const options = { signal: ctx.signal }
  if (memory !== undefined && memory !== now.memory)
    await hypervisor.call('DOMAIN_SET_MEMORY_FLAGS', { dom, memory: BigInt(memory), flags }, options)
  if (vcpus !== undefined && vcpus !== now.vcpus)
    await hypervisor.call('DOMAIN_SET_VCPUS_FLAGS', { dom, nvcpus: vcpus, flags }, options)
}

/** What libvirt gives is in KiB. */
async function sizeOf(ctx: OperationContext, { hypervisor, dom }: NodeDomain, flags: number): Promise<Size> {
  const { xml } = await hypervisor.call('DOMAIN_GET_XML_DESC', { dom, flags }, { signal: ctx.signal })
  const domain = parseXml(xml, `domain '${dom.name}'`)
  const mostVcpus = numberAt(domain, 'vcpu')
  const longestMemory = numberAt(domain, 'memory')
  return {
    longestMemory,
    memory: numberAt(domain, 'currentMemory') || longestMemory,
    mostVcpus,
    vcpus: Number(firstAt(domain, 'vcpu')?.attributes['current'] ?? mostVcpus),
  }
}

const numberAt = (domain: XmlElement, path: string): number => Number(textAt(domain, path) ?? 0)
