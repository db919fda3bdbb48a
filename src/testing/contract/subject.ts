// What a plugin's author tells the contract suite: how to make a node, and how to look at it from outside.
import type { Duration } from '../../kernel/duration.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { PowerState } from '../../plugins/contract/operation.ts'
import type { Plugin } from '../../plugins/contract/plugin.ts'
import type { World } from '../../world/world.ts'

export interface ContractSubject {
  readonly plugin: Plugin
  /** Makes one node anew, with nothing saved of it. Called for each case; what it returns is disposed after it. */
  node(): Promise<ContractNode>
}

/**
 * One node and a view of it that does not go through the plugin. Cases that need a view which is not given are skipped
 * with that reason.
 */
export interface ContractNode extends AsyncDisposable {
  /** Full name -> key in the plugin: `cloudify.interfaces.freeze.fs_prepare` -> `lamp.freeze`. */
  readonly operations: Readonly<Record<string, string>>
  readonly properties?: JsonObject
  readonly runtimeProperties?: JsonObject
  readonly type?: string
  /** Inputs that every operation is given beside those of the workflows. */
  readonly inputs?: JsonObject
  /** Path below the blueprint's folder -> content. */
  readonly files?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
  /** Default: the world of the machine. */
  readonly world?: World
  /** Operations that make the node and let it run, called in order before each case. */
  readonly bringUp?: readonly string[]
  /** Operations called after each case, whatever came of it. */
  readonly takeDown?: readonly string[]
  /** True while it stands still. */
  isFrozen?(): Promise<boolean>
  power?(): Promise<PowerState>
  /** Changes what a snapshot would hold. */
  change?(): Promise<void>
  /** Equal texts for equal data. */
  state?(): Promise<string>
  /** One entry for each snapshot that exists outside. */
  snapshots?(): Promise<readonly string[]>
  /** Takes the snapshot away behind the plugin's back. */
  loseSnapshot?(providerId: string): Promise<void>
  /** Default 3 s: how long cases wait for a deadman. */
  readonly lease?: Duration
}
