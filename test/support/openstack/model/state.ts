// The whole of a fake cloud: all that it holds, its clock, its ids, its quotas and what goes on in it.
import { createHash } from 'node:crypto'
import type { FakeServer } from './server.ts'
import type {
  FakeBackup,
  FakeGroup,
  FakeGroupSnapshot,
  FakeImage,
  FakeSnapshot,
  FakeThing,
  FakeVolume,
} from './things.ts'
import { Tokens } from './tokens.ts'
import type { Work } from '../../../../src/testing/fake-http/work.ts'

/** What does a step of work: when it is down, its calls are accepted all the same. */
export type Worker = 'compute' | 'volume' | 'backup' | 'image'

/** Names of Nova, Cinder and Neutron. */
export interface Quotas {
  instances: number
  cores: number
  ram: number
  key_pairs: number
  server_groups: number
  volumes: number
  snapshots: number
  backups: number
  gigabytes: number
  backup_gigabytes: number
  groups: number
  network: number
  subnet: number
  port: number
  router: number
  floatingip: number
  security_group: number
  security_group_rule: number
}

export const defaultQuotas: Quotas = {
  instances: 100,
  cores: 200,
  ram: 512_000,
  key_pairs: 100,
  server_groups: 10,
  volumes: 100,
  snapshots: 100,
  backups: 100,
  gigabytes: 10_000,
  backup_gigabytes: 10_000,
  groups: 10,
  network: 100,
  subnet: 100,
  port: 500,
  router: 10,
  floatingip: 50,
  security_group: 100,
  security_group_rule: 500,
}

export class State {
  readonly servers = new Map<string, FakeServer>()
  readonly volumes = new Map<string, FakeVolume>()
  readonly snapshots = new Map<string, FakeSnapshot>()
  readonly backups = new Map<string, FakeBackup>()
  readonly groups = new Map<string, FakeGroup>()
  readonly groupSnapshots = new Map<string, FakeGroupSnapshot>()
  readonly images = new Map<string, FakeImage>()
  /** `flavors`, `keypairs`, `networks`, ...: things kept as they are shown, by collection. */
  readonly #things = new Map<string, Map<string, FakeThing>>()
  readonly tokens: Tokens
  readonly quotas: Quotas
  readonly work: Work<Worker>
  /** Newest that is spoken, after the dot. */
  readonly newest: { compute: number; volume: number }
  /** Items on one page of a list. */
  pageSize: number
  readonly now: () => number
  #count = 0

  constructor(options: {
    readonly work: Work<Worker>
    readonly quotas: Quotas
    readonly newest: { compute: number; volume: number }
    readonly pageSize: number
    readonly now: () => number
  }) {
    this.work = options.work
    this.quotas = options.quotas
    this.newest = options.newest
    this.pageSize = options.pageSize
    this.now = options.now
    this.tokens = new Tokens(options.now)
  }

  things(collection: string): Map<string, FakeThing> {
    const known = this.#things.get(collection) ?? new Map<string, FakeThing>()
    this.#things.set(collection, known)
    return known
  }

  /** Rises with each thing that is made: order where times are equal. */
  serial(): number {
    this.#count += 1
    return this.#count
  }

  /** The same in each run. */
  id(): string {
    const hex = createHash('sha256').update(`id ${this.serial()}`).digest('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  }

  /** As Nova and Glance tell the time: whole seconds. */
  seconds(): string {
    return `${new Date(this.now()).toISOString().slice(0, 19)}Z`
  }

  /** As Cinder does: microseconds, no zone. */
  micros(): string {
    return `${new Date(this.now()).toISOString().slice(0, 23)}000`
  }
}
