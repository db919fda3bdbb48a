// A store on a simulated disk: a commit is durable after a while, or never when the engine dies before. What was not
// acknowledged at that moment is lost or kept, in order and group by group.
import { GroupCommit } from '../../store/sqlite/group-commit.ts'
import type { Outcome } from '../../store/sqlite/group-writer.ts'
import type { MemoryDisk } from '../../store/sqlite/memory.ts'
import { sqliteFault } from '../../store/sqlite/faults.ts'
import { migrations } from '../../store/migrations/all.ts'
import type { Store, Write } from '../../store/store.ts'
import type { Life } from '../../world/simulation/life.ts'
import type { Random } from '../../world/simulation/random.ts'
import type { Timeline } from '../../world/simulation/timeline.ts'
import { storeErrorCodes, type StoreError } from './fault-plan.ts'

export interface SimulatedStoreOptions {
  readonly disk: MemoryDisk
  readonly life: Life
  readonly timeline: Timeline
  readonly random: Random
  /** Called when a commit goes to the disk and when it is there; before, an error makes it fail. */
  onCommit(moment: 'before' | 'after'): StoreError | undefined
}

export interface SimulatedStore extends Store {
  /** What the disk holds of what was under way, now that the engine is dead. */
  died(): void
}

type Groups = readonly (readonly Write[])[]

interface Underway {
  readonly groups: Groups
  isOver: boolean
}

export function simulatedStore(options: SimulatedStoreOptions): SimulatedStore {
  const { disk, life, timeline, random } = options
  let underway: Underway[] = []
  let lastDue = timeline.now
  const apply = (groups: Groups): Promise<readonly Outcome[]> =>
    new Promise((resolve) => {
      if (life.isDead) return
      const error = options.onCommit('before')
      if (life.isDead) return
      const commit: Underway = { groups, isOver: false }
      underway.push(commit)
      // In the order in which they came: of two at the same instant any could be the first.
      lastDue = Math.max(lastDue + 1, timeline.now + random.whole(1, 4))
      timeline.at(lastDue, () => {
        if (commit.isOver) return
        const outcome = error === undefined ? disk.apply(groups) : groups.map(() => failedBy(error))
        underway = underway.filter((other) => other !== commit)
        options.onCommit('after')
        life.deliver(() => resolve(outcome))
      })
    })
  const groups = new GroupCommit(apply, (code, message) => sqliteFault('simulated/fermata.db', code, message))
  return {
    get query() {
      return disk.query
    },
    read: async (sql, parameters) => disk.read(sql, parameters),
    commit: (writes) => groups.commit(writes),
    writeInBackground() {},
    schemaVersion: migrations.length,
    bytes: () => 0,
    close: () => groups.idle(),
    died() {
      const kept = random.whole(0, underway.length)
      for (const [index, commit] of underway.entries()) {
        commit.isOver = true
        if (index < kept) disk.apply(commit.groups)
      }
      underway = []
    },
  }
}

/** What the disk holds, read when nobody runs. */
export function diskReader(disk: MemoryDisk): Store {
  return {
    query: disk.query,
    read: async (sql, parameters) => disk.read(sql, parameters),
    commit: async () => Promise.reject(new Error('nobody writes here')),
    writeInBackground() {},
    schemaVersion: migrations.length,
    bytes: () => 0,
    close: async () => {},
  }
}

function failedBy(error: StoreError): Outcome {
  return { ok: false, conflict: false, code: storeErrorCodes[error], message: `simulated: ${error}` }
}
