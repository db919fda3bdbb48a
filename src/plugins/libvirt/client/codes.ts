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

/** `source` of DOMAIN_INTERFACE_ADDRESSES. */
export const addressSources = { lease: 0, agent: 1, arp: 2 } as const
