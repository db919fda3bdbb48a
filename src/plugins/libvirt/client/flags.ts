// The flags of calls, by what they are for. The names are libvirt's, without what all of them begin with.

export const listDomains = {
  active: 1,
  inactive: 2,
  persistent: 4,
  transient: 8,
  running: 16,
  paused: 32,
  shutOff: 64,
  other: 128,
  managedSave: 256,
  autostart: 1024,
  hasSnapshot: 4096,
  hasCheckpoint: 16_384,
} as const

/** `inactive`: what the next start uses. `secure`: with passwords. */
export const domainXml = { secure: 1, inactive: 2, updateCpu: 4, migratable: 8 } as const

/** `forceBoot` drops the saved state. */
export const start = {
  paused: 1,
  autodestroy: 2,
  bypassCache: 4,
  forceBoot: 8,
  validate: 16,
  resetNvram: 32,
} as const

export const define = { validate: 1 } as const

export const undefine = {
  managedSave: 1,
  snapshotsMetadata: 2,
  nvram: 4,
  keepNvram: 8,
  checkpointsMetadata: 16,
  tpm: 32,
  keepTpm: 64,
} as const

/** Also for reboot. 0: as the hypervisor likes. */
export const shutdown = { acpi: 1, agent: 2, initctl: 4, signal: 8, paravirt: 16 } as const

/** `quiesce` goes only with `diskOnly`. */
export const snapshotCreate = {
  redefine: 1,
  current: 2,
  noMetadata: 4,
  halt: 8,
  diskOnly: 16,
  reuseExternal: 32,
  quiesce: 64,
  atomic: 128,
  live: 256,
  validate: 512,
} as const

/** Also for checkpoints. */
export const snapshotDelete = { children: 1, metadataOnly: 2, childrenOnly: 4 } as const

export const snapshotXml = { secure: 1 } as const

export const backupBegin = { reuseExternal: 1 } as const

export const blockCommit = { shallow: 1, delete: 2, active: 4, relative: 8, bandwidthBytes: 16 } as const

export const blockJobAbort = { async: 1, pivot: 2 } as const

export const jobStats = { completed: 1, keepCompleted: 2 } as const

/** What CONNECT_GET_ALL_DOMAIN_STATS tells; 0: all. */
export const statsGroups = {
  state: 1,
  cpu: 2,
  balloon: 4,
  vcpu: 8,
  interface: 16,
  block: 32,
  perf: 64,
  iothread: 128,
  memory: 256,
  dirtyRate: 512,
  vm: 1024,
} as const

/** `nowait`: says what it can of a domain with a job, and does not wait for the job. */
export const stats = { nowait: 0x20000000, backingChain: 0x40000000, enforceGroups: 0x80000000 } as const

/** What a change is to affect; 0: what there is now. */
export const affect = { current: 0, live: 1, config: 2 } as const

/** Also of pools. */
export const networkXml = { inactive: 1 } as const

export const poolCreate = { build: 1, overwrite: 2, noOverwrite: 4 } as const

export const volumeResize = { allocate: 1, delta: 2, shrink: 4 } as const
