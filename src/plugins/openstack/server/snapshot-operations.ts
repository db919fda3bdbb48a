// snapshot.create, apply and delete of a server node: snapshots where they are incremental, backups where they are whole.
// What was made says itself which it is.
import type { Json } from '../../../kernel/json.ts'
import { Type } from '../../../kernel/schema.ts'
import type { OperationContext } from '../../contract/context.ts'
import { cutOperation, operation, type Part, type Receipt } from '../../contract/operation.ts'
import { cannot, copyDamaged } from '../errors.ts'
import { cloudOf } from '../client/shared-clouds.ts'
import { memoryOf } from '../volume/memory.ts'
import { volumesOfNodes } from '../volume/attach-operations.ts'
import { workOf } from '../volume/work.ts'
import { rememberBackups, forgetBackups, parentPart } from './backup-parents.ts'
import { serverCopyIn, type ServerCopy } from './copy.ts'
import { dropLeftVolumes, leaveVolume } from './left-volumes.ts'
import { restingStates } from './power.ts'
import { promisedConsistency } from './quiesce.ts'
import { restoreServer } from './restore.ts'
import { checkServerCopy, cutServer, deleteServerCopy, settleServer, undoServer } from './save.ts'
import { serverOfNode, cloudOfNode, type NodeServer } from './server-of.ts'
import { recordServer } from './record.ts'
import { serverOf } from './server.ts'

/** What the workflows give; more may stand among the node's properties. */
const inputs = Type.Object({
  snapshot_name: Type.String({ minLength: 1 }),
  snapshot_incremental: Type.Boolean({ default: true }),
  snapshot_type: Type.String({ default: 'irregular' }),
})

export const snapshotCreate = cutOperation({
  inputs,
  async check(ctx, given) {
    const { cloud, serverId } = await serverOfNode(ctx, given)
    const { name, status } = await serverOf(cloud, serverId)
    const isResting = restingStates.some((state) => state === status)
    if (!isResting && status !== 'REBOOT') throw cannot('server', name, 'copied', status)
  },
  async cut(ctx, given) {
    const node = await serverOfNode(ctx, given)
    const { cloud, serverId, settings } = node
    const receipt = await cutServer(workOn(ctx, node, given.snapshot_name), serverId, {
      kind: given.snapshot_incremental ? 'snapshot' : 'backup',
      backupName: given.snapshot_name,
      type: given.snapshot_type,
      isIncremental: settings.options.oneOf('backup_chain', ['full', 'incremental']) === 'incremental',
      longestChain: settings.options.integer('max_chain', 0, 1000),
      isLeft: leftIn(ctx, settings.options.oneOf('snapshot_volumes', ['all', 'own', 'root']) ?? 'own'),
    })
    const promised = await promisedConsistency(cloud, receipt)
    return promised === undefined ? receipt : { ...receipt, consistency: promised }
  },
  async settle(ctx, receipt, given) {
    const node = await serverOfNode(ctx, given)
    const part = await settleServer(workOn(ctx, node, given.snapshot_name), copyIn(receipt))
    const parentId = parentPart(ctx, part)
    rememberBackups(ctx, part)
    await ctx.save()
    return parentId === undefined ? part : { ...part, parentId }
  },
  async verify(ctx, part) {
    const { cloud } = await cloudOfNode(ctx)
    return checkServerCopy(cloud, copyIn(part) as ServerCopy & Part)
  },
})

export const snapshotApply = operation({
  async run(ctx, given) {
    const node = await serverOfNode(ctx, given)
    const { settings, serverId } = node
    const copy = copyIn(ctx.part)
    const work = workOn(ctx, node, copy.name)
    const lasting = await cloudOf({ ...ctx, signal: new AbortController().signal }, settings)
    const restored = await restoreServer(work, serverId, copy, {
      lasting,
      memory: (name) => memoryOf(ctx, propertyOf(name)),
      standIns: memoryOf(ctx, 'volumes_instead'),
    })
    for (const name of memories) delete ctx.instance.runtimeProperties[propertyOf(name)]
    if (restored.leftVolumeId !== null) leaveVolume(ctx, restored.leftVolumeId)
    await recordServer(ctx, node, restored.serverId)
    await ctx.save()
    await dropLeftVolumes(ctx, work)
    ctx.log.info(`Restored server ${copy.server.name} (${restored.serverId}) from '${copy.name}'`)
  },
})

export const snapshotDelete = operation({
  async run(ctx, given) {
    const { cloud, settings } = await cloudOfNode(ctx, given)
    const copy = serverCopyIn(ctx.part)
    const serverId = copy?.server.id ?? settings.resourceId
    const work = workOf(ctx, cloud)
    if (copy !== undefined && 'bytes' in copy) await deleteServerCopy(cloud, copy)
    // Nothing was ever settled: what there is, the key of the work leads to.
    else if (serverId !== undefined) await undoServer(work, serverId, copy)
    if (copy !== undefined) forgetBackups(ctx, copy)
    await dropLeftVolumes(ctx, work)
    ctx.log.info(copy === undefined ? 'Took back what there was of the copy' : `Deleted '${copy.name}'`)
  },
})

/** A volume that is a node of its own is saved there: saved here as well it would be put back twice. */
function leftIn(ctx: OperationContext, which: 'all' | 'own' | 'root'): (volumeId: string) => boolean {
  const nodes = which === 'own' ? volumesOfNodes(ctx) : []
  return (id) => which === 'root' || nodes.includes(id)
}

function copyIn(value: Json | Receipt | undefined): ServerCopy {
  const copy = serverCopyIn(value)
  if (copy === undefined) throw copyDamaged('of this node', 'the catalog recorded no copy of a server')
  return copy
}

function workOn(ctx: OperationContext, { cloud, settings }: NodeServer, backup: string) {
  const copyLimit = settings.options.seconds('copy_timeout', 7 * 86_400)
  return workOf(ctx, cloud, copyLimit === undefined ? { backup } : { backup, copyLimit })
}

const memories = ['power', 'volume', 'root', 'replacement'] as const
type MemoryName = (typeof memories)[number]

const propertyOf = (name: MemoryName): string => `restore_${name}`
