// The snapshots that a domain has, as far as decisions need them: whose they are, where they lie, what lies below them.
import type { OperationContext } from '../../contract/context.ts'
import type { Calls } from '../client/connection.ts'
import { hasCode } from '../client/errors.ts'
import { domainXml, snapshotXml } from '../client/flags.ts'
import type { Domain, Snapshot } from '../client/structs.ts'
import { allAt, attributeAt, firstAt, textAt, type XmlElement } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'
import { disksOf } from './disks.ts'
import type { LayeredSnapshot } from './layers.ts'
import { keyIn } from './snapshot-name.ts'

export interface KnownSnapshot extends LayeredSnapshot {
  readonly snap: Snapshot
  /** Of the operation that made it; undefined: none of ours. */
  readonly key: string | undefined
  /** `running`, `paused`, `shutoff`, or `disk-snapshot`. */
  readonly state: string
  /** The whole document, with passwords. */
  readonly document: XmlElement
}

interface Place {
  readonly calls: Calls
  readonly dom: Domain
}

type Ctx = Pick<OperationContext, 'signal'>

/** Undefined: there is none of that name. */
export async function findSnapshot(ctx: Ctx, { calls, dom }: Place, name: string): Promise<KnownSnapshot | undefined> {
  const looked = await calls.call('DOMAIN_SNAPSHOT_LOOKUP_BY_NAME', { dom, name }, ctx).catch((thrown: unknown) => {
    if (hasCode(thrown, 'NO_DOMAIN_SNAPSHOT')) return undefined
    throw thrown
  })
  return looked && readSnapshot(ctx, calls, looked.snap)
}

export async function listSnapshots(ctx: Ctx, { calls, dom }: Place): Promise<readonly KnownSnapshot[]> {
  const { snapshots } = await calls.call('DOMAIN_LIST_ALL_SNAPSHOTS', { dom }, ctx)
  const known = await Promise.all(snapshots.map((snap) => readSnapshot(ctx, calls, snap)))
  // After a merge libvirt names only the first file of some.
  const below = belowEach(known)
  return known.map((one) => ({
    ...one,
    disks: one.disks.map((disk) => ({ ...disk, chain: completed(disk.chain, below) })),
  }))
}

async function readSnapshot(ctx: Ctx, calls: Calls, snap: Snapshot): Promise<KnownSnapshot> {
  const flags = snapshotXml.secure
  const { xml } = await calls.call('DOMAIN_SNAPSHOT_GET_XML_DESC', { snap, flags }, ctx)
  const document = parseXml(xml, `the snapshot '${snap.name}'`)
  const own = allAt(document, 'disks/disk')
  const saved = new Map(own.map((disk) => [disk.attributes['name'], disk] as const))
  const definition = firstAt(document, 'domain')
  const disks = definition ? disksOf(definition) : []
  const involved = disks.filter(({ target }) => (saved.get(target)?.attributes['snapshot'] ?? 'no') !== 'no')
  return {
    snap,
    name: snap.name,
    key: keyIn(textAt(document, 'description')),
    mode: own.some((disk) => disk.attributes['snapshot'] === 'external') ? 'external' : 'internal',
    state: textAt(document, 'state') ?? '',
    document,
    disks: involved.map(({ target, chain }) => {
      const disk = saved.get(target)
      const isOutside = disk?.attributes['snapshot'] === 'external'
      return { target, chain, overlay: isOutside && disk ? attributeAt(disk, 'source', 'file') : undefined }
    }),
  }
}

/** The files that the domain uses. One that is off does not tell what lies below its own; the snapshots know that. */
export async function activeChains(
  ctx: Ctx,
  { calls, dom }: Place,
  known: readonly KnownSnapshot[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { xml } = await calls.call('DOMAIN_GET_XML_DESC', { dom, flags: domainXml.secure }, ctx)
  const below = belowEach(known)
  const disks = disksOf(parseXml(xml, `the domain '${dom.name}'`))
  return new Map(disks.map(({ target, chain }) => [target, completed(chain, below)]))
}

/** File -> the one below it. */
function belowEach(known: readonly KnownSnapshot[]): ReadonlyMap<string, string> {
  const pairs = known.flatMap(({ disks }) =>
    disks.flatMap(({ chain, overlay }) => {
      const layers = overlay === undefined ? chain : [overlay, ...chain]
      return layers.slice(1).map((file, index) => [layers[index] ?? '', file] as const)
    }),
  )
  return new Map(pairs)
}

function completed(chain: readonly string[], below: ReadonlyMap<string, string>): readonly string[] {
  const files = [...chain]
  for (;;) {
    const next = below.get(files.at(-1) ?? '')
    if (next === undefined || files.includes(next)) return files
    files.push(next)
  }
}

/** Files that snapshots of ours made. */
export function ownFiles(known: readonly KnownSnapshot[]): ReadonlySet<string> {
  const own = known.filter(({ key }) => key !== undefined)
  return new Set(own.flatMap(({ disks }) => disks.flatMap(({ overlay }) => (overlay === undefined ? [] : [overlay]))))
}
