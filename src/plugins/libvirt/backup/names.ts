// What backups and their files are called. A name holds whose it is for people, and the operation's key for us: another
// attempt finds its own, and two nodes, deployments or kinds of node never share one.
import { createHash } from 'node:crypto'
import type { OperationContext } from '../../contract/context.ts'

/** The same on every attempt of an operation and while it is taken back. */
export function backupName(ctx: OperationContext, name: string, snapshotName: string, kind = 'domain'): string {
  return `${ownerName(ctx, name, kind)}${readable(snapshotName)}-${keyOf(ctx, 12)}`
}

/** Of this operation, among all. */
export function keyOf({ deployment, operation }: OperationContext, length: number): string {
  return createHash('sha256').update(`${deployment.id}\0${operation.key}`).digest('hex').slice(0, length)
}

/** A checkpoint is called as its backup; what others made is called otherwise. */
export const checkpointName = (backup: string): string => `fermata-${backup}`

/** Of our pools, which live as long as we work in a folder. */
export function poolName(path: string): string {
  return `fermata-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`
}

export const diskFile = (target: string): string => `${target}.qcow2`
export const manifestFile = 'manifest.json'
export const domainFile = 'domain.xml'
export const nvramFile = 'nvram.fd'
export const networksFile = 'networks.xml'
export const poolsFile = 'pools.xml'

/** What a backup may consist of beside its disks. */
export const documentFiles = [domainFile, networksFile, poolsFile, nvramFile, manifestFile] as const

const readable = (text: string): string => text.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 40)

/** What the checkpoints of this node's backups begin with. */
export const checkpointsOf = (ctx: Owner, domain: string): string => checkpointName(ownerName(ctx, domain))

type Owner = Pick<OperationContext, 'instance'>

// The kind of object stands first: a network of the same name is saved elsewhere.
const ownerName = ({ instance }: Owner, name: string, kind = 'domain'): string =>
  [kind, readable(name), readable(instance.id), ''].join('-')
