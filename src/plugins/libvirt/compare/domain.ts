// How a domain differs from what a snapshot or backup of it holds, and from what the blueprint says: in how it is defined.
// What is on its disks is not read.
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { PartComparison } from '../../contract/comparison.ts'
import type { OperationContext } from '../../contract/context.ts'
import type { Part } from '../../contract/operation.ts'
import { partIn } from '../backup/part.ts'
import { savedDomain } from '../backup/restore.ts'
import { domainXml } from '../client/flags.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Domain } from '../client/structs.ts'
import { describeDomain } from '../domain/describe.ts'
import { findDomain, hypervisorOfNode } from '../domain/domain-of.ts'
import { readDomainParams } from '../domain/params.ts'
import { templateMark } from '../resource/identity.ts'
import type { LibvirtSettings } from '../settings.ts'
import { findSnapshot } from '../snapshot/known-snapshots.ts'
import { placeOf, snapshotMissing } from '../snapshot/read-back.ts'
import { firstAt, type XmlElement } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'
import { compareDocuments } from './compare-documents.ts'
import { leavesOf, type Leaves, type Passing } from './leaves.ts'

/** Of the moment, or ours. */
const passing: Passing = ['/domain/@id', '/domain/metadata', '/domain/devices/disk/backingStore']
/** Of a domain as it runs: what each start makes anew. */
const running: Passing = [
  '/domain/seclabel',
  '/domain/devices/channel/source',
  '/domain/devices/channel/target/@state',
  '/domain/devices/console',
  '/domain/devices/interface/target',
  '/domain/devices/serial/source',
]
/** The layer that a snapshot put there. */
const layers: Passing = ['/domain/devices/disk/source', '/domain/devices/disk/driver']

export async function compareBackup(ctx: OperationContext, given: Part): Promise<PartComparison> {
  const { hypervisor } = await hypervisorOfNode(ctx)
  const part = partIn(given)
  const saved = await savedDomain(ctx, hypervisor, part)
  const dom = await findDomain(ctx, hypervisor, { uuid: part.domain.uuid })
  const flags = domainXml.inactive | domainXml.secure
  const live = dom && (await documentOf(ctx, hypervisor, dom, flags))
  return compared(ctx, { saved, live, passing })
}

/** @throws Fault `libvirt.snapshot_missing`, `libvirt.missing` */
export async function compareSnapshot(ctx: OperationContext, given: Part): Promise<PartComparison> {
  const { hypervisor, dom, recorded } = await placeOf(ctx, given)
  const found = await findSnapshot(ctx, { calls: hypervisor, dom }, recorded.name)
  if (found === undefined) throw snapshotMissing(dom.name, recorded.name)
  // As it was to start the next time, where libvirt kept that; else as it ran.
  const next = firstAt(found.document, 'inactiveDomain')
  const saved = next ? { ...next, name: 'domain' } : firstAt(found.document, 'domain')
  if (saved === undefined) throw snapshotMissing(dom.name, recorded.name)
  const live = await documentOf(ctx, hypervisor, dom, domainXml.secure | (next ? domainXml.inactive : 0))
  const more = [...(next ? [] : running), ...(found.mode === 'external' ? layers : [])]
  return compared(ctx, { saved, live, passing: [...passing, ...more] })
}

async function documentOf(
  { signal }: Pick<OperationContext, 'signal'>,
  hypervisor: Hypervisor,
  dom: Domain,
  flags: number,
): Promise<XmlElement> {
  const { xml } = await hypervisor.call('DOMAIN_GET_XML_DESC', { dom, flags }, { signal })
  return parseXml(xml, `the domain '${dom.name}'`)
}

interface Documents {
  readonly saved: XmlElement
  readonly live: XmlElement | undefined
  readonly passing: Passing
}

async function compared(ctx: OperationContext, documents: Documents): Promise<PartComparison> {
  const { saved, live } = documents
  return compareDocuments({
    blueprint: await declared(ctx, documents.passing),
    live: live && leavesOf(live, documents.passing),
    backup: leavesOf(saved, documents.passing),
  })
}

/** undefined: the domain is external, or a template described it. */
async function declared(ctx: OperationContext, passed: Passing): Promise<Leaves | undefined> {
  const { settings } = await hypervisorOfNode(ctx)
  const isTold = !settings.isExternal && ctx.instance.runtimeProperties[templateMark] !== true
  const properties = isTold ? await ctx.evaluate(ctx.node.properties) : null
  if (!isJsonObject(properties)) return undefined
  const leaves = declaredLeaves(properties['params'] ?? {}, settings, passed)
  return new Map([...leaves].filter(([path]) => !isUnnamed(path)))
}

function declaredLeaves(params: Json, { resourceId }: LibvirtSettings, passed: Passing): Leaves {
  const identity = { name: resourceId ?? '', uuid: '' }
  const domain = describeDomain(identity, readDomainParams(isJsonObject(params) ? params : {}))
  return leavesOf(domain, [...passed, '/domain/name', '/domain/uuid'])
}

// An interface without an address in the blueprint has one at the hypervisor: there is no telling which one it is.
const isUnnamed = (path: string): boolean => /^\/domain\/devices\/interface(\[\d+\])?\//.test(path)
