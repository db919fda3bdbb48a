// Starting, pausing, saving and ending a domain: states, reasons and events as QEMU's driver gives them.
import type { XmlElement } from '../../../../src/plugins/libvirt/xml/element.ts'
import { cpSync, rmSync } from 'node:fs'
import type { Domain } from './domain.ts'
import { paused, running, shutOff } from './states.ts'
import { contentOf } from './image.ts'
import { jobOperation, jobType } from './job-stats.ts'
import { operationInvalid, systemError } from './vir-error.ts'

/** The memory of a guest on disk: what it knew, and which of its file systems stood still. */
export interface SavedMemory {
  readonly document: XmlElement
  readonly wasPaused: boolean
  readonly lastRecord: number
  readonly believesFrozen: boolean
  readonly guestFolder: string
}

const startFlags = { paused: 1, forceBoot: 8 } as const

export function suspend(domain: Domain): void {
  domain.mustBeActive()
  if (domain.state === paused) {
    domain.reason = 1
    return
  }
  halt(domain, 1)
  domain.tellLifecycle('suspendedPaused')
}

/** Stops the processors: for the user, or for a moment. */
export function halt(domain: Domain, reason: number): void {
  domain.move(paused, reason)
  domain.commands.processes.signal('SIGSTOP')
}

/** @throws VirError 55 when it runs already */
export function resume(domain: Domain): void {
  domain.mustBeActive()
  if (domain.state === running) throw operationInvalid('domain is already running')
  goOn(domain, 5)
  domain.tellLifecycle('resumedUnpaused')
}

export function goOn(domain: Domain, reason: number): void {
  domain.move(running, reason)
  domain.commands.processes.signal('SIGCONT')
}

/** @throws VirError 55 when it runs already, 38 when a disk is missing */
export function start(domain: Domain, flags: number): void {
  if (domain.isActive) throw operationInvalid('domain is already running')
  if ((flags & startFlags.forceBoot) !== 0) domain.managedSave = undefined
  const isPaused = (flags & startFlags.paused) !== 0
  const saved = domain.managedSave
  if (saved) {
    domain.managedSave = undefined
    wake(domain, saved, isPaused ? paused : saved.wasPaused ? paused : running)
    return
  }
  boot(domain, isPaused)
}

function boot(domain: Domain, isPaused: boolean): void {
  for (const disk of domain.disks()) mustExist(disk.path)
  domain.live = domain.config
  domain.id = domain.host.nextId()
  domain.guest.boot()
  domain.agentProcess.restart()
  readBack(domain)
  domain.move(isPaused ? paused : running, 1)
  domain.tellLifecycle('startedBooted')
  domain.tellLifecycle(isPaused ? 'suspendedPaused' : 'resumedUnpaused')
  tellOfAgent(domain, 1)
}

/** The writer goes on from what the disk holds. */
function readBack(domain: Domain): void {
  const disk = domain.findDisk(domain.writer.device)
  const last = disk ? contentOf(disk.path, disk.format).get(0) : undefined
  domain.writer.last = Number(last?.replace('last ', '') ?? 0)
}

function mustExist(path: string): void {
  try {
    contentOf(path)
  } catch {
    throw systemError(`Cannot access storage file '${path}': No such file or directory`, 18)
  }
}

export function memoryOf(domain: Domain): SavedMemory {
  const guestFolder = `${domain.guest.folder}.saved-${domain.host.nextSerial()}`
  cpSync(domain.guest.folder, guestFolder, { recursive: true })
  return {
    document: domain.live ?? domain.config,
    wasPaused: domain.state === paused,
    lastRecord: domain.writer.last,
    believesFrozen: domain.agentProcess.believesFrozen,
    guestFolder,
  }
}

/** The guest goes on with the memory it had. */
export function recall(domain: Domain, saved: SavedMemory): void {
  domain.live = saved.document
  domain.commands.reset()
  rmSync(domain.guest.folder, { recursive: true, force: true })
  cpSync(saved.guestFolder, domain.guest.folder, { recursive: true })
  domain.agentProcess.restart()
  domain.agentProcess.believesFrozen = saved.believesFrozen
  domain.writer.last = saved.lastRecord
}

/** From a saved image. */
export function wake(domain: Domain, saved: SavedMemory, state: number): void {
  domain.id = domain.host.nextId()
  recall(domain, saved)
  domain.move(state, state === paused ? 2 : 3)
  domain.tellLifecycle('startedRestored')
  domain.tellLifecycle(state === paused ? 'suspendedRestored' : 'resumedFromSnapshot')
  tellOfAgent(domain, 1)
}

function tellOfAgent(domain: Domain, reason: number): void {
  if (domain.isAgentReachable) domain.tell({ id: 18, fields: { state: 1, reason } })
}

/** Memory to disk, then off. */
export async function save(domain: Domain): Promise<SavedMemory> {
  domain.mustBeActive()
  const before = { state: domain.state, reason: domain.reason }
  if (before.state === running) {
    halt(domain, 3)
    domain.tellLifecycle('suspendedPaused')
  }
  const memory = { ...memoryOf(domain), wasPaused: before.state === paused }
  try {
    await domain.host.takes('save', domain)
  } catch (aborted) {
    if (before.state === running) {
      goOn(domain, 7)
      domain.tellLifecycle('resumedUnpaused')
    }
    throw aborted
  }
  const stats = { type: jobType.completed, operation: jobOperation.save, elapsed: 1, total: 4096, processed: 4096 }
  domain.completedJob = stats
  domain.tell({ id: 21, fields: { params: domain.host.parametersOf(stats) } })
  off(domain, 5)
  domain.tellLifecycle('stoppedSaved')
  return memory
}

/** @throws VirError 55 when it is off already */
export function destroy(domain: Domain): void {
  domain.mustBeActive()
  domain.tellLifecycle('shutdownByHost')
  off(domain, 2)
  domain.tellLifecycle('stoppedDestroyed')
  forgetTransient(domain)
}

/** The guest powers itself off. */
export function powerOff(domain: Domain): void {
  if (!domain.isActive) return
  domain.tellLifecycle('shutdownByGuest')
  off(domain, 1)
  domain.tellLifecycle('stoppedShutdown')
  forgetTransient(domain)
}

function forgetTransient(domain: Domain): void {
  if (!domain.isPersistent) domain.host.forget(domain)
}

/** What has to end with QEMU's process ends. */
export function off(domain: Domain, reason: number): void {
  domain.backup?.interrupt()
  for (const job of domain.blockJobs.values()) job.interrupt()
  domain.blockJobs.clear()
  domain.live = undefined
  domain.id = -1
  domain.move(shutOff, reason)
  domain.commands.reset()
  domain.guest.thaw()
  domain.agentProcess.restart()
}
