// What is kept beside the disks of a domain, so that it can be made again from nothing: its definition, that of the
// networks and pools it uses, and what its firmware remembers. Definitions may hold passwords: nothing of them is logged.
import type { OperationContext } from '../../contract/context.ts'
import { domainXml } from '../client/flags.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Domain } from '../client/structs.ts'
import { allAt, attributeAt, element, firstAt, textAt, type XmlElement } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'
import { domainFile, networksFile, nvramFile, poolsFile } from './names.ts'
import { writeXml } from '../xml/write.ts'
import { closePlace, volumeAt } from './place.ts'
import { withDefinitions, type SharedDefinitions } from './shared-definitions.ts'
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
    ...(await withDefinitions(hypervisor, async (known) => {
      const [networks, pools] = await Promise.all([networksOf(scene, domain, known), poolsOf(scene, domain, known)])
      return [...networks, ...pools]
    })),
    ...(await nvramOf(scene, domain)),
  ]
}

/** Path of the file in which the firmware keeps its variables. */
export const nvramPath = (domain: XmlElement): string | undefined => {
  const path = textAt(domain, 'os/nvram') || attributeAt(domain, 'os/nvram/source', 'file')
  return path === '' ? undefined : path
}

async function networksOf({ ctx }: Scene, domain: XmlElement, known: SharedDefinitions): Promise<Document[]> {
  const sources = allAt(domain, 'devices/interface/source')
  const names = new Set(sources.flatMap(({ attributes }) => attributes['network'] ?? []))
  const found: XmlElement[] = []
  for (const name of names) {
    const network = await known.network(ctx, name)
    if (network === undefined) ctx.log.warning(`The network '${name}' is not there, so its definition is not saved`)
    else found.push(network)
  }
  return together(networksFile, 'networks', found)
}

// Those that disks name, and those that know the files of disks.
async function poolsOf({ ctx }: Scene, domain: XmlElement, known: SharedDefinitions): Promise<Document[]> {
  const names = new Set<string>()
  for (const { attributes } of allAt(domain, 'devices/disk/source')) {
    if (attributes['pool'] !== undefined) names.add(attributes['pool'])
    const path = attributes['file'] ?? attributes['dev']
    const around = path === undefined ? undefined : await known.poolAround(ctx, path)
    if (around !== undefined) names.add(around)
  }
  const found: XmlElement[] = []
  for (const name of names) {
    const pool = await known.pool(ctx, name)
    if (pool !== undefined) found.push(pool)
  }
  return together(poolsFile, 'pools', found)
}

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
