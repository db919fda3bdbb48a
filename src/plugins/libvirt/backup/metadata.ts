// What is kept beside the disks of a domain, so that it can be made again from nothing: its definition, that of the
// networks and pools it uses, and what its firmware remembers. Definitions may hold passwords: nothing of them is logged.
import { dirname } from 'node:path/posix'
import type { OperationContext } from '../../contract/context.ts'
import { hasCode } from '../client/errors.ts'
import { domainXml, networkXml } from '../client/flags.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Domain } from '../client/structs.ts'
import { allAt, attributeAt, element, firstAt, textAt, withoutChild, type XmlElement } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'
import { domainFile, networksFile, nvramFile, poolsFile } from './names.ts'
import { writeXml } from '../xml/write.ts'
import { closePlace, volumeAt } from './place.ts'
import { readFile } from './volumes.ts'

export interface Document {
  readonly name: string
  readonly content: Buffer
}

interface Scene {
  readonly ctx: OperationContext
  readonly hypervisor: Hypervisor
  readonly dom: Domain
}

export async function documentsOf(scene: Scene): Promise<readonly Document[]> {
  const { ctx, hypervisor, dom } = scene
  const flags = domainXml.inactive | domainXml.secure
  const { xml } = await hypervisor.call('DOMAIN_GET_XML_DESC', { dom, flags }, ctx)
  const domain = parseXml(xml, `the domain '${dom.name}'`)
  if (firstAt(domain, 'devices/tpm') !== undefined)
    ctx.log.warning(`What the TPM of '${dom.name}' remembers is not saved: libvirt gives no access to it`)
  return [
    { name: domainFile, content: Buffer.from(xml) },
    ...(await networksOf(scene, domain)),
    ...(await poolsOf(scene, domain)),
    ...(await nvramOf(scene, domain)),
  ]
}

/** Path of the file in which the firmware keeps its variables. */
export const nvramPath = (domain: XmlElement): string | undefined => {
  const path = textAt(domain, 'os/nvram') || attributeAt(domain, 'os/nvram/source', 'file')
  return path === '' ? undefined : path
}

async function networksOf({ ctx, hypervisor }: Scene, domain: XmlElement): Promise<Document[]> {
  const sources = allAt(domain, 'devices/interface/source')
  const names = new Set(sources.flatMap(({ attributes }) => attributes['network'] ?? []))
  const found: XmlElement[] = []
  for (const name of names) {
    const looked = await hypervisor.call('NETWORK_LOOKUP_BY_NAME', { name }, ctx).catch(without)
    if (looked === undefined) {
      ctx.log.warning(`The network '${name}' is not there, so its definition is not saved`)
      continue
    }
    const { net } = looked
    const { persistent } = await hypervisor.call('NETWORK_IS_PERSISTENT', { net }, ctx)
    const flags = persistent === 1 ? networkXml.inactive : 0
    const { xml } = await hypervisor.call('NETWORK_GET_XML_DESC', { net, flags }, ctx)
    found.push(parseXml(xml, `the network '${name}'`))
  }
  return together(networksFile, 'networks', found)
}

// Those that disks name, and those that know the files of disks.
async function poolsOf({ ctx, hypervisor }: Scene, domain: XmlElement): Promise<Document[]> {
  const names = new Set<string>()
  for (const { attributes } of allAt(domain, 'devices/disk/source')) {
    if (attributes['pool'] !== undefined) names.add(attributes['pool'])
    const path = attributes['file'] ?? attributes['dev']
    if (path === undefined) continue
    const known = await hypervisor
      .call('STORAGE_POOL_LOOKUP_BY_TARGET_PATH', { path: dirname(path) }, ctx)
      .catch(without)
    if (known !== undefined) names.add(known.pool.name)
  }
  const found: XmlElement[] = []
  for (const name of names) {
    const looked = await hypervisor.call('STORAGE_POOL_LOOKUP_BY_NAME', { name }, ctx).catch(without)
    if (looked === undefined) continue
    const { xml } = await hypervisor.call('STORAGE_POOL_GET_XML_DESC', { pool: looked.pool }, ctx)
    found.push(definitionOf(parseXml(xml, `the pool '${name}'`)))
  }
  return together(poolsFile, 'pools', found)
}

// A pool tells how full it is, too, which is another figure each time.
const definitionOf = (pool: XmlElement): XmlElement =>
  ['capacity', 'allocation', 'available'].reduce((left, name) => withoutChild(left, name), pool)

// One file for all, so that its name is known before anything is.
function together(name: string, root: string, found: readonly XmlElement[]): Document[] {
  return found.length === 0 ? [] : [{ name, content: Buffer.from(writeXml(element(root, {}, ...found))) }]
}

async function nvramOf({ ctx, hypervisor, dom }: Scene, domain: XmlElement): Promise<Document[]> {
  const path = nvramPath(domain)
  if (path === undefined) return []
  const found = await volumeAt(ctx, hypervisor, path)
  if (found === undefined) {
    ctx.log.warning(`The firmware's file '${path}' of '${dom.name}' is not there, so it is not saved`)
    return []
  }
  try {
    return [{ name: nvramFile, content: await readFile(ctx, found.place, found.vol) }]
  } finally {
    await closePlace(ctx, found.place)
  }
}

function without(thrown: unknown): undefined {
  if (hasCode(thrown, 'NO_NETWORK', 'NO_STORAGE_POOL')) return undefined
  throw thrown
}
