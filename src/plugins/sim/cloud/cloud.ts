// The simulated cloud: guests and snapshots, and what it remembers of them. It outlives whoever works with it.
import type { Instant } from '../../../kernel/duration.ts'
import type { World } from '../../../world/world.ts'
import { calm, type Behaviour } from './behaviour.ts'
import { catchUp, newGuest, openSpan, type GuestRecord } from './guest.ts'
import type { SnapshotRecord } from './snapshots.ts'

/** All that the cloud holds: plain data. */
export interface CloudState {
  guests: Record<string, GuestRecord>
  snapshots: SnapshotRecord[]
  /** Keys of what was deleted. */
  spent: string[]
  made: number
}

export function emptyCloud(): CloudState {
  return { guests: {}, snapshots: [], spent: [], made: 0 }
}

export interface CloudOptions {
  /** Its own: it lives on when whoever called it does not. */
  readonly world: World
  readonly behaviour?: Behaviour
  readonly state?: CloudState
  /** Called after each change. */
  readonly onChange?: (state: CloudState) => void
}

export class SimCloud {
  readonly world: World
  readonly behaviour: Behaviour
  readonly state: CloudState
  readonly #onChange: ((state: CloudState) => void) | undefined

  constructor(options: CloudOptions) {
    this.world = options.world
    this.behaviour = options.behaviour ?? calm
    this.state = options.state ?? emptyCloud()
    this.#onChange = options.onChange
  }

  get now(): Instant {
    return this.world.clock.now()
  }

  /** The guest as it is now. Whoever was never heard of runs. */
  guest(id: string): GuestRecord {
    const guest = (this.state.guests[id] ??= newGuest(id))
    catchUp(guest, this.now)
    return guest
  }

  changed(): void {
    this.#onChange?.(this.state)
  }

  nextNumber(): number {
    return ++this.state.made
  }

  /** Ids of those that stand frozen now. */
  frozen(): readonly string[] {
    return Object.keys(this.state.guests).filter((id) => openSpan(this.guest(id)) !== undefined)
  }

  /** Ids of those on which a deadman still waits. */
  armed(): readonly string[] {
    return Object.keys(this.state.guests).filter((id) =>
      this.guest(id).deadmen.some((deadman) => deadman.firedAt === null),
    )
  }
}
