// Puts a backup back into the domain that it was taken of. The old disks stay until the new ones are in use; those that
// an earlier restore of ours had made go then, all others stay for good.
import { fault } from '../../../kernel/fault.ts'
import { canonicalJson, isJsonObject } from '../../../kernel/json.ts'
import type { OperationContext } from '../../contract/context.ts'
import { domainStateNumbers } from '../client/codes.ts'
import { hasCode } from '../client/errors.ts'
import { domainXml, start } from '../client/flags.ts'
import type { Hypervisor } from '../client/hypervisor.ts'
import type { Domain } from '../client/structs.ts'
import { allAt, type XmlElement } from '../xml/element.ts'
import { parseXml } from '../xml/parse.ts'
import { writeXml } from '../xml/write.ts'
import { endChain, keepOwed } from './chain.ts'
import { checkpointNames, forgetCheckpoint } from './checkpoints.ts'
import { disksOf } from './disks.ts'
import { restoreRefused } from './errors.ts'
import { nvramPath } from './metadata.ts'
import { checkpointsOf, keyOf } from './names.ts'
import type { Restore } from './restore.ts'
import { makeDisks, planRestore, removeDisks, removeSources, restoredBy, type PlannedRestore } from './restore-disks.ts'
import { sameDomain, type Restored, type RestoredDisk } from './restored-domain.ts'

const underWay = 'backup_restore'
const made = 'restored_files'

interface Here extends Restore {
  /** undefined: it is gone, and is made anew. */
  readonly dom: Domain | undefined
}

type Power = 'running' | 'paused' | 'off'

export async function restoreHere(ctx: OperationContext, here: Here): Promise<void> {
  const { hypervisor, part, saved, settings, dom } = here
  const naming = { mark: keyOf(ctx, 8), folder: settings.options.path('restore_dir'), domain: undefined }
  const plan = planRestore(part, disksOf(saved), nvramPath(saved), naming)
  const restored = restoredBy(plan)
  if (dom !== undefined) await refuseLoss(ctx, hypervisor, dom)
  else await refuseTaken(ctx, here)
  const power = await powerBefore(ctx, here, restored)
  if (dom === undefined || !(await isSwitched(ctx, hypervisor, dom, restored))) {
    await makeDisks(ctx, hypervisor, part, plan)
    await switchTo(ctx, here, { plan, restored, power })
  }
  await startAgain(ctx, here, power)
  await tidyUp(ctx, hypervisor, restored)
  ctx.log.info(`Restored '${part.domain.name}' from '${part.name}'${before(saved, restored)}`)
}

// Snapshots live in the disks that go; somebody else's checkpoints do, too, and would stand in the way of ours.
async function refuseLoss(ctx: OperationContext, hypervisor: Hypervisor, dom: Domain): Promise<void> {
  const { snapshots } = await hypervisor.call('DOMAIN_LIST_ALL_SNAPSHOTS', { dom }, ctx)
  if (snapshots.length > 0)
    throw restoreRefused(
      dom.name,
      `its disks hold the snapshots ${quoted(snapshots.map(({ name }) => name))}; delete them first, or use restore_as`,
    )
  const foreign = (await checkpointNames(ctx, { hypervisor, dom })).filter(
    (name) => !name.startsWith(checkpointsOf(ctx, dom.name)),
  )
  if (foreign.length > 0)
    throw restoreRefused(
      dom.name,
      `its disks hold the checkpoints ${quoted(foreign)} of somebody else; delete them first, or use restore_as`,
    )
}

async function refuseTaken(ctx: OperationContext, { hypervisor, part, settings }: Here): Promise<void> {
  const { name } = part.domain
  const taken = await hypervisor.call('DOMAIN_LOOKUP_BY_NAME', { name }, ctx).catch(noDomain)
  if (taken !== undefined)
    throw fault('libvirt.name_taken', {
      details: { uri: hypervisor.uri, kind: 'domain', name: settings.resourceId ?? name },
    })
}

/** What the domain did when this restore began, also for a life of ours that finds it stopped. */
async function powerBefore(ctx: OperationContext, { hypervisor, dom, part }: Here, restored: Restored): Promise<Power> {
  const { runtimeProperties } = ctx.instance
  const known = runtimeProperties[underWay]
  const run = ctx.execution.id
  const earlier = isJsonObject(known) && known['run'] === run ? known : undefined
  if (earlier?.['key'] === ctx.operation.key) return earlier['power'] as Power
  // An attempt whose lease was over goes on under another key, and clears what the one before has made.
  const now = dom === undefined ? part.state : await powerOf(ctx, hypervisor, dom)
  const power = (earlier?.['power'] as Power | undefined) ?? now
  runtimeProperties[underWay] = { run, key: ctx.operation.key, power }
  runtimeProperties[made] = [...madeBefore(ctx), ...sourcesOf(restored)]
  await ctx.save()
  return power
}

async function powerOf(ctx: OperationContext, hypervisor: Hypervisor, dom: Domain): Promise<Power> {
  const { state } = await hypervisor.urgent.call('DOMAIN_GET_STATE', { dom }, ctx)
  if (state === domainStateNumbers.shutOff || state === domainStateNumbers.crashed) return 'off'
  return state === domainStateNumbers.paused ? 'paused' : 'running'
}

async function isSwitched(
  ctx: OperationContext,
  hypervisor: Hypervisor,
  dom: Domain,
  restored: Restored,
): Promise<boolean> {
  const { xml } = await hypervisor.call('DOMAIN_GET_XML_DESC', { dom, flags: domainXml.inactive }, ctx)
  const sources = allAt(parseXml(xml, `the domain '${dom.name}'`), 'devices/disk/source')
  return restored.disks.every(({ source }) =>
    sources.some(({ attributes }) => Object.entries(source).every(([key, value]) => attributes[key] === value)),
  )
}

interface Switch {
  readonly plan: PlannedRestore
  readonly restored: Restored
  readonly power: Power
}

async function switchTo(ctx: OperationContext, here: Here, { plan, restored, power }: Switch): Promise<void> {
  const { hypervisor, dom, saved, part } = here
  try {
    if (dom !== undefined) await stop(ctx, hypervisor, dom)
    const xml = writeXml(sameDomain(saved, dom?.name ?? part.domain.name, restored))
    await hypervisor.call('DOMAIN_DEFINE_XML_FLAGS', { xml }, ctx)
  } catch (thrown) {
    const scene = { ...ctx, signal: new AbortController().signal }
    // Where nobody can tell whether it is switched, the disks stay: the next attempt looks again.
    const isThrough = await findAgain(scene, here).then(
      (found) => isSwitched(scene, hypervisor, found, restored),
      (also: unknown) => {
        if (hasCode(also, 'NO_DOMAIN')) return false
        throw thrown
      },
    )
    if (!isThrough) {
      await backToBefore(scene, here, { plan, restored, power })
      throw thrown
    }
  }
  // What was saved of its memory belongs to the old disks, and so does what checkpoints know of them.
  const found = await findAgain(ctx, here)
  const { result } = await hypervisor.call('DOMAIN_HAS_MANAGED_SAVE_IMAGE', { dom: found }, ctx)
  if (result === 1) await hypervisor.call('DOMAIN_MANAGED_SAVE_REMOVE', { dom: found }, ctx)
  for (const name of await checkpointNames(ctx, { hypervisor, dom: found }))
    await forgetCheckpoint(ctx, { hypervisor, dom: found }, name)
  endChain(ctx)
  keepOwed(ctx, [])
  await ctx.save()
}

// What failed is what must be told; that it does not run again must be told, too.
async function backToBefore(ctx: OperationContext, here: Here, { plan, power }: Switch): Promise<void> {
  const tell = (thrown: unknown): void => ctx.log.error(thrown instanceof Error ? thrown.message : String(thrown))
  await removeDisks(ctx, here.hypervisor, plan).catch(tell)
  if (here.dom !== undefined) await startAgain(ctx, here, power).catch(tell)
}

async function stop(ctx: OperationContext, hypervisor: Hypervisor, dom: Domain): Promise<void> {
  await hypervisor.call('DOMAIN_DESTROY', { dom }, ctx).catch((thrown: unknown) => {
    if (!hasCode(thrown, 'OPERATION_INVALID', 'NO_DOMAIN')) throw thrown
  })
}

async function startAgain(ctx: OperationContext, here: Here, power: Power): Promise<void> {
  if (power === 'off') return
  const dom = await findAgain(ctx, here)
  if ((await powerOf(ctx, here.hypervisor, dom)) !== 'off') return
  const flags = power === 'paused' ? start.paused : 0
  try {
    await here.hypervisor.call('DOMAIN_CREATE_WITH_FLAGS', { dom, flags }, ctx)
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw fault('libvirt.restored_not_started', { details: { domain: dom.name, reason }, cause: thrown })
  }
}

async function findAgain(ctx: OperationContext, { hypervisor, part }: Here): Promise<Domain> {
  return (await hypervisor.call('DOMAIN_LOOKUP_BY_UUID', { uuid: part.domain.uuid }, ctx)).dom
}

// What an earlier restore of ours made is in nobody's use any more.
async function tidyUp(ctx: OperationContext, hypervisor: Hypervisor, restored: Restored): Promise<void> {
  const { runtimeProperties } = ctx.instance
  const now = sourcesOf(restored)
  const spent = madeBefore(ctx).filter((source) => !now.some((one) => isSame(one, source)))
  // On record before the first is removed: a life that comes after this one goes on with it.
  runtimeProperties[made] = [...spent, ...now]
  await ctx.save()
  await removeSources(ctx, hypervisor, spent)
  runtimeProperties[made] = [...now]
  delete runtimeProperties[underWay]
}

type Source = RestoredDisk['source']

function madeBefore(ctx: OperationContext): readonly Source[] {
  const known = ctx.instance.runtimeProperties[made]
  return Array.isArray(known) ? (known as unknown as readonly Source[]) : []
}

const isSame = (left: Source, right: Source): boolean => canonicalJson(left) === canonicalJson(right)

function sourcesOf({ disks, nvram }: Restored): readonly Source[] {
  return [...disks.map(({ source }) => source), ...(nvram === undefined ? [] : [{ file: nvram }])]
}

function before(saved: XmlElement, restored: Restored): string {
  const kept = disksOf(saved).filter(({ target }) => restored.disks.some((disk) => disk.target === target))
  const paths = kept.flatMap(({ path }) => path ?? [])
  return paths.length === 0 ? '' : `; its disks are new files beside ${quoted(paths)}`
}

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ')

function noDomain(thrown: unknown): undefined {
  if (hasCode(thrown, 'NO_DOMAIN')) return undefined
  throw thrown
}
