// The freeze ledger of one execution: who is frozen now, with which token, until when. A row is durable before the
// freeze it stands for.
import type { Instant } from '../kernel/duration.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { DeadmanHandle, DeadmanKind } from '../plugins/contract/deadman.ts'
import type { FreezeRow } from '../store/tables.ts'
import type { Journal } from './journal.ts'

export interface LedgerEntry {
  readonly instanceId: string
  readonly bracket: string
  readonly token: string
  readonly frozenAt: Instant
  readonly until: Instant
  readonly deadman: DeadmanHandle | null
  readonly inputs: JsonObject
  readonly thawedAt: Instant | null
  readonly expired: boolean
  readonly nodeId: string
  readonly deploymentId: string
  readonly kind: DeadmanKind | 'none'
  /** When it was seen to be frozen; null when that was never seen. */
  readonly seenFrozenAt: Instant | null
  /** Place of the begin of its freeze among all begins and ends of freezes of the execution; clocks may be set. */
  readonly begun: number
  /** Place of the moment at which it was seen to be frozen. */
  readonly seen: number | null
}

export class Ledger {
  readonly #journal: Journal
  readonly #entries = new Map<string, LedgerEntry>()
  #places = 0

  constructor(journal: Journal, rows: readonly FreezeRow[]) {
    this.#journal = journal
    for (const row of rows) {
      this.#entries.set(keyOf(row.bracket, row.instance_id), entryOf(row))
      this.#places = Math.max(this.#places, row.begun, row.seen ?? 0)
    }
  }

  /** The entry goes into the next commit; nothing is durable before `journal.flush()`. */
  put(given: Omit<LedgerEntry, 'begun' | 'seen'>): void {
    const entry = this.#placed(given)
    this.#entries.set(keyOf(entry.bracket, entry.instanceId), entry)
    this.#journal.freeze(rowOf(this.#journal.executionId, entry))
  }

  #placed(given: Omit<LedgerEntry, 'begun' | 'seen'>): LedgerEntry {
    const before = this.get(given.bracket, given.instanceId)
    const begun = before?.begun ?? ++this.#places
    const seen = given.seenFrozenAt === null ? null : (before?.seen ?? ++this.#places)
    return { ...given, begun, seen }
  }

  get(bracket: string, instanceId: string): LedgerEntry | undefined {
    return this.#entries.get(keyOf(bracket, instanceId))
  }

  /** All that are not thawed, of any bracket. */
  open(): readonly LedgerEntry[] {
    return [...this.#entries.values()].filter((entry) => entry.thawedAt === null)
  }

  /** All entries of a bracket, thawed or not. */
  of(bracket: string): readonly LedgerEntry[] {
    return [...this.#entries.values()].filter((entry) => entry.bracket === bracket)
  }
}

const keyOf = (bracket: string, instanceId: string): string => `${bracket}/${instanceId}`

function entryOf(row: FreezeRow): LedgerEntry {
  return {
    instanceId: row.instance_id,
    bracket: row.bracket,
    token: row.token,
    frozenAt: row.frozen_at,
    until: row.until,
    deadman: row.deadman === null ? null : (JSON.parse(row.deadman) as DeadmanHandle),
    inputs: JSON.parse(row.inputs) as JsonObject,
    thawedAt: row.thawed_at,
    expired: row.expired === 1,
    nodeId: row.node_id,
    deploymentId: row.deployment_id,
    kind: row.kind as LedgerEntry['kind'],
    seenFrozenAt: row.seen_frozen_at,
    begun: row.begun,
    seen: row.seen,
  }
}

function rowOf(executionId: string, entry: LedgerEntry): FreezeRow {
  return {
    execution_id: executionId,
    bracket: entry.bracket,
    instance_id: entry.instanceId,
    token: entry.token,
    deadman: entry.deadman === null ? null : JSON.stringify(entry.deadman),
    inputs: JSON.stringify(entry.inputs),
    frozen_at: entry.frozenAt,
    until: entry.until,
    thawed_at: entry.thawedAt,
    expired: entry.expired ? 1 : 0,
    node_id: entry.nodeId,
    deployment_id: entry.deploymentId,
    kind: entry.kind,
    seen_frozen_at: entry.seenFrozenAt,
    begun: entry.begun,
    seen: entry.seen,
  }
}
