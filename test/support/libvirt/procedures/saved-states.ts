// Answers about snapshots, checkpoints and backups.
import { nothing, type Caller, type Handlers } from '../daemon/handlers.ts'
import { beginBackup } from '../model/backup-job.ts'
import {
  checkpointXml,
  children,
  createCheckpoint,
  deleteCheckpoint,
  descendants,
  findCheckpoint,
  type Checkpoint,
} from '../model/checkpoints.ts'
import type { Domain } from '../model/domain.ts'
import { deleteSnapshot, revertTo } from '../model/snapshot-history.ts'
import {
  childrenOf,
  createSnapshot,
  descendantsOf,
  findSnapshot,
  isExternal,
  snapshotXml,
  type Snapshot,
} from '../model/snapshots.ts'
import { noCheckpoint, VirError } from '../model/vir-error.ts'
import { find } from './domains.ts'

interface Moment {
  readonly name: string
  readonly dom: { readonly uuid: string }
}

const reference = (domain: Domain, { name }: { readonly name: string }): { name: string; dom: Domain['identity'] } => ({
  name,
  dom: domain.identity,
})

const snapshotOf = (caller: Caller, snap: Moment): Snapshot => findSnapshot(find(caller, snap.dom), snap.name)
const checkpointOf = (caller: Caller, moment: Moment): Checkpoint =>
  findCheckpoint(find(caller, moment.dom), moment.name)

const noCurrent = (): VirError =>
  new VirError(72, 'Domain snapshot not found: the domain does not have a current snapshot', 35)

const listFlags = { roots: 1, leaves: 4, noLeaves: 8, internal: 256, external: 512, topological: 1024 } as const

function listed(domain: Domain, flags: number): readonly Snapshot[] {
  const has = (flag: keyof typeof listFlags): boolean => (flags & listFlags[flag]) !== 0
  return [...domain.snapshots.values()]
    .filter((one) => !has('roots') || one.parent === undefined)
    .filter((one) => !has('leaves') || childrenOf(domain, one.name).length === 0)
    .filter((one) => !has('noLeaves') || childrenOf(domain, one.name).length > 0)
    .filter((one) => has('internal') === has('external') || isExternal(one) === has('external'))
    .toSorted((left, right) => (has('topological') ? 0 : left.name.localeCompare(right.name)))
}

const snapshots: Handlers = {
  DOMAIN_SNAPSHOT_CREATE_XML: async ({ dom, xml, flags }, caller) => {
    const domain = find(caller, dom)
    return { snap: reference(domain, await createSnapshot(domain, xml, flags)) }
  },
  DOMAIN_LIST_ALL_SNAPSHOTS: ({ dom, needResults, flags }, caller) => {
    const domain = find(caller, dom)
    const found = listed(domain, flags)
    return { snapshots: needResults === 0 ? [] : found.map((one) => reference(domain, one)), ret: found.length }
  },
  DOMAIN_SNAPSHOT_LOOKUP_BY_NAME: ({ dom, name }, caller) => {
    const domain = find(caller, dom)
    return { snap: reference(domain, findSnapshot(domain, name)) }
  },
  DOMAIN_SNAPSHOT_GET_XML_DESC: ({ snap, flags }, caller) => ({
    xml: snapshotXml(snapshotOf(caller, snap), (flags & 1) !== 0),
  }),
  DOMAIN_SNAPSHOT_NUM: ({ dom, flags }, caller) => ({ num: listed(find(caller, dom), flags).length }),
  DOMAIN_SNAPSHOT_LIST_NAMES: ({ dom, maxnames, flags }, caller) => ({
    names: listed(find(caller, dom), flags)
      .map(({ name }) => name)
      .slice(0, maxnames),
  }),
  DOMAIN_HAS_CURRENT_SNAPSHOT: ({ dom }, caller) => ({ result: find(caller, dom).currentSnapshot ? 1 : 0 }),
  DOMAIN_SNAPSHOT_CURRENT: ({ dom }, caller) => {
    const domain = find(caller, dom)
    if (!domain.currentSnapshot) throw noCurrent()
    return { snap: reference(domain, domain.currentSnapshot) }
  },
  DOMAIN_SNAPSHOT_IS_CURRENT: ({ snap }, caller) => ({
    current: find(caller, snap.dom).currentSnapshot === snapshotOf(caller, snap) ? 1 : 0,
  }),
  DOMAIN_SNAPSHOT_HAS_METADATA: ({ snap }, caller) => {
    snapshotOf(caller, snap)
    return { metadata: 1 }
  },
  DOMAIN_SNAPSHOT_GET_PARENT: ({ snap }, caller) => {
    const { name, parent } = snapshotOf(caller, snap)
    if (parent === undefined) {
      throw new VirError(72, `Domain snapshot not found: snapshot '${name}' does not have a parent`, 35)
    }
    return { snap: { name: parent, dom: find(caller, snap.dom).identity } }
  },
  DOMAIN_SNAPSHOT_LIST_ALL_CHILDREN: ({ snapshot, flags }, caller) => {
    const domain = find(caller, snapshot.dom)
    snapshotOf(caller, snapshot)
    const found =
      (flags & listFlags.roots) !== 0 ? descendantsOf(domain, snapshot.name) : childrenOf(domain, snapshot.name)
    return { snapshots: found.map((one) => reference(domain, one)), ret: found.length }
  },
  DOMAIN_SNAPSHOT_NUM_CHILDREN: ({ snap }, caller) => {
    snapshotOf(caller, snap)
    return { num: childrenOf(find(caller, snap.dom), snap.name).length }
  },
  DOMAIN_REVERT_TO_SNAPSHOT: async ({ snap, flags }, caller) => {
    await revertTo(find(caller, snap.dom), snapshotOf(caller, snap), flags)
    return nothing
  },
  DOMAIN_SNAPSHOT_DELETE: async ({ snap, flags }, caller) => {
    await deleteSnapshot(find(caller, snap.dom), snapshotOf(caller, snap), flags)
    return nothing
  },
}

const checkpoints: Handlers = {
  DOMAIN_CHECKPOINT_CREATE_XML: async ({ dom, xml, flags }, caller) => {
    const domain = find(caller, dom)
    const checkpoint = await domain.jobs.modify('remoteDispatchDomainCheckpointCreateXML', () =>
      createCheckpoint(domain, xml, flags),
    )
    return { checkpoint: reference(domain, checkpoint) }
  },
  DOMAIN_LIST_ALL_CHECKPOINTS: ({ dom, flags }, caller) => {
    const domain = find(caller, dom)
    const all = [...domain.checkpoints.values()].filter((one) => (flags & 1) === 0 || one.parent === undefined)
    // Only in the order of their history when somebody asks for it.
    const sorted = (flags & 2) !== 0 ? all : all.toSorted((left, right) => left.name.localeCompare(right.name))
    return { checkpoints: sorted.map((one) => reference(domain, one)), ret: sorted.length }
  },
  DOMAIN_CHECKPOINT_LIST_ALL_CHILDREN: ({ checkpoint, flags }, caller) => {
    const domain = find(caller, checkpoint.dom)
    checkpointOf(caller, checkpoint)
    const found = (flags & 1) !== 0 ? descendants(domain, checkpoint.name) : children(domain, checkpoint.name)
    return { checkpoints: found.map((one) => reference(domain, one)), ret: found.length }
  },
  DOMAIN_CHECKPOINT_LOOKUP_BY_NAME: ({ dom, name }, caller) => {
    const domain = find(caller, dom)
    return { checkpoint: reference(domain, findCheckpoint(domain, name)) }
  },
  DOMAIN_CHECKPOINT_GET_PARENT: ({ checkpoint }, caller) => {
    const { name, parent } = checkpointOf(caller, checkpoint)
    if (parent === undefined) throw noCheckpoint(`${name}'s parent`)
    return { parent: { name: parent, dom: find(caller, checkpoint.dom).identity } }
  },
  DOMAIN_CHECKPOINT_GET_XML_DESC: ({ checkpoint, flags }, caller) => ({
    xml: checkpointXml(find(caller, checkpoint.dom), checkpointOf(caller, checkpoint), flags),
  }),
  DOMAIN_CHECKPOINT_DELETE: async ({ checkpoint, flags }, caller) => {
    const domain = find(caller, checkpoint.dom)
    await domain.jobs.modify('remoteDispatchDomainCheckpointDelete', () =>
      deleteCheckpoint(domain, checkpointOf(caller, checkpoint), flags),
    )
    return nothing
  },
}

const backups: Handlers = {
  DOMAIN_BACKUP_BEGIN: async ({ dom, backup_xml: xml, checkpoint_xml: checkpoint, flags }, caller) => {
    await beginBackup(find(caller, dom), xml, checkpoint, flags)
    return nothing
  },
  DOMAIN_BACKUP_GET_XML_DESC: ({ dom }, caller) => {
    const { backup } = find(caller, dom)
    if (!backup) throw new VirError(104, 'Domain backup job id not found: no domain backup job present')
    return { xml: backup.xml() }
  },
}

export const savedStateHandlers: Handlers = { ...snapshots, ...checkpoints, ...backups }
