// A provider in memory whose nodes can be frozen, cut and thawed. It knows what is frozen, which deadmen are armed and
// which snapshots exist, outlives the "processes" of a test, and writes down every breach of a bracket's order.
import type { Deadman } from '../../src/plugins/contract/deadman.ts'
import {
  cutOperation,
  freezeOperation,
  operation,
  thawOperation,
  type PluginOperation,
} from '../../src/plugins/contract/operation.ts'
import type { OperationContext } from '../../src/plugins/contract/context.ts'
import { fsFinalize, fsPrepare, snapshotCreate, snapshotDelete } from '../../src/lifecycle/operations.ts'
import { freezeTiers } from '../../src/workflows/tiers.ts'
import type { BracketOutcome } from '../../src/plugins/contract/workflow.ts'
import type { NodeSketch, TestSite } from './site.ts'

export const calls = { [fsPrepare]: 'freeze', [fsFinalize]: 'thaw', [snapshotCreate]: 'cut', [snapshotDelete]: 'undo' }

/** A compute with a database on it and a web server that depends on that. */
export const threeTier: readonly NodeSketch[] = [
  { id: 'vm', isCompute: true, operations: calls },
  { id: 'db', host: 'vm', dependsOn: ['vm'], operations: calls },
  { id: 'web', host: 'vm', dependsOn: ['db'], operations: calls },
]

export interface Outside {
  readonly frozen: readonly string[]
  /** Token -> instance. */
  readonly armed: Readonly<Record<string, string>>
  /** Operation keys of the cuts that exist. */
  readonly snapshots: readonly string[]
}

export interface FreezingProvider {
  readonly log: string[]
  readonly breaches: string[]
  readonly operations: Readonly<Record<string, PluginOperation>>
  outside(): Outside
}

/** What each call does beside its effect: `cut vm` -> called before the effect takes place. */
export type Hooks = Readonly<Record<string, (ctx: OperationContext) => Promise<void> | void>>

export interface ProviderOptions {
  readonly nodes?: readonly NodeSketch[]
  readonly from?: Outside
  readonly hooks?: Hooks
  /** Instances whose deadman reports to have fired, with the moment. */
  readonly fired?: Readonly<Record<string, number>>
}

export function freezingProvider(options: ProviderOptions = {}): FreezingProvider {
  const nodes = options.nodes ?? threeTier
  const frozen = new Set(options.from?.frozen)
  const armed = new Map(Object.entries(options.from?.armed ?? {}))
  const snapshots = new Set(options.from?.snapshots)
  const log: string[] = []
  const breaches: string[] = []
  const called = async (what: string, ctx: OperationContext): Promise<string> => {
    const { id } = ctx.instance
    log.push(`${what} ${id}`)
    await options.hooks?.[`${what} ${id}`]?.(ctx)
    return id
  }
  const deadman: Deadman = {
    kind: 'host',
    async arm(ctx, { token }) {
      armed.set(token, await called('arm', ctx))
      return { token }
    },
    async disarm(ctx, handle) {
      const id = await called('disarm', ctx)
      if (frozen.has(id) && log.includes(`thaw ${id}`)) breaches.push(`disarmed ${id} while it was frozen`)
      armed.delete(String(handle['token']))
      return { firedAt: options.fired?.[id] ?? null }
    },
  }
  const operations = {
    freeze: freezeOperation({
      deadman,
      async freeze(ctx) {
        const id = await called('freeze', ctx)
        if (![...armed.values()].includes(id)) breaches.push(`froze ${id} without a deadman`)
        frozen.add(id)
      },
    }),
    thaw: thawOperation({
      async thaw(ctx) {
        frozen.delete(await called('thaw', ctx))
      },
    }),
    cut: cutOperation({
      async cut(ctx) {
        const id = await called('cut', ctx)
        const running = nodes.filter((node) => fsPrepare in node.operations && !frozen.has(node.id))
        if (running.length > 0) breaches.push(`cut ${id} while ${running.map((node) => node.id).join(', ')} ran`)
        snapshots.add(ctx.operation.key)
        return { kind: 'test', providerId: ctx.operation.key }
      },
      async settle(ctx, receipt) {
        const id = await called('settle', ctx)
        if (frozen.has(id)) breaches.push(`settled ${id} while it was frozen`)
        if (!snapshots.has(receipt.providerId)) breaches.push(`settled ${id} without its snapshot`)
        return { ...receipt, bytes: 1, digest: null }
      },
    }),
    undo: operation({
      async run(ctx) {
        await called('undo', ctx)
        snapshots.delete(ctx.operation.key)
      },
    }),
  }
  const outside = (): Outside => ({ frozen: [...frozen], armed: Object.fromEntries(armed), snapshots: [...snapshots] })
  return { log, breaches, operations, outside }
}

/** The bracket of a backup over all members of the site. */
export function backUpAll(test: TestSite, lease?: number, isBestEffort = false): Promise<BracketOutcome> {
  const members = test.run.members
  return test.run.bracket({
    purpose: 'save',
    name: 'backup',
    tiers: freezeTiers(members, {}),
    cut: { operation: snapshotCreate, undo: snapshotDelete, members, order: 'none', inputs: {} },
    isBestEffort,
    ...(lease === undefined ? {} : { lease }),
  })
}

/** What a promise came to: its fault, or undefined when it resolved. */
export function faultOf(work: Promise<unknown>): Promise<(Error & { readonly code?: string }) | undefined> {
  return work.then(
    () => undefined,
    (thrown: Error) => thrown,
  )
}
