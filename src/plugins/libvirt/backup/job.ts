// The job that libvirt does after a backup has begun: is it there, is it ours, how did it end, and ending it early.
import type { OperationContext } from '../../contract/context.ts'
import { hasCode } from '../client/errors.ts'
import { domainStateNumbers, jobOperations, pausedReasons } from '../client/codes.ts'
import { jobStats } from '../client/flags.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import { valuesOf, type Domain, type Parameter } from '../client/structs.ts'
import { allAt, attributeAt } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'

/** How a job ended: null: well. */
export type JobEnd = { readonly problem: string | null }

const pause = 500
/** Looks at which a job was there and no disk was copied: between its last disk and its end there may be one. */
const mostIdle = 4

interface Scene {
  readonly hypervisor: Hypervisor
  readonly dom: Domain
  /** What its files begin with. */
  readonly path: string
}

interface JobScene extends Scene {
  /** The disks that are copied. */
  readonly targets: readonly string[]
}

/** True while a backup is written to that place. */
export async function isRunning(
  ctx: Pick<OperationContext, 'signal'>,
  { hypervisor, dom, path }: Scene,
): Promise<boolean> {
  try {
    const { xml } = await hypervisor.urgent.call('DOMAIN_BACKUP_GET_XML_DESC', { dom }, ctx)
    return allAt(parseXml(xml, 'a backup job'), 'disks/disk').some((disk) =>
      (attributeAt(disk, 'target', 'file') ?? '').startsWith(path),
    )
  } catch (thrown) {
    if (hasCode(thrown, 'NO_DOMAIN_BACKUP', 'NO_DOMAIN', 'OPERATION_INVALID')) return false
    throw thrown
  }
}

/** Resolves when the job has ended, and the guest goes on; what it came to is told by libvirt itself, never guessed. */
export async function endOfJob(ctx: OperationContext, scene: JobScene): Promise<JobEnd> {
  const { hypervisor, dom } = scene
  let told: readonly Parameter[] | undefined
  let wake = (): void => {}
  let isNews = false
  // Whoever was just told that it has ended need not see that it goes on.
  const heard = (): boolean => {
    const wasNews = isNews
    isNews = false
    return wasNews
  }
  const stop = await hypervisor.events.listen('jobCompleted', {
    uuid: dom.uuid,
    onEvent({ params }) {
      told = params
      isNews = true
      wake()
    },
    onGap: () => wake(),
    signal: ctx.signal,
  })
  try {
    // The first look comes after the event is registered: an end in between is seen by the one or the other.
    for (let idle = 0; await isRunning(ctx, scene); idle = heard() || (await isCopying(ctx, scene)) ? 0 : idle + 1) {
      if (idle === mostIdle) {
        await abortJob(ctx, scene)
        await goOnAfterJob(ctx, scene)
        return { problem: 'the hypervisor’s daemon lost sight of the job, and nobody can tell how it ended' }
      }
      const nap = new AbortController()
      wake = () => nap.abort()
      const either = AbortSignal.any([ctx.signal, nap.signal])
      await ctx.world.clock.sleep(pause, either).catch(() => ctx.signal.throwIfAborted())
    }
    const [stats] = await Promise.all([
      completedStats(ctx, scene),
      filesClosed(ctx, scene),
      goOnAfterJob(ctx, { hypervisor, dom }),
    ])
    return endIn(stats ?? told)
  } finally {
    await stop()
  }
}

/** Ends the job when it is ours, and resolves when it has ended. */
export async function abortJob(ctx: OperationContext, scene: Scene): Promise<void> {
  const { hypervisor, dom } = scene
  if (!(await isRunning(ctx, scene))) return
  await hypervisor.urgent.call('DOMAIN_ABORT_JOB', { dom }, ctx).catch((thrown: unknown) => {
    if (!hasCode(thrown, 'OPERATION_INVALID', 'NO_DOMAIN')) throw thrown
  })
  await ctx.until(
    () => isRunning(ctx, scene),
    (runs) => !runs,
    100,
  )
}

/**
 * A guest whose write had to wait for the old data to be copied gets an error when that could not be written: QEMU stops it
 * then, as if its own disk were full. Once the job is gone it can go on, and its write is done again.
 */
export async function goOnAfterJob(ctx: OperationContext, { hypervisor, dom }: Omit<Scene, 'path'>): Promise<void> {
  const { state, reason } = await hypervisor.urgent.call('DOMAIN_GET_STATE', { dom }, ctx)
  if (state !== domainStateNumbers.paused || reason !== pausedReasons.ioError) return
  await hypervisor.urgent.call('DOMAIN_RESUME', { dom }, ctx).catch((thrown: unknown) => {
    if (!hasCode(thrown, 'OPERATION_INVALID')) throw thrown
  })
  ctx.log.warning(`'${dom.name}' was stopped by an error of its disks while they were copied, and goes on now`)
}

// A daemon that was restarted while disks were copied waits for ever for those whose copying ended meanwhile.
async function isCopying(
  ctx: Pick<OperationContext, 'signal'>,
  { hypervisor, dom, targets }: JobScene,
): Promise<boolean> {
  const found = await Promise.all(
    targets.map((path) =>
      hypervisor.call('DOMAIN_GET_BLOCK_JOB_INFO', { dom, path }, ctx).catch((thrown: unknown) => {
        if (hasCode(thrown, 'OPERATION_INVALID', 'NO_DOMAIN')) return { found: 0 }
        throw thrown
      }),
    ),
  )
  return found.some((one) => one.found === 1)
}

// Libvirt tells the end before it lets QEMU close the files, and QEMU writes to them until then. It holds the domain
// meanwhile, so that a question which has to wait for that is answered when it is over.
async function filesClosed(
  ctx: Pick<OperationContext, 'signal'>,
  { hypervisor, dom, targets }: JobScene,
): Promise<void> {
  await hypervisor.call('DOMAIN_BLOCK_STATS', { dom, path: targets[0] ?? '' }, ctx).catch((thrown: unknown) => {
    // Where nothing runs, nothing is open.
    if (!hasCode(thrown, 'OPERATION_INVALID', 'NO_DOMAIN')) throw thrown
  })
}

// Kept for whoever reads it next; without that it can be read once. undefined: nobody has it any more.
async function completedStats(
  ctx: Pick<OperationContext, 'signal'>,
  { hypervisor, dom }: Scene,
): Promise<readonly Parameter[] | undefined> {
  const flags = jobStats.completed | jobStats.keepCompleted
  try {
    const { type, params } = await hypervisor.urgent.call('DOMAIN_GET_JOB_STATS', { dom, flags }, ctx)
    return type === 0 || valuesOf(params)['operation'] !== jobOperations.backup ? undefined : params
  } catch (thrown) {
    if (hasCode(thrown, 'OPERATION_INVALID', 'NO_DOMAIN')) return undefined
    throw thrown
  }
}

// A job that was ended early tells success, too: what counts is that there is no message beside it.
function endIn(params: readonly Parameter[] | undefined): JobEnd {
  if (params === undefined) return { problem: 'nobody can tell any more how the job ended' }
  const { success, errmsg } = valuesOf(params)
  if (typeof errmsg === 'string' && errmsg !== '') return { problem: errmsg }
  return { problem: success === true ? null : 'the job did not succeed' }
}
