// A provider whose calls take time and whose deadmen fire by themselves, for brackets in a simulated world: how long a
// node really stood still, and whether a cut really fell into that, is known here and nowhere else.
import type { Consistency } from '../../src/plugins/contract/consistency.ts'
import type { Deadman, DeadmanFinalize, DeadmanProbe } from '../../src/plugins/contract/deadman.ts'
import {
  cutOperation,
  freezeOperation,
  operation,
  thawOperation,
  type PluginOperation,
} from '../../src/plugins/contract/operation.ts'
import type { OperationContext } from '../../src/plugins/contract/context.ts'
import { snapshotCreate, snapshotDelete } from '../../src/lifecycle/operations.ts'
import type { BracketOptions, BracketOutcome } from '../../src/plugins/contract/workflow.ts'
import { simulatedWorld, type SimulatedWorld } from '../../src/world/simulated-world.ts'
import { freezeTiers } from '../../src/workflows/tiers.ts'
import { threeTier } from './freezing-provider.ts'
import { testSite, type SiteOptions, type TestSite } from './site.ts'

export interface TimedOptions {
  /** How long a call takes: `cut`, or `cut db` for one instance. */
  readonly takes?: Readonly<Record<string, number>>
  /** Called first: may throw, or hang. */
  readonly hooks?: Readonly<Record<string, (ctx: OperationContext) => Promise<void> | void>>
  readonly longestHold?: number
  readonly hasExtend?: boolean
  readonly probe?: (id: string) => DeadmanProbe | undefined
  readonly gives?: Consistency
  /** Nothing on the node would thaw it. */
  readonly hasNoDeadman?: boolean
}

interface Armed {
  readonly id: string
  readonly by: number
  readonly maximum: number
  firedAt: number | null
  over: AbortController
}

export interface TimedProvider {
  readonly operations: Readonly<Record<string, PluginOperation>>
  /** What was called, in order: `freeze db`. */
  readonly log: string[]
  /** Spans in which a node really stood still. */
  readonly stood: { readonly id: string; readonly from: number; readonly to: number }[]
  readonly frozen: Map<string, number>
  readonly armed: Map<string, Armed>
  readonly snapshots: Set<string>
  readonly finalizes: (DeadmanFinalize | undefined)[]
  readonly seen: { readonly what: string; readonly bracket: unknown; readonly part: unknown }[]
}

export function timedProvider(options: TimedOptions = {}): TimedProvider {
  const frozen = new Map<string, number>()
  const armed = new Map<string, Armed>()
  const snapshots = new Set<string>()
  const log: string[] = []
  const stood: { id: string; from: number; to: number }[] = []
  const finalizes: (DeadmanFinalize | undefined)[] = []
  const seen: TimedProvider['seen'] = []
  const called = async (what: string, ctx: OperationContext): Promise<string> => {
    const { id } = ctx.instance
    log.push(`${what} ${id}`)
    seen.push({ what: `${what} ${id}`, bracket: ctx.bracket, part: ctx.part })
    await options.hooks?.[`${what} ${id}`]?.(ctx)
    const length = options.takes?.[`${what} ${id}`] ?? options.takes?.[what] ?? 0
    if (length > 0) await ctx.world.clock.sleep(length, ctx.signal)
    return id
  }
  const thawNow = (id: string, now: number): void => {
    const from = frozen.get(id)
    if (from === undefined) return
    stood.push({ id, from, to: now })
    frozen.delete(id)
  }
  const start = (ctx: OperationContext, token: string, lease: number): void => {
    const one = armed.get(token)
    if (!one) return
    one.over = new AbortController()
    const { clock } = ctx.world
    clock.sleep(lease, one.over.signal).then(
      () => {
        one.firedAt = clock.now()
        thawNow(one.id, clock.now())
      },
      () => {},
    )
  }
  const deadman: Deadman = {
    kind: 'guest',
    ...(options.longestHold === undefined ? {} : { longestHold: options.longestHold }),
    async arm(ctx, { token, lease, maximum = lease, finalize }) {
      const id = await called('arm', ctx)
      finalizes.push(finalize)
      armed.get(token)?.over.abort()
      const by = ctx.world.clock.now()
      armed.set(token, { id, by, maximum, firedAt: null, over: new AbortController() })
      start(ctx, token, lease)
      return { token }
    },
    async disarm(ctx, handle) {
      await called('disarm', ctx)
      const one = armed.get(String(handle['token']))
      one?.over.abort()
      armed.delete(String(handle['token']))
      return { firedAt: one?.firedAt ?? null }
    },
    ...(options.hasExtend
      ? {
          async extend(ctx: OperationContext, handle: Readonly<Record<string, unknown>>, lease: number) {
            await called('extend', ctx)
            const token = String(handle['token'])
            const one = armed.get(token)
            if (!one || one.firedAt !== null) throw new Error('it has fired')
            if (ctx.world.clock.now() + lease > one.by + one.maximum) throw new Error('beyond its maximum')
            one.over.abort()
            start(ctx, token, lease)
            return { token }
          },
        }
      : {}),
    ...(options.probe
      ? {
          async probe(ctx: OperationContext) {
            const found = options.probe?.(ctx.instance.id)
            return found ?? { kind: 'guest' as const, longestHold: options.longestHold ?? null, reason: null }
          },
        }
      : {}),
  }
  const operations = {
    freeze: freezeOperation({
      deadman: options.hasNoDeadman ? null : deadman,
      ...(options.gives ? { gives: options.gives } : {}),
      async freeze(ctx) {
        const id = await called('freeze', ctx)
        frozen.set(id, ctx.world.clock.now())
      },
    }),
    prepare: operation({
      deadman,
      async run(ctx) {
        frozen.set(await called('freeze', ctx), ctx.world.clock.now())
      },
    }),
    thaw: thawOperation({
      async thaw(ctx) {
        thawNow(await called('thaw', ctx), ctx.world.clock.now())
      },
    }),
    cut: cutOperation({
      async cut(ctx) {
        await called('cut', ctx)
        snapshots.add(ctx.operation.key)
        return { kind: 'test', providerId: ctx.operation.key }
      },
      async settle(ctx, receipt) {
        await called('settle', ctx)
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
  return { operations, log, stood, frozen, armed, snapshots, finalizes, seen }
}

export interface TimedSite {
  readonly test: TestSite
  readonly provider: TimedProvider
  readonly world: SimulatedWorld
}

/** A site in a simulated world with such a provider; of three tiers unless it is said otherwise. */
export async function timedSite(options: TimedOptions, site: Partial<SiteOptions> = {}): Promise<TimedSite> {
  const provider = timedProvider(options)
  const world = simulatedWorld(1)
  const { operations } = provider
  return { test: await testSite({ nodes: threeTier, operations, world, lease: 5000, ...site }), provider, world }
}

/** The bracket of a backup over all members, with whatever a test wants otherwise. */
export function bracketOverAll(test: TestSite, changed: Partial<BracketOptions> = {}): Promise<BracketOutcome> {
  const { members } = test.run
  return test.run.bracket({
    purpose: 'save',
    name: 'backup',
    tiers: freezeTiers(members, {}),
    cut: { operation: snapshotCreate, undo: snapshotDelete, members, order: 'none', inputs: {} },
    ...changed,
  })
}

/** Lets time pass, in small steps with all real work done before each, until the promise has settled. */
export async function drive<Value>(world: SimulatedWorld, work: Promise<Value>, step = 10): Promise<Value> {
  const state = { isOver: false }
  const over = (): void => void (state.isOver = true)
  work.then(over, over)
  for (let passed = 0; passed < 3_600_000; passed += step) {
    // The store writes in turns of the event loop; virtual time waits for it.
    for (let turn = 0; turn < 40 && !state.isOver; turn++) await new Promise((resolve) => setImmediate(resolve))
    if (state.isOver) return work
    await world.advance(step)
  }
  throw new Error('it did not end within an hour of virtual time')
}

/** All moments that the run has reported, in order. */
export async function momentsOf(test: TestSite): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const rows = await test.store.query.selectFrom('traces').selectAll().orderBy('batch').execute()
  return rows.flatMap((row) => JSON.parse(row.records) as Readonly<Record<string, unknown>>[])
}
