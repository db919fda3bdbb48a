// The life of a machine: made once, seen to run, turned off and destroyed by its id. One that was there before is used as it
// is, and stays.
import { seconds } from '../../../kernel/duration.ts'
import { Fault } from '../../../kernel/fault.ts'
import type { OperationContext } from '../../contract/context.ts'
import { operation, type AnyInputs } from '../../contract/operation.ts'
import { notReached } from '../errors.ts'
import { findMachine, refOf } from './machine.ts'
import { machineOfNode, vcenterOfNode, type NodeMachine } from './machine-of.ts'
import { assertMakeable, makeMachine } from './make.ts'
import { bring, shutDown } from './power.ts'
import { addressOf, forgetMachine, recordMachine } from './record.ts'

export const create = operation({
  async check(ctx, inputs) {
    const { settings } = await vcenterOfNode(ctx, inputs)
    if (settings.isExternal) await machineOfNode(ctx, inputs)
    else assertMakeable(settings)
  },
  async run(ctx, inputs) {
    const place = await vcenterOfNode(ctx, inputs)
    const { vcenter, settings } = place
    if (settings.isExternal) {
      const { machine } = await machineOfNode(ctx, inputs)
      await recordMachine(ctx, vcenter, machine.ref, true)
      return ctx.log.info(`Uses the external machine ${machine.name} (${machine.ref.id})`)
    }
    const known = settings.machineId === undefined ? undefined : await findMachine(vcenter, refOf(settings.machineId))
    const ref = known?.ref ?? (await makeMachine(ctx, place))
    const { name } = await recordMachine(ctx, vcenter, ref, false)
    ctx.log.info(`Created machine ${name} (${ref.id})`)
  },
})

export const start = operation({
  async run(ctx, inputs) {
    const { vcenter, settings, machine } = await machineOfNode(ctx, inputs)
    if (settings.isExternal) return ctx.log.info(`Machine ${machine.name} is external and left as it is`)
    if (settings.options.boolean('enable_start_vm') === false) return ctx.log.info('It is not to be started')
    await bring(vcenter, machine.ref, 'poweredOn', settings.limit)
    ctx.log.info(`Started machine ${machine.name} (${machine.ref.id})`)
  },
})

/** Reads its address; waits for one where the blueprint says so. */
export const poststart = operation({
  async run(ctx, inputs) {
    const { vcenter, settings, machine } = await machineOfNode(ctx, inputs)
    if (settings.options.boolean('wait_ip') === true && machine.power === 'poweredOn') {
      await untilAddress(ctx, { vcenter, settings, machine })
    }
    await recordMachine(ctx, vcenter, machine.ref, settings.isExternal)
  },
})

async function untilAddress(ctx: OperationContext, { vcenter, settings, machine }: NodeMachine): Promise<void> {
  const { clock } = ctx.world
  const end = clock.monotonic() + settings.limit
  while ((await addressOf(vcenter, machine.ref)) === undefined) {
    if (clock.monotonic() >= end) {
      const state = 'without an address'
      throw notReached('machine', machine.name, { state, wanted: 'given one', limit: settings.limit })
    }
    await clock.sleep(seconds(2), ctx.signal)
  }
}

export const stop = operation({
  async run(ctx, inputs) {
    const own = await ownMachine(ctx, inputs, 'force_stop')
    if (own === undefined) return
    const { vcenter, settings, machine } = own
    await bring(vcenter, machine.ref, 'poweredOff', settings.limit)
    ctx.log.info(`Stopped machine ${machine.name} (${machine.ref.id})`)
  },
})

/** Asks the guest; one without tools, or that does not hear, is left to `stop`. */
export const shutdownGuest = operation({
  async run(ctx, inputs) {
    const own = await ownMachine(ctx, inputs, 'force_stop')
    if (own === undefined) return
    const { vcenter, settings, machine } = own
    if (await shutDown(vcenter, machine.ref, settings.limit)) return ctx.log.info(`${machine.name} was shut down`)
    ctx.log.warning(`The guest of ${machine.name} did not shut down; it is turned off when it is stopped`)
  },
})

export const remove = operation({
  async run(ctx, inputs) {
    const own = await ownMachine(ctx, inputs, 'force_delete')
    if (own !== undefined) {
      const { vcenter, settings, machine } = own
      await bring(vcenter, machine.ref, 'poweredOff', settings.limit)
      await vcenter.run(machine.ref, 'Destroy_Task', [], { limit: settings.limit })
      ctx.log.info(`Deleted machine ${machine.name} (${machine.ref.id})`)
    }
    forgetMachine(ctx)
  },
})

/** undefined: there is nothing of ours. */
async function ownMachine(
  ctx: OperationContext,
  inputs: AnyInputs,
  force: 'force_stop' | 'force_delete',
): Promise<NodeMachine | undefined> {
  const { settings } = await vcenterOfNode(ctx, inputs)
  if (settings.isExternal && settings.options.boolean(force) !== true) {
    ctx.log.info(`Machine ${settings.name ?? ''} is external and left as it is`)
    return undefined
  }
  try {
    return await machineOfNode(ctx, inputs)
  } catch (thrown) {
    if (thrown instanceof Fault && ['vsphere.missing', 'vsphere.not_created'].includes(thrown.code)) return undefined
    throw thrown
  }
}
