// The cut of a backup: one call that begins the copying of all disks at one instant. When it returns, the guest may go on.
import { Fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { domainStateNumbers, shutOffReasons } from '../client/codes.ts'
import { hasCode, libvirtErrorOf } from '../client/errors.ts'
import type { ErrorName } from '../client/error-codes.ts'
import { backupBegin } from '../client/flags.ts'
import type { NodeDomain } from '../domain/domain-of.ts'
import { whyNotStill } from '../freeze/still-already.ts'
import { baseOf, chainOf, type ChainLink } from './chain.ts'
import type { DomainDisk } from './disks.ts'
import { backupXml, checkpointXml } from './documents.ts'
import { backupRefused } from './errors.ts'
import { keepPlace } from './kept-places.ts'
import { backupName, checkpointName, diskFile, documentFiles } from './names.ts'
import { lastWritten } from './offline.ts'
import { backupOptions, type BackupOptions } from './options.ts'
import { backupKind, type BackupDisk, type BackupReceipt } from './part.ts'
import { leavePlace, openPlace, type Place } from './place.ts'
import { readDisks } from './read-disks.ts'
import { readyTargets, removeTargets } from './ready-targets.ts'
import { takeAllBack, takeBack, type Made } from './take-back.ts'

export async function cutDomain(ctx: OperationContext, node: NodeDomain): Promise<BackupReceipt> {
  const { hypervisor, dom, settings } = node
  const options = backupOptions(settings, dom.name)
  const name = backupName(ctx, dom.name, options.snapshotName)
  const [{ state, reason }, disks] = await Promise.all([
    hypervisor.call('DOMAIN_GET_STATE', { dom }, ctx),
    readDisks(ctx, node),
  ])
  const wanted = disks.filter(({ left }) => left === null)
  if (wanted.length === 0) throw backupRefused(dom.name, 'it has no disk that it could write to')
  const remarks = disks.flatMap(({ target, left }) => (left === null ? [] : [`disk ${target} ${left}`]))
  const place = await openPlace(ctx, hypervisor, { place: options.place, name, make: true })
  if (place === undefined) throw backupRefused(dom.name, `there is no pool '${settings.options.text('backup_pool')}'`)
  if (!place.holdsFiles) {
    await leavePlace(ctx, place).catch(() => {})
    throw backupRefused(dom.name, `the pool '${place.pool.name}' holds no files`)
  }
  const begun = { ctx, node, options, name, place, disks, wanted, remarks }
  const files = wanted.map(({ target }) => diskFile(target))
  const made = { hypervisor, dom, place, name, files: [...files, ...documentFiles] }
  const cutting = cutIn(begun, made, { state, reason })
  const receipt = await cutting.catch(async (thrown: unknown) => {
    // What certainly came to nothing is not taken back by anybody else.
    const isOver = (thrown instanceof Fault && thrown.effect !== 'unknown') || libvirtErrorOf(thrown) !== undefined
    if (isOver) await takeAllBack(ctx, made).catch(() => {})
    else await leavePlace(ctx, place).catch(() => {})
    throw thrown
  })
  await leavePlace(ctx, place).catch((thrown: unknown) =>
    ctx.log.warning(`The pool '${place.pool.name}' runs on: ${(thrown as Error).message}`),
  )
  return receipt
}

async function cutIn(
  begun: Begun,
  made: Made,
  { state, reason }: { readonly state: number; readonly reason: number },
): Promise<BackupReceipt> {
  const { ctx } = begun
  if (state === domainStateNumbers.shutOff || state === domainStateNumbers.crashed)
    return cutOff(begun, state === domainStateNumbers.shutOff && reason === shutOffReasons.shutdown)
  const notStill = whyNotStill(ctx, true)
  if (notStill !== null) throw backupRefused(begun.node.dom.name, notStill)
  return ctx.once({
    // Whatever an earlier attempt began belongs to an instant that nobody knows: it is taken back, and begun anew.
    async lookUp() {
      await takeBack(ctx, made)
      return undefined
    },
    create: () => begin(begun, state === domainStateNumbers.paused ? 'paused' : 'running'),
  })
}

interface Begun {
  readonly ctx: OperationContext
  readonly node: NodeDomain
  readonly options: BackupOptions
  readonly name: string
  readonly place: Place
  readonly disks: readonly DomainDisk[]
  readonly wanted: readonly DomainDisk[]
  readonly remarks: readonly string[]
}

interface Attempt {
  readonly base: ChainLink | null
  /** Disks whose changes are to be tracked; none: no checkpoint is made. */
  readonly tracked: readonly string[]
  readonly remark: string | null
  /** The errors of libvirt after which the next attempt may do better. */
  readonly unless: readonly ErrorName[]
}

async function begin(begun: Begun, state: 'running' | 'paused'): Promise<BackupReceipt> {
  const attempts = attemptsOf(begun)
  for (const [index, attempt] of attempts.entries()) {
    try {
      await beginJob(begun, attempt)
    } catch (thrown) {
      const next = attempts[index + 1]
      if (next === undefined || !hasCode(thrown, ...attempt.unless)) throw thrown
      const reason = libvirtErrorOf(thrown)?.message ?? ''
      attempts[index + 1] = { ...next, remark: `${next.remark}: ${reason}` }
      continue
    }
    if (attempt.remark !== null) begun.ctx.log.warning(`'${begun.node.dom.name}': ${attempt.remark}`)
    return receiptOf(begun, attempt, state)
  }
  throw backupRefused(begun.node.dom.name, 'libvirt begins no backup of it')
}

function attemptsOf({ ctx, options, wanted }: Begun): Attempt[] {
  const plain: Attempt = { base: null, tracked: [], remark: null, unless: [] }
  if (!options.isChained) return [plain]
  const tracked = wanted.filter(({ format }) => format === 'qcow2').map(({ target }) => target)
  if (tracked.length === 0)
    return [{ ...plain, remark: 'a full backup, because only disks in qcow2 can track what changes' }]
  const base = baseOf(ctx, options.place, options.longestChain)
  const full: Attempt = {
    base: null,
    tracked,
    remark: typeof base === 'string' ? `a full backup, because ${base}` : null,
    unless: ['INTERNAL_ERROR', 'CONFIG_UNSUPPORTED', 'OPERATION_UNSUPPORTED'],
  }
  const last = { ...plain, remark: 'a full backup that none can be made against, because changes cannot be tracked' }
  if (base === null || typeof base === 'string') return [full, last]
  const lost = 'a full backup, because what changed since the one before is not known any more'
  const incremental: Attempt = {
    base,
    tracked,
    remark: null,
    unless: ['CHECKPOINT_INCONSISTENT', 'NO_DOMAIN_CHECKPOINT'],
  }
  return [incremental, { ...full, remark: lost }, last]
}

/** Into files that lie ready where they can; why a backup cannot begin is told by one that makes its own. */
async function beginJob(begun: Begun, attempt: Attempt): Promise<void> {
  const { place, wanted } = begun
  // Into an image that rests on nothing, zeros over what was there before might not be written.
  if (attempt.base === null && (await readyTargets(place, wanted))) {
    try {
      await callBegin(begun, attempt, backupBegin.reuseExternal)
      return keepPlace(place)
    } catch (thrown) {
      if (libvirtErrorOf(thrown) === undefined) throw thrown
      await removeTargets(place, wanted)
    }
  }
  await callBegin(begun, attempt, 0)
}

async function callBegin(
  { ctx, node, name, place, disks, wanted }: Begun,
  attempt: Attempt,
  flags: number,
): Promise<void> {
  const { hypervisor, dom } = node
  const saved = new Set(wanted.map(({ target }) => target))
  const known = new Set(attempt.base?.targets)
  const job = disks.map(({ target }) =>
    saved.has(target) ? { target, path: pathIn(place, target), isIncremental: known.has(target) } : { target },
  )
  const targets = disks.map(({ target }) => target)
  const kept = new Set(attempt.tracked)
  const checkpoint = kept.size === 0 ? null : checkpointXml(checkpointName(name), ctx.operation.key, targets, kept)
  const document = backupXml(job, attempt.base?.checkpoint)
  await hypervisor.call('DOMAIN_BACKUP_BEGIN', { dom, backup_xml: document, checkpoint_xml: checkpoint, flags }, ctx)
}

const pathIn = (place: Place, target: string): string => `${place.path}/${place.prefix}${diskFile(target)}`

function receiptOf(begun: Begun, attempt: Attempt, state: BackupReceipt['state']): BackupReceipt {
  const { ctx, wanted } = begun
  const known = new Set(attempt.base?.targets)
  const disks = wanted.map((disk) => diskOf(disk, known.has(disk.target) ? 'incremental' : 'full'))
  const parent = attempt.base === null ? {} : { parentId: attempt.base.providerId }
  return {
    ...common(begun, state),
    ...parent,
    mode: 'live',
    disks,
    checkpoint: attempt.tracked.length === 0 ? null : checkpointName(begun.name),
    tracked: attempt.tracked,
    ancestors:
      attempt.base === null
        ? []
        : chainOf(ctx)
            .toReversed()
            .map(({ name, digest }) => ({ name, digest })),
    remarks: [...begun.remarks, ...(attempt.remark === null ? [] : [attempt.remark])],
    written: {},
  }
}

/** Nothing is copied yet: a domain that is off changes nothing, and that it did not is seen afterwards. */
async function cutOff(begun: Begun, wasShutDown: boolean): Promise<BackupReceipt> {
  const { ctx, node, wanted, options, remarks } = begun
  const written = await lastWritten(ctx, node, wanted)
  const remark = 'a full backup, because the domain is off'
  return {
    ...common(begun, 'off'),
    mode: 'off',
    disks: wanted.map((disk) => diskOf(disk, 'full')),
    checkpoint: null,
    tracked: [],
    ancestors: [],
    remarks: [...remarks, ...(options.isChained ? [remark] : [])],
    written,
    // Its services ended by themselves and in order.
    ...(wasShutDown ? { consistency: 'application' as const } : {}),
  }
}

function common({ node, name, options }: Begun, state: BackupReceipt['state']) {
  const { name: domain, uuid } = node.dom
  const { place } = options
  return {
    kind: backupKind,
    providerId: `${uuid}/${name}`,
    name,
    place,
    domain: { name: domain, uuid },
    state,
  } as const
}

const diskOf = ({ target, format }: DomainDisk, mode: BackupDisk['mode']): BackupDisk => ({
  target,
  file: diskFile(target),
  format,
  mode,
})
