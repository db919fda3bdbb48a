// The kinds of operation. The kind tells the lifecycle what it may rely on: a freeze has a deadman, a cut has an instant.
import type { Static, TSchema } from 'typebox'
import type { Json } from '../../kernel/json.ts'
import type { PartComparison } from './comparison.ts'
import type { Consistency } from './consistency.ts'
import type { OperationContext } from './context.ts'
import type { Deadman, DeadmanKind } from './deadman.ts'

/** What an operation gets as inputs when it declares no schema: everything that was given. */
export type AnyInputs = Readonly<Record<string, Json>>

/** What a machine does, as its provider tells. */
export const powerStates = ['running', 'suspended', 'stopped'] as const
export type PowerState = (typeof powerStates)[number]

/** Runs in one piece. What it returns is the operation's result. */
export interface RunOperation {
  readonly kind: 'run'
  readonly inputs?: TSchema
  /** Thaws the node by itself when the operation, used as fs_prepare, is not followed by its fs_finalize in time. */
  readonly deadman?: Deadman
  /** For suspend and resume: reads what the node does now, so that resume puts back what suspend found. */
  readonly power?: (ctx: OperationContext, inputs: AnyInputs) => Promise<PowerState>
  /**
   * `unsafe`: a second run could do harm. When an attempt ended with its outcome unknown, it is then not run again but
   * looked up; without `lookUp` the execution stops until a person says what happened. Default: `safe`.
   */
  readonly repeat?: 'safe' | 'unsafe'
  /**
   * Says, without changing anything, what its work would be refused for: asked before anybody is frozen for it, and by plans.
   * What only the work itself can find out is left to that.
   */
  readonly check?: (ctx: OperationContext, inputs: AnyInputs) => Promise<void>
  /** Looks, by the operation key, whether an earlier attempt took effect: its result, or undefined when it did not. */
  readonly lookUp?: (ctx: OperationContext, inputs: AnyInputs) => Promise<Json | undefined>
  run(ctx: OperationContext, inputs: AnyInputs): Promise<Json | void>
}

/**
 * Captures state. The guest may go on as soon as `cut` resolves; `settle` does what the provider still owes (copy,
 * upload) and resolves only when the part was read back as usable.
 */
export interface CutOperation {
  readonly kind: 'cut'
  readonly inputs?: TSchema
  /**
   * Says, without changing anything, what its work would be refused for: asked before anybody is frozen for it, and by plans.
   * What only the work itself can find out is left to that.
   */
  readonly check?: (ctx: OperationContext, inputs: AnyInputs) => Promise<void>
  /** Says, without changing anything, what the provider will see to itself, as far as that can be known before. For plans. */
  readonly vouches?: (ctx: OperationContext, inputs: AnyInputs) => Promise<Vouched>
  cut(ctx: OperationContext, inputs: AnyInputs): Promise<Receipt>
  settle(ctx: OperationContext, receipt: Receipt, inputs: AnyInputs): Promise<Part>
  /** Reads back, without changing anything, whether a part of the catalog is there and usable. */
  verify?(ctx: OperationContext, part: Part): Promise<PartCheck>
  /** Compares, without changing anything, what a part holds with what the blueprint says and with what is there now. */
  compare?(ctx: OperationContext, part: Part): Promise<PartComparison>
}

/** What a receipt will say of consistency when all goes well. */
export interface Vouched {
  /** null: the provider sees to nothing. */
  readonly consistency: Consistency | null
  /** How it does, or why it does not. */
  readonly reason: string
}

/** What a read-back of a part found. `isMissing`: the provider does not have it any more. */
export interface PartCheck {
  readonly isUsable: boolean
  readonly isMissing: boolean
  /** Why it is not usable, in words; null when it is. */
  readonly reason: string | null
}

/** Freezes. Resolves when the node is seen to be frozen. Never called without its thaw being certain. */
export interface FreezeOperation {
  readonly kind: 'freeze'
  readonly inputs?: TSchema
  /** null: the node cannot carry one. */
  readonly deadman: Deadman | null
  /** What a cut under this freeze is worth. Default: `filesystem` for computes, `application` for what runs on them. */
  readonly gives?: Consistency
  freeze(ctx: OperationContext, inputs: AnyInputs): Promise<Json | void>
}

/** Thaws. Resolves when the node is seen to run again; thawing what is not frozen is no error. */
export interface ThawOperation {
  readonly kind: 'thaw'
  readonly inputs?: TSchema
  thaw(ctx: OperationContext, inputs: AnyInputs): Promise<Json | void>
}

export type PluginOperation = RunOperation | CutOperation | FreezeOperation | ThawOperation

/** Where the deadman of the operation lives; null for operations that do not freeze. */
export function deadmanKind(operation: PluginOperation): DeadmanKind | 'none' | null {
  if (operation.kind === 'freeze') return operation.deadman?.kind ?? 'none'
  return operation.kind === 'run' ? (operation.deadman?.kind ?? null) : null
}

/** What a cut returned: enough to find the object again. `providerId` is what a later delete goes by. */
export interface Receipt {
  readonly [key: string]: Json
  readonly kind: string
  readonly providerId: string
  /** The part that this incremental one rests on. */
  readonly parentId?: string
  /** What the provider itself made sure of, such as a quiesced snapshot; may only raise the measured label. */
  readonly consistency?: Consistency
}

/** A settled piece of a recovery point. `bytes` and `digest` where the provider tells them. */
export interface Part extends Receipt {
  readonly bytes: number | null
  readonly digest: string | null
}

type Given<Schema extends TSchema | undefined> = Schema extends TSchema ? Static<Schema> : AnyInputs

/**
 * An operation in one piece, with inputs typed by their schema.
 *
 * @example
 * operation({ inputs: Type.Object({ path: Type.String() }), run: async (ctx, inputs) => ctx.log.info(inputs.path) })
 */
export function operation<Schema extends TSchema | undefined = undefined>(definition: {
  readonly inputs?: Schema
  readonly deadman?: Deadman
  power?(ctx: OperationContext, inputs: Given<Schema>): Promise<PowerState>
  readonly repeat?: 'safe' | 'unsafe'
  lookUp?(ctx: OperationContext, inputs: Given<Schema>): Promise<Json | undefined>
  check?(ctx: OperationContext, inputs: Given<Schema>): Promise<void>
  run(ctx: OperationContext, inputs: Given<Schema>): Promise<Json | void>
}): RunOperation {
  return { kind: 'run', ...definition } as unknown as RunOperation
}

/** A snapshot or backup in two halves. */
export function cutOperation<Schema extends TSchema | undefined = undefined>(definition: {
  readonly inputs?: Schema
  check?(ctx: OperationContext, inputs: Given<Schema>): Promise<void>
  vouches?(ctx: OperationContext, inputs: Given<Schema>): Promise<Vouched>
  cut(ctx: OperationContext, inputs: Given<Schema>): Promise<Receipt>
  settle(ctx: OperationContext, receipt: Receipt, inputs: Given<Schema>): Promise<Part>
  verify?(ctx: OperationContext, part: Part): Promise<PartCheck>
  compare?(ctx: OperationContext, part: Part): Promise<PartComparison>
}): CutOperation {
  return { kind: 'cut', ...definition } as unknown as CutOperation
}

/** A freeze with its deadman. */
export function freezeOperation<Schema extends TSchema | undefined = undefined>(definition: {
  readonly inputs?: Schema
  readonly deadman: Deadman | null
  readonly gives?: Consistency
  freeze(ctx: OperationContext, inputs: Given<Schema>): Promise<Json | void>
}): FreezeOperation {
  return { kind: 'freeze', ...definition } as unknown as FreezeOperation
}

/** A thaw that reads back. */
export function thawOperation<Schema extends TSchema | undefined = undefined>(definition: {
  readonly inputs?: Schema
  thaw(ctx: OperationContext, inputs: Given<Schema>): Promise<Json | void>
}): ThawOperation {
  return { kind: 'thaw', ...definition } as unknown as ThawOperation
}
