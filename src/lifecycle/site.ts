// Everything a run reaches outside of itself, handed in by the engine: the lifecycle knows neither files nor providers.
import type PQueue from 'p-queue'
import type { Duration } from '../kernel/duration.ts'
import type { Json } from '../kernel/json.ts'
import type { Secret } from '../kernel/secret.ts'
import type { PluginOperation } from '../plugins/contract/operation.ts'
import type { Store } from '../store/store.ts'
import type { World } from '../world/world.ts'
import type { Journal } from './journal.ts'
import type { RetryPolicy } from './retry.ts'
import type { Topology } from './topology.ts'

/** Whose SELF, SOURCE and TARGET a function means. */
export interface EvaluationScope {
  readonly self?: string
  readonly source?: string
  readonly target?: string
}

export interface Site {
  readonly execution: { readonly id: string; readonly workflow: string; readonly isResumed: boolean }
  readonly deployment: { readonly id: string }
  readonly blueprint: { readonly id: string; readonly digest: string }
  readonly topology: Topology
  readonly journal: Journal
  readonly store: Store
  readonly world: World
  /** As many operations at once as its concurrency says; waiting for a retry holds no place in it. */
  readonly slots: PQueue
  /** How many operations may have their intent written ahead of a free slot. */
  readonly window: number
  readonly retries: RetryPolicy
  readonly lease: Duration
  /** Aborts when the execution is cancelled. */
  readonly signal: AbortSignal
  findOperation(plugin: string, operation: string): PluginOperation | undefined
  /** A folder for what a plugin keeps. */
  stateDirectory(plugin: string): Promise<string>
  blueprintFile(path: string): Promise<string>
  secret(name: string): Promise<Secret>
  evaluate(value: Json, scope: EvaluationScope): Promise<Json>
}
