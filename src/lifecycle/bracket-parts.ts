// What is done to each member that a bracket cuts: the cut itself, what the provider still owes after it, and taking it
// back. Each a durable step that reports its moments.
import type PQueue from 'p-queue'
import type { Instant } from '../kernel/duration.ts'
import { fault, type Fault } from '../kernel/fault.ts'
import { isJsonObject, type Json } from '../kernel/json.ts'
import type { OperationContext } from '../plugins/contract/context.ts'
import type { Part, PluginOperation, Receipt } from '../plugins/contract/operation.ts'
import type { BracketFrame } from './bracket-frame.ts'
import type { OperationRunner, Perform } from './operation-runner.ts'
import { bracketViewOf } from './round.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'

type Half = 'cut' | 'settle' | 'undo'

interface PartRequest {
  readonly operation: string
  readonly part?: Json
  readonly signal: AbortSignal
  readonly deadline?: () => Instant | undefined
  readonly slots?: PQueue
  readonly perform: Perform
}

export class BracketParts {
  readonly #site: Site
  readonly #runner: OperationRunner
  readonly #frame: BracketFrame
  readonly #round: string

  constructor(site: Site, runner: OperationRunner, frame: BracketFrame, round: string) {
    this.#site = site
    this.#runner = runner
    this.#frame = frame
    this.#round = round
  }

  async cut(member: Instance, limits: Pick<PartRequest, 'signal' | 'deadline' | 'slots'>): Promise<void> {
    const { operation: name } = this.#frame.options.cut
    await this.#part('cut', member, {
      ...limits,
      operation: name,
      perform: async (operation, ctx, inputs) => {
        if (operation.kind === 'cut') return operation.cut(ctx, inputs)
        if (operation.kind === 'run') return (await operation.run(ctx, inputs)) ?? null
        const details = { node: member.node.id, operation: name, reason: 'is no snapshot operation' }
        throw fault('plan.unsupported', { details })
      },
    })
  }

  /** Resolves when the part was read back as usable. Operations in one piece are that already. */
  async settle(member: Instance): Promise<void> {
    const { operation: name } = this.#frame.options.cut
    if (this.#frame.operationOf(member, name)?.kind !== 'cut') return
    const receipt = this.receiptOf(member)
    await this.#part('settle', member, {
      operation: name,
      signal: this.#site.signal,
      perform: async (operation, ctx, inputs): Promise<Part | null> =>
        operation.kind === 'cut' ? operation.settle(ctx, receipt as unknown as Receipt, inputs) : null,
    })
  }

  /** Takes back what the cut made. Nothing happens where it certainly made nothing. */
  async undo(member: Instance): Promise<void> {
    const { undo } = this.#frame.options.cut
    if (undo === undefined || !member.does(undo) || !mayBeThere(this.#step('cut', member))) return
    const receipt = this.receiptOf(member)
    await this.#part('undo', member, {
      operation: undo,
      ...(receipt === null ? {} : { part: receipt }),
      signal: new AbortController().signal,
      perform: async (operation, ctx, inputs) =>
        operation.kind === 'run' ? ((await operation.run(ctx, inputs)) ?? null) : null,
    })
  }

  /** What the cut returned; null when that is not known. */
  receiptOf(member: Instance): Json {
    return JSON.parse(this.#step('cut', member)?.result ?? 'null') as Json
  }

  /** What the settled part is; the receipt where nothing was left to settle. */
  resultOf(member: Instance): Json {
    const settled = this.#step('settle', member)?.result
    return settled === undefined || settled === null ? this.receiptOf(member) : (JSON.parse(settled) as Json)
  }

  #step(half: Half, member: Instance) {
    return this.#site.journal.step(`${this.#round}/${half}/${member.id}`)
  }

  async #part(half: Half, member: Instance, request: PartRequest): Promise<void> {
    const planned = member.planned.operations[request.operation]
    if (!planned) return
    const part = request.part ?? this.#frame.options.cut.parts?.[member.id]
    const work = `${this.#round}/part/${member.id}`
    const tell = this.#teller(half, member, `${this.#site.execution.id}/${work}`)
    await this.#runner.run({
      ...request,
      inputs: this.#frame.options.cut.inputs,
      key: `${this.#round}/${half}/${member.id}`,
      work,
      bracket: bracketViewOf(this.#site.journal, this.#round),
      ...(part === undefined ? {} : { part }),
      member,
      planned,
      ...(half === 'settle' ? { half, title: null } : { title: request.operation }),
      perform: (operation, ctx, inputs) => tell.during(operation, ctx, () => request.perform(operation, ctx, inputs)),
      onFailed: tell.failed,
    })
  }

  // A call that was given up may still return: only what was under way is told to have ended.
  #teller(half: Half, member: Instance, key: string) {
    const moment = { instance: member.id, bracket: this.#round, key }
    const { journal } = this.#site
    let underWay = 0
    let calls = 0
    return {
      async during(operation: PluginOperation, ctx: OperationContext, work: () => Promise<Json>): Promise<Json> {
        const call = (underWay = ++calls)
        const { attempt, inDoubt } = ctx.operation
        if (half === 'cut') journal.trace({ type: 'cut.begun', ...moment, attempt, inDoubt })
        else journal.trace({ type: `${half}.begun`, ...moment })
        const result = await work()
        if (underWay !== call) return result
        underWay = 0
        const { providerId = null, consistency = null } = isJsonObject(result) ? result : {}
        const told = {
          cut: { providerId, consistency, isSettled: operation.kind !== 'cut' },
          settle: { providerId, consistency },
          undo: {},
        }
        journal.trace({ type: `${half}.done`, ...moment, ...told[half] })
        return result
      },
      failed({ code, effect }: Fault): void {
        if (underWay === 0) return
        underWay = 0
        journal.trace({ type: `${half}.failed`, ...moment, code, ...(half === 'cut' ? { effect } : {}) })
      },
    }
  }
}

function mayBeThere(step: { readonly state: string; readonly fault: string | null } | undefined): boolean {
  if (!step) return false
  if (step.state !== 'failed') return true
  return !(step.fault ?? '').includes('"effect":"none"')
}
