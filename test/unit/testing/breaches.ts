// Plugins that break the contract, each in one way, made out of the template: which cases have to find that.
import { createHash, randomUUID } from 'node:crypto'
import { Type } from 'typebox'
import type { JsonObject } from '../../../src/kernel/json.ts'
import type { OperationContext } from '../../../src/plugins/contract/context.ts'
import type {
  CutOperation,
  FreezeOperation,
  PluginOperation,
  RunOperation,
  ThawOperation,
} from '../../../src/plugins/contract/operation.ts'

type Operations = Readonly<Record<string, PluginOperation>>
type Changed = Record<string, Partial<PluginOperation>>

export interface Breach {
  readonly name: string
  readonly change: (operations: Originals) => Changed
  /** Cases that must be broken by it. */
  readonly finds: readonly string[]
}

export interface Originals {
  readonly freeze: FreezeOperation
  readonly thaw: ThawOperation
  readonly cut: CutOperation
  readonly apply: RunOperation
  readonly remove: RunOperation
  readonly suspend: RunOperation
  readonly resume: RunOperation
}

export function originalsOf(operations: Operations): Originals {
  return {
    freeze: operations['box.freeze'] as FreezeOperation,
    thaw: operations['box.thaw'] as ThawOperation,
    cut: operations['box.snapshot_create'] as CutOperation,
    apply: operations['box.snapshot_apply'] as RunOperation,
    remove: operations['box.snapshot_delete'] as RunOperation,
    suspend: operations['box.suspend'] as RunOperation,
    resume: operations['box.resume'] as RunOperation,
  }
}

const nothing = async (): Promise<void> => {}
const counted = (limit: number, work: () => Promise<void>): (() => Promise<void>) => {
  let calls = 0
  return async () => {
    if (++calls > limit) throw new TypeError('once too often')
    await work()
  }
}
const withKey = (ctx: OperationContext, key: string): OperationContext => ({
  ...ctx,
  operation: { ...ctx.operation, key },
})
const idOf = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 16)

function frozenUntil({ freeze }: Originals, until: (ctx: OperationContext) => number): Changed {
  return {
    'box.freeze': {
      async freeze(ctx: OperationContext, inputs: JsonObject) {
        ctx.instance.runtimeProperties['frozenUntil'] = until(ctx)
        await freeze.freeze(ctx, inputs)
      },
    },
  }
}

function deadman({ freeze }: Originals, change: Partial<NonNullable<FreezeOperation['deadman']>>): Changed {
  if (!freeze.deadman) throw new Error('the template has a deadman')
  return { 'box.freeze': { deadman: { ...freeze.deadman, ...change } } }
}

export const breaches: readonly Breach[] = [
  {
    name: 'an operation is missing',
    change: () => ({ 'box.statistics': undefined as never }),
    finds: ['operations.exist'],
  },
  {
    name: 'freezing does nothing',
    change: () => ({ 'box.freeze': { freeze: nothing } }),
    finds: ['freeze.stands_still', 'freeze.again_after_thaw', 'freeze.twice', 'deadman.fires'],
  },
  {
    name: 'thawing does nothing',
    change: () => ({ 'box.thaw': { thaw: nothing } }),
    finds: ['thaw.runs_again', 'thaw.twice', 'freeze.twice'],
  },
  {
    name: 'thawing freezes',
    change: ({ freeze }) => ({
      'box.thaw': {
        async thaw(ctx: OperationContext) {
          ctx.instance.runtimeProperties['frozenUntil'] = ctx.world.clock.now() + 10_000
          await freeze.freeze(ctx, {})
        },
      },
    }),
    finds: ['thaw.of_running'],
  },
  { name: 'nothing thaws but we', change: (all) => frozenUntil(all, () => 9e15), finds: ['deadman.fires'] },
  {
    name: 'the deadman fires at once',
    change: (all) => frozenUntil(all, (ctx) => ctx.world.clock.now() + 20),
    finds: ['deadman.not_before_its_time', 'deadman.disarmed', 'deadman.keeps_to_its_token'],
  },
  {
    name: 'disarm tells of a firing that never was',
    change: (all) => deadman(all, { disarm: async () => ({ firedAt: 1 }) }),
    finds: ['deadman.disarmed', 'deadman.disarmed_twice'],
  },
  {
    name: 'a lease can be extended for ever',
    change: (all) =>
      deadman(all, {
        extend: async (ctx, handle) => {
          await all.freeze.deadman?.extend?.(ctx, { ...handle, latest: 9e15 }, 9e15)
          return { ...handle, latest: 9e15 }
        },
      }),
    finds: ['deadman.extends'],
  },
  {
    name: 'arming fails without words',
    change: (all) => deadman(all, { arm: () => Promise.reject(new TypeError('x is not a function')) }),
    finds: ['deadman.refuses_clearly'],
  },
  {
    name: 'suspend does nothing',
    change: () => ({ 'box.suspend': { run: nothing } }),
    finds: ['power.suspend_resume'],
  },
  {
    name: 'resume works once only',
    change: ({ resume }) => {
      let calls = 0
      const run: RunOperation['run'] = (ctx, inputs) => {
        if (++calls > 1) throw new TypeError('once too often')
        return resume.run(ctx, inputs)
      }
      return { 'box.resume': { run } }
    },
    finds: ['power.twice'],
  },
  {
    name: 'statistics are words',
    change: () => ({ 'box.statistics': { run: async () => 'fine' } }),
    finds: ['statistics.figures'],
  },
  {
    name: 'a name may be anything',
    change: () => ({ 'box.snapshot_create': { inputs: Type.Object({ snapshot_name: Type.Unknown() }) } }),
    finds: ['inputs.refused'],
  },
  {
    name: 'names are not expected to be strange',
    change: ({ cut }) => ({
      'box.snapshot_create': {
        cut: (ctx: OperationContext, inputs: JsonObject) => {
          if (String(inputs['snapshot_name']).includes('..')) throw new RangeError('not that')
          return cut.cut(ctx, inputs)
        },
      },
    }),
    finds: ['names.hostile'],
  },
  {
    name: 'what is made carries no key',
    change: ({ cut }) => ({
      'box.snapshot_create': {
        cut: (ctx: OperationContext, inputs: JsonObject) => cut.cut(withKey(ctx, randomUUID()), inputs),
      },
    }),
    finds: ['cut.in_doubt', 'cut.undone_by_key'],
  },
  {
    name: 'all that is made has one name',
    change: ({ cut }) => ({
      'box.snapshot_create': {
        cut: (ctx: OperationContext, inputs: JsonObject) => cut.cut(withKey(ctx, 'same'), inputs),
      },
    }),
    finds: ['cut.other_work'],
  },
  {
    name: 'a cancelled cut leaves what it made, under no name',
    change: ({ cut }) => ({
      'box.snapshot_create': {
        async cut(ctx: OperationContext, inputs: JsonObject) {
          if (!ctx.signal.aborted) return cut.cut(ctx, inputs)
          await cut.cut(withKey(ctx, randomUUID()), inputs)
          throw ctx.signal.reason
        },
      },
    }),
    finds: ['cancel.cut'],
  },
  {
    name: 'a receipt names nothing',
    change: () => ({ 'box.snapshot_create': { cut: async () => ({ kind: '', providerId: '' }) } }),
    finds: ['cut.receipt', 'settle.there'],
  },
  {
    name: 'a part is another one each time, with sizes in words',
    change: () => ({
      'box.snapshot_create': {
        settle: async () => ({ kind: 'x', providerId: randomUUID(), bytes: 'many' as never, digest: null }),
      },
    }),
    finds: ['settle.part', 'settle.twice'],
  },
  {
    name: 'deleting does nothing',
    change: () => ({ 'box.snapshot_delete': { run: nothing } }),
    finds: ['delete.exactly_that', 'cut.undone_by_key'],
  },
  {
    name: 'deleting goes by the name',
    change: ({ remove }) => ({
      'box.snapshot_delete': {
        async run(ctx: OperationContext, inputs: JsonObject) {
          const providerId = idOf(`contract/${String(inputs['snapshot_name'])}/node_x1y2z3`)
          await remove.run({ ...ctx, part: { providerId } }, inputs)
        },
      },
    }),
    finds: ['cut.no_delete_by_name'],
  },
  {
    name: 'deleting takes everything along',
    change: ({ remove }) => ({
      'box.snapshot_delete': {
        async run(_ctx: OperationContext, inputs: JsonObject) {
          for (const name of ['one', 'two'])
            await remove.run({ ..._ctx, part: { providerId: idOf(`contract/${name}/node_x1y2z3`) } }, inputs)
        },
      },
    }),
    finds: ['cut.nothing_to_undo', 'delete.exactly_that'],
  },
  {
    name: 'deleting works once only',
    change: () => ({ 'box.snapshot_delete': { run: counted(1, nothing) } }),
    finds: ['delete.twice'],
  },
  {
    name: 'applying does nothing',
    change: () => ({ 'box.snapshot_apply': { run: nothing } }),
    finds: ['apply.puts_back', 'apply.twice', 'apply.missing'],
  },
  {
    name: 'applying removes what is newer',
    change: ({ apply, remove }) => ({
      'box.snapshot_apply': {
        async run(ctx: OperationContext, inputs: JsonObject) {
          await apply.run(ctx, inputs)
          await remove.run({ ...ctx, part: { providerId: idOf('contract/two/node_x1y2z3') } }, inputs)
        },
      },
    }),
    finds: ['apply.older'],
  },
  {
    name: 'everything is usable',
    change: () => ({
      'box.snapshot_create': { verify: async () => ({ isUsable: true, isMissing: false, reason: null }) },
    }),
    finds: ['verify.missing'],
  },
  {
    name: 'nothing is usable',
    change: () => ({
      'box.snapshot_create': { verify: async () => ({ isUsable: false, isMissing: true, reason: 'no' }) },
    }),
    finds: ['verify.usable'],
  },
  {
    name: 'secrets are told',
    change: ({ cut }) => ({
      'box.snapshot_create': {
        async cut(ctx: OperationContext, inputs: JsonObject) {
          ctx.log.info((await ctx.secret('password')).reveal())
          return cut.cut(ctx, inputs)
        },
      },
    }),
    finds: ['secrets.stay_secret'],
  },
]
