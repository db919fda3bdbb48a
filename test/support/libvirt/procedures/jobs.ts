// Answers about jobs of domains and of their disks.
import { nothing, type Handlers } from '../daemon/handlers.ts'
import { blockCommit, blockCopy, blockJobAbort, blockPull } from '../model/block-jobs.ts'
import { jobType, parametersOf } from '../model/job-stats.ts'
import { invalidArgument } from '../model/vir-error.ts'
import { readImage } from '../model/image.ts'
import { askMonitor } from '../model/monitor.ts'
import { find } from './domains.ts'

const statsFlags = { completed: 1, keep: 2 } as const

export const jobHandlers: Handlers = {
  DOMAIN_GET_JOB_INFO: ({ dom }, caller) => {
    const domain = find(caller, dom)
    const stats = domain.backup?.stats
    const busy = caller.host.isJobRunning(domain) ? jobType.unbounded : jobType.none
    const memory = { memTotal: 0n, memProcessed: 0n, memRemaining: 0n }
    const total = BigInt(stats?.total ?? 0)
    const left = total - BigInt(stats?.processed ?? 0)
    return {
      type: stats?.type ?? busy,
      timeElapsed: BigInt(stats?.elapsed ?? 0),
      timeRemaining: 0n,
      dataTotal: total,
      dataProcessed: total - left,
      dataRemaining: left,
      ...memory,
      fileTotal: total,
      fileProcessed: total - left,
      fileRemaining: left,
    }
  },
  DOMAIN_GET_JOB_STATS: ({ dom, flags }, caller) => {
    const domain = find(caller, dom)
    if ((flags & statsFlags.completed) === 0) {
      const stats = domain.backup?.stats
      return { type: stats?.type ?? jobType.none, params: stats ? parametersOf(stats) : [] }
    }
    const stats = domain.completedJob
    // What is read is gone, unless somebody asks to keep it.
    if ((flags & statsFlags.keep) === 0) domain.completedJob = undefined
    return { type: stats?.type ?? jobType.none, params: stats ? parametersOf(stats) : [] }
  },
  DOMAIN_ABORT_JOB: ({ dom }, caller) => {
    caller.host.abortJob(find(caller, dom))
    return nothing
  },
  DOMAIN_ABORT_JOB_FLAGS: ({ dom }, caller) => {
    caller.host.abortJob(find(caller, dom))
    return nothing
  },
  DOMAIN_BLOCK_COMMIT: async ({ dom, disk, base, top, flags }, caller) => {
    const domain = find(caller, dom)
    await domain.jobs.modify('remoteDispatchDomainBlockCommit', () => blockCommit(domain, { disk, base, top, flags }))
    return nothing
  },
  DOMAIN_BLOCK_PULL: async ({ dom, path }, caller) => {
    const domain = find(caller, dom)
    await domain.jobs.modify('remoteDispatchDomainBlockPull', () => blockPull(domain, path))
    return nothing
  },
  DOMAIN_BLOCK_COPY: async ({ dom, path, destxml, flags }, caller) => {
    const domain = find(caller, dom)
    await domain.jobs.modify('remoteDispatchDomainBlockCopy', () => blockCopy(domain, path, destxml, flags))
    return nothing
  },
  DOMAIN_GET_BLOCK_JOB_INFO: ({ dom, path }, caller) => {
    const domain = find(caller, dom)
    const disk = domain.findDisk(path)
    if (!disk) throw invalidArgument(`invalid path ${path} not assigned to domain`)
    const job = domain.blockJobs.get(disk.target)
    if (!job && domain.backup?.copies(disk.target)) return { found: 1, type: 5, bandwidth: 0n, cur: 0n, end: 1n }
    if (!job) return { found: 0, type: 0, bandwidth: 0n, cur: 0n, end: 0n }
    const end = BigInt(readImage(disk.path, disk.format).capacity)
    return { found: 1, type: job.type, bandwidth: 0n, cur: job.isReady ? end : 0n, end }
  },
  DOMAIN_BLOCK_JOB_ABORT: async ({ dom, path, flags }, caller) => {
    const domain = find(caller, dom)
    await domain.jobs.modify('remoteDispatchDomainBlockJobAbort', () => blockJobAbort(domain, path, flags))
    return nothing
  },
  DOMAIN_MONITOR_COMMAND: ({ dom, cmd }, caller) => {
    const domain = find(caller, dom)
    domain.mustBeActive()
    return { result: JSON.stringify(askMonitor(domain, cmd)) }
  },
}
