// The deadman of instances that scripts freeze: a guard on this machine that runs the node's own fs_finalize.
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { seconds, type Instant } from '../../kernel/duration.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { OperationContext } from '../contract/context.ts'
import type { Deadman, DeadmanFinalize, DeadmanHandle, DeadmanProbe, DeadmanRequest } from '../contract/deadman.ts'
import {
  handleFrom,
  isOnWatch,
  markerOf,
  parcelPrefix,
  removeFilesOf,
  removeParcel,
  type GuardHandle,
} from '../guard/handle.ts'
import { dismissGuard, extendGuard, launchGuard, notArmed } from '../guard/launch.ts'
import { hasProcessTable, isSameProcess } from '../guard/process-table.ts'
import { mayRunFrom, readRecord, runtimeFolder } from '../guard/record-file.ts'
import { sweepRuntimeFolder } from '../guard/sweep.ts'
import { mergeChanges, readReport, removeReport, type Report } from './guard/report.ts'
import type { ScriptGuardRequest } from './guard/request.ts'
import { takeSnapshot, updateProperties } from './guard/snapshot.ts'
import { readInputs } from './inputs.ts'
import { prepareScript } from './prepare-script.ts'
import { instancePath } from './turn.ts'
import { openPortableWorkspace } from './workspace.ts'

/** For all attempts at fs_finalize together. */
const finalizePatience = seconds(600)
const leavePatience = seconds(2)
const finalizeName = 'cloudify.interfaces.freeze.fs_finalize'
const program = fileURLToPath(new URL(`./guard/guard${extname(import.meta.url)}`, import.meta.url))

export const scriptDeadman: Deadman = { kind: 'host', probe, arm, extend: extendGuard, disarm }

/** Guards this process has armed, by instance: the script that freezes runs only while its guard is on watch. */
const armedHere = new Map<string, GuardHandle>()

/** What the run of a prepare needs to know of its guard; undefined when none was armed. */
export interface ArmedGuard {
  isOnWatch(): boolean
  /** Hands on what the prepare has written so far. */
  tell(properties: JsonObject): void
}

export function armedGuard(instance: string): ArmedGuard | undefined {
  const handle = armedHere.get(instance)
  if (!handle) return undefined
  return {
    isOnWatch: () => isOnWatch(handle),
    tell(properties) {
      const parcel = isOnWatch(handle) ? readRecord(handle.record)?.parcel : undefined
      if (parcel !== undefined) updateProperties(parcel, properties)
    },
  }
}

async function probe(_ctx: OperationContext, finalize?: DeadmanFinalize): Promise<DeadmanProbe> {
  const reason = whyNot(finalize)
  return { kind: reason === null ? 'host' : 'none', longestHold: null, reason }
}

/** Null when there can be a deadman. */
function whyNot(finalize: DeadmanFinalize | undefined): string | null {
  if (!finalize) return 'the node has no fs_finalize'
  if (!isScript(finalize)) {
    return `its fs_finalize is no script but ${finalize.plugin}.${finalize.operation}, which only fermata can run`
  }
  if (!hasProcessTable()) return 'this system has no /proc, by which a guard is known'
  return runtimeFolder(process.env) === undefined ? noFolder : null
}

function isScript({ plugin, operation }: DeadmanFinalize): boolean {
  return plugin === 'script' && ['script_runner.tasks.run', 'tasks.run'].includes(operation)
}

async function arm(ctx: OperationContext, request: DeadmanRequest): Promise<GuardHandle> {
  const reason = whyNot(request.finalize)
  const folder = runtimeFolder(process.env)
  if (reason !== null || folder === undefined || !request.finalize) throw notArmed(reason ?? noFolder)
  sweepRuntimeFolder(folder, ctx.world.clock.now())
  const guardRequest = await pack(ctx, request, request.finalize, folder)
  const before = readRecord(guardRequest.recordPath)
  const handle = await launchGuard(ctx, { program, request: guardRequest, patience: finalizePatience }).catch(
    (thrown: unknown) => {
      removeParcel(guardRequest.parcel)
      throw thrown
    },
  )
  armedHere.set(instancePath(ctx, folder), handle)
  // Only now: an instance that is frozen already must not be without a guard for a moment.
  if (before) await dismissGuard(ctx, before.guard, finalizePatience)
  if (before?.parcel !== undefined) removeParcel(before.parcel)
  return handle
}

/** Everything the guard needs, in a folder of memory: it could be carried to another machine as it is. */
async function pack(
  ctx: OperationContext,
  request: DeadmanRequest,
  finalize: DeadmanFinalize,
  folder: string,
): Promise<ScriptGuardRequest> {
  const path = instancePath(ctx, folder)
  const script = readInputs(finalize.inputs)
  // What cannot be run from a folder of memory must come from disk, which may still be read when it is frozen.
  const parcels = runtimeFolder(process.env, mayRunFrom) ?? folder
  if (parcels !== folder) sweepRuntimeFolder(parcels, ctx.world.clock.now())
  const workspace = await openPortableWorkspace(parcels, parcelPrefix)
  try {
    // The disk that holds the usual ones may be what is frozen, and whoever writes to it would wait for ever.
    const own = { ...process.env, TMPDIR: folder, NODE_COMPILE_CACHE: undefined }
    const command = await prepareScript(ctx, script, { workspace, url: '', own })
    const { origin, process: options, variables } = script
    const files = 'path' in origin ? { [origin.path]: command.script } : {}
    return {
      token: request.token,
      lease: request.lease,
      maximum: request.maximum ?? request.lease,
      recordPath: `${path}.armed`,
      folder,
      parcel: workspace.folder,
      turnPath: `${path}.turn`,
      command,
      process: options,
      variables,
      snapshot: takeSnapshot(ctx, finalizeName, files),
      patience: finalizePatience,
    }
  } catch (thrown) {
    await workspace.remove()
    throw thrown
  }
}

async function disarm(ctx: OperationContext, given: DeadmanHandle): Promise<{ readonly firedAt: Instant | null }> {
  const handle = handleFrom(given)
  if (!handle) return { firedAt: null }
  await dismissGuard(ctx, handle, handle.patience + leavePatience)
  const firedAt = markerOf(handle)?.firedAt ?? null
  const report = firedAt === null ? undefined : readReport(handle)
  if (report) await takeOver(ctx, report)
  removeReport(handle)
  removeFilesOf(handle)
  for (const [instance, armed] of armedHere) if (isSameProcess(armed, handle)) armedHere.delete(instance)
  return { firedAt }
}

/** What the script did without us becomes part of what we know. */
async function takeOver(ctx: OperationContext, report: Report): Promise<void> {
  const end = report.failure === null ? 'it ended well' : `it failed: ${report.failure}`
  ctx.log.warning(`The lease ended, and the deadman ran fs_finalize: ${end}`)
  for (const { level, text } of report.lines) ctx.log[level](text)
  mergeChanges(ctx.instance.runtimeProperties, report.changes)
  await ctx.save()
}

const noFolder = 'no folder for its record is safe to use: /dev/shm/fermata-UID must be ours, mode 0700'
