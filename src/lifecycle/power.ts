// Power states: suspend remembers what it found, resume puts that back, and both read back what they came to.
import { fault } from '../kernel/fault.ts'
import type { OperationContext } from '../plugins/contract/context.ts'
import type { AnyInputs, PowerState, RunOperation } from '../plugins/contract/operation.ts'
import type { ExecuteOptions, Member, Run } from '../plugins/contract/workflow.ts'
import type { OperationRunner } from './operation-runner.ts'
import { forgetPower, powerOnRecord, rememberPower } from './power-record.ts'
import type { Site } from './site.ts'
import type { Instance } from './topology.ts'

/** What a run lends: its own durable steps, so that each key is used once. */
export interface PowerParts {
  readonly site: Site
  readonly runner: OperationRunner
  readonly execute: Run['execute']
  readonly event: Run['event']
  readonly step: Run['step']
  once<Value>(key: string, work: () => Promise<Value>): Promise<Value>
}

/** A provider may need a moment until it shows what it has done. */
const patience = 10_000
const pause = 500

export class Power {
  readonly #parts: PowerParts

  constructor(parts: PowerParts) {
    this.#parts = parts
  }

  async down(member: Member, operation: string, options: ExecuteOptions = {}): Promise<void> {
    const { execute, event, site } = this.#parts
    if (!this.#tells(member, operation)) return void (await execute(member, operation, options))
    const found = await this.#read(member, operation, options, 'found', async (read) => {
      const state = await read()
      site.journal.trace({ type: 'power.found', instance: member.id, state })
      rememberPower(site, member.id, state)
      return state
    })
    if (found !== 'running') return event(`It is ${found} already and is left so`, member)
    await execute(member, operation, options)
    await this.#read(member, operation, options, 'reached', (read) => this.#until(member, read, 'suspended'))
  }

  async up(member: Member, operation: string, options: ExecuteOptions = {}): Promise<void> {
    const { execute, event, site, step } = this.#parts
    const key = keyOf(member, operation, options)
    // Journaled: the record is gone before the execution has ended.
    const wanted = await step(`power/wanted/${key}`, () => powerOnRecord(site, member.id))
    const isLeft = wanted !== null && wanted !== 'running'
    if (isLeft) event(`It was found ${wanted} by suspend and is left so`, member)
    else await execute(member, operation, options)
    if (!this.#tells(member, operation)) {
      if (wanted !== null) await step(`power/forgotten/${key}`, async () => forgetPower(site, member.id))
      return
    }
    await this.#read(member, operation, options, 'restored', async (read) => {
      const state = isLeft ? await read() : await this.#until(member, read, 'running')
      // What somebody else did to it since is none of our business.
      if (!isLeft || state === wanted)
        site.journal.trace({ type: 'power.restored', instance: member.id, state, wanted: wanted ?? 'running' })
      forgetPower(site, member.id)
      return state
    })
  }

  // Down is down: a platform may know only one of suspended and stopped.
  async #until(member: Member, read: () => Promise<PowerState>, wanted: 'running' | 'suspended'): Promise<PowerState> {
    const { clock } = this.#parts.site.world
    const end = clock.monotonic() + patience
    for (;;) {
      const state = await read()
      if ((state === 'running') === (wanted === 'running')) return state
      if (clock.monotonic() >= end)
        throw fault('power.not_reached', { details: { node: member.node.id, state, wanted } })
      await clock.sleep(pause, this.#parts.site.signal)
    }
  }

  #read(
    member: Member,
    operation: string,
    options: ExecuteOptions,
    purpose: 'found' | 'reached' | 'restored',
    work: (read: () => Promise<PowerState>) => Promise<PowerState>,
  ): Promise<PowerState> {
    const { site, runner, once } = this.#parts
    const instance = site.topology.get(member.id)
    const planned = instance.planned.operations[operation]
    if (!planned) throw fault('plan.unknown_operation', { details: { deployment: site.deployment.id, operation } })
    const key = `power/${purpose}/${keyOf(member, operation, options)}`
    return once(key, async () => {
      const state = await runner.run({
        key,
        member: instance,
        operation,
        planned,
        inputs: options.inputs ?? {},
        title: null,
        isRead: true,
        signal: site.signal,
        perform: (found, ctx, inputs) => work(() => powerOf(found as RunOperation, ctx, inputs)),
      })
      return state as PowerState
    })
  }

  #tells(member: Member, operation: string): boolean {
    const instance: Instance = this.#parts.site.topology.get(member.id)
    const planned = member.does(operation) ? instance.planned.operations[operation] : undefined
    const found = planned && this.#parts.site.findOperation(planned.plugin, planned.operation)
    return found?.kind === 'run' && found.power !== undefined
  }
}

function keyOf(member: Member, operation: string, options: ExecuteOptions): string {
  return `${options.phase ?? operation}/${member.id}`
}

async function powerOf(operation: RunOperation, ctx: OperationContext, inputs: AnyInputs): Promise<PowerState> {
  if (operation.power) return operation.power(ctx, inputs)
  throw fault('operation.failed', { details: { message: 'it tells no power state' }, retry: 'never' })
}
