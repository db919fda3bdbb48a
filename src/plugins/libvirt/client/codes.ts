// Numbers that answers and events carry: states, reasons, jobs. Names are libvirt's.

/** By their numbers. */
export const domainStates = [
  'none',
  'running',
  'blocked',
  'paused',
  'in shutdown',
  'shut off',
  'crashed',
  'pm-suspended',
] as const
export type DomainState = (typeof domainStates)[number]

export function domainState(number: number): DomainState {
  return domainStates[number] ?? 'none'
}

export const domainStateNumbers = {
  none: 0,
  running: 1,
  blocked: 2,
  paused: 3,
  inShutdown: 4,
  shutOff: 5,
  crashed: 6,
  pmSuspended: 7,
} as const

/** Why a running domain runs. */
export const runningReasons = {
  unknown: 0,
  booted: 1,
  migrated: 2,
  restored: 3,
  fromSnapshot: 4,
  unpaused: 5,
  migrationCancelled: 6,
  saveCancelled: 7,
  wakeup: 8,
  crashed: 9,
  postcopy: 10,
  postcopyFailed: 11,
} as const

/** Why a paused domain is paused: only the first is somebody's wish. */
export const pausedReasons = {
  unknown: 0,
  user: 1,
  migration: 2,
  save: 3,
  dump: 4,
  ioError: 5,
  watchdog: 6,
  fromSnapshot: 7,
  shuttingDown: 8,
  snapshot: 9,
  crashed: 10,
  startingUp: 11,
  postcopy: 12,
  postcopyFailed: 13,
  apiError: 14,
} as const

export const shutOffReasons = {
  unknown: 0,
  shutdown: 1,
  destroyed: 2,
  crashed: 3,
  migrated: 4,
  saved: 5,
  failed: 6,
  fromSnapshot: 7,
  daemon: 8,
} as const

/** Tags of DOMAIN_MEMORY_STATS; KiB but for faults and the time of the last update, which is seconds. */
export const memoryTags = {
  swapIn: 0,
  swapOut: 1,
  majorFaults: 2,
  minorFaults: 3,
  unused: 4,
  available: 5,
  balloon: 6,
  rss: 7,
  usable: 8,
  lastUpdate: 9,
  diskCaches: 10,
} as const

export const jobTypes = { none: 0, bounded: 1, unbounded: 2, completed: 3, failed: 4, cancelled: 5 } as const

/** The parameter `operation` of a job. */
export const jobOperations = {
  start: 1,
  save: 2,
  restore: 3,
  migrationIn: 4,
  migrationOut: 5,
  snapshot: 6,
  snapshotRevert: 7,
  dump: 8,
  backup: 9,
  snapshotDelete: 10,
} as const

export const blockJobTypes = { pull: 1, copy: 2, commit: 3, activeCommit: 4, backup: 5 } as const

export const blockJobStatuses = { completed: 0, failed: 1, cancelled: 2, ready: 3 } as const

/** What the event `lifecycle` tells. */
export const lifecycleEvents = {
  defined: 0,
  undefined: 1,
  started: 2,
  suspended: 3,
  resumed: 4,
  stopped: 5,
  shutdown: 6,
  pmSuspended: 7,
  crashed: 8,
} as const

export const agentStates = { connected: 1, disconnected: 2 } as const

/** What lifecycle events of networks and pools tell; the last two of pools only. */
export const objectEvents = { defined: 0, undefined: 1, started: 2, stopped: 3, created: 4, deleted: 5 } as const

export const poolStates = { inactive: 0, building: 1, running: 2, degraded: 3, inaccessible: 4 } as const

export const volumeTypes = { file: 0, block: 1, directory: 2, network: 3 } as const

/** `type` of DOMAIN_GET_METADATA and DOMAIN_SET_METADATA. */
export const metadataTypes = { description: 0, title: 1, element: 2 } as const

/** `source` of DOMAIN_INTERFACE_ADDRESSES. */
export const addressSources = { lease: 0, agent: 1, arp: 2 } as const
