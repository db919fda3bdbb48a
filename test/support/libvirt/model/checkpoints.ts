// Checkpoints: from each on, which blocks of each disk were written.
import { allAt, element, textAt, type XmlElement } from '../../../../src/plugins/libvirt/xml/element.ts'
import { writeXml } from '../../../../src/plugins/libvirt/xml/write.ts'
import type { Domain } from './domain.ts'
import { parsed, withoutSecrets } from './domain-xml.ts'
import { noCheckpoint, operationFailed, VirError } from './vir-error.ts'

export class Checkpoint {
  readonly name: string
  readonly description: string | undefined
  parent: string | undefined
  readonly created = Math.floor(Date.now() / 1000)
  readonly targets: readonly string[]
  readonly document: XmlElement
  /** Its bitmap was lost: a backup against it fails. */
  isBroken = false
  readonly #dirty = new Map<string, Set<number>>()

  constructor(domain: Domain, name: string, description: string | undefined, targets: readonly string[]) {
    this.name = name
    this.description = description
    this.parent = newest(domain)?.name
    this.targets = targets
    this.document = domain.document
  }

  markDirty(target: string, blocks: readonly (readonly [number, string])[]): void {
    const dirty = this.#dirty.get(target) ?? new Set()
    for (const [block] of blocks) dirty.add(block)
    this.#dirty.set(target, dirty)
  }

  dirty(target: string): ReadonlySet<number> {
    return this.#dirty.get(target) ?? new Set()
  }
}

const redefine = 1

export function newest(domain: Domain): Checkpoint | undefined {
  return [...domain.checkpoints.values()].at(-1)
}

/** @throws VirError 9, 55 */
export function createCheckpoint(domain: Domain, xml: string, flags = 0): Checkpoint {
  if ((flags & redefine) === 0) domain.mustBeActive()
  const checkpoint = plannedCheckpoint(domain, xml)
  domain.checkpoints.set(checkpoint.name, checkpoint)
  return checkpoint
}

/** Checked, and not yet recorded. */
export function plannedCheckpoint(domain: Domain, xml: string): Checkpoint {
  const wanted = parsed(xml, 'domaincheckpoint')
  const name = textAt(wanted, 'name') || String(Math.floor(Date.now() / 1000))
  if (domain.checkpoints.has(name)) throw operationFailed(`domain checkpoint ${name} already exists`)
  const described = new Map(allAt(wanted, 'disks/disk').map((disk) => [disk.attributes['name'], disk]))
  const targets = domain
    .writableDisks()
    .filter(
      (disk) => described.size === 0 || (described.get(disk.target)?.attributes['checkpoint'] ?? 'no') === 'bitmap',
    )
    .map((disk) => disk.target)
  return new Checkpoint(domain, name, textAt(wanted, 'description'), targets)
}

export function findCheckpoint(domain: Domain, name: string): Checkpoint {
  const found = domain.checkpoints.get(name)
  if (!found) throw noCheckpoint(name)
  return found
}

const deleteFlags = { children: 1, metadataOnly: 2, childrenOnly: 4 } as const

/** @throws VirError 84 while the domain is off */
export function deleteCheckpoint(domain: Domain, checkpoint: Checkpoint, flags: number): void {
  const isMetadataOnly = (flags & deleteFlags.metadataOnly) !== 0
  if (!domain.isActive && !isMetadataOnly) {
    throw new VirError(84, 'Operation not supported: cannot delete checkpoint for inactive domain')
  }
  const isChildrenOnly = (flags & deleteFlags.childrenOnly) !== 0
  const withChildren = isChildrenOnly || (flags & deleteFlags.children) !== 0
  for (const child of withChildren ? descendants(domain, checkpoint.name) : []) forget(domain, child)
  if (!isChildrenOnly) forget(domain, checkpoint)
}

function forget(domain: Domain, checkpoint: Checkpoint): void {
  for (const child of children(domain, checkpoint.name)) child.parent = checkpoint.parent
  domain.checkpoints.delete(checkpoint.name)
}

export const children = (domain: Domain, name: string): readonly Checkpoint[] =>
  [...domain.checkpoints.values()].filter((one) => one.parent === name)

export const descendants = (domain: Domain, name: string): readonly Checkpoint[] =>
  children(domain, name).flatMap((child) => [child, ...descendants(domain, child.name)])

const xmlFlags = { secure: 1, noDomain: 2, size: 4 } as const

export function checkpointXml(domain: Domain, checkpoint: Checkpoint, flags: number): string {
  const isSecure = (flags & xmlFlags.secure) !== 0
  const withSize = (flags & xmlFlags.size) !== 0
  if (withSize) domain.mustBeActive()
  const disks = domain.writableDisks().map(({ target }) =>
    element('disk', {
      name: target,
      checkpoint: checkpoint.targets.includes(target) ? 'bitmap' : 'no',
      ...(checkpoint.targets.includes(target) ? { bitmap: checkpoint.name } : {}),
      ...(withSize && checkpoint.targets.includes(target) ? { size: checkpoint.dirty(target).size * 65536 } : {}),
    }),
  )
  return writeXml(
    element(
      'domaincheckpoint',
      {},
      element('name', {}, checkpoint.name),
      checkpoint.description === undefined ? undefined : element('description', {}, checkpoint.description),
      checkpoint.parent === undefined ? undefined : element('parent', {}, element('name', {}, checkpoint.parent)),
      element('creationTime', {}, checkpoint.created),
      element('disks', {}, ...disks),
      (flags & xmlFlags.noDomain) !== 0
        ? undefined
        : isSecure
          ? checkpoint.document
          : withoutSecrets(checkpoint.document),
    ),
  )
}
