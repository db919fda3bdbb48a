// The power interface of a machine's node: on, off, reset, reboot, shut down. Asked for by name, they also work on machines
// that were there before.
import { operation } from '../../contract/operation.ts'
import { machineOfNode } from './machine-of.ts'
import { bring, lateShutdown, reboot as rebootMachine, shutDown as shutDownMachine } from './power.ts'

export const powerOn = operation({
  async run(ctx, inputs) {
    const { vcenter, settings, machine } = await machineOfNode(ctx, inputs)
    await bring(vcenter, machine.ref, 'poweredOn', settings.limit)
    ctx.log.info(`Machine ${machine.name} is on`)
  },
})

export const powerOff = operation({
  async run(ctx, inputs) {
    const { vcenter, settings, machine } = await machineOfNode(ctx, inputs)
    await bring(vcenter, machine.ref, 'poweredOff', settings.limit)
    ctx.log.info(`Machine ${machine.name} is off`)
  },
})

export const reset = operation({
  async run(ctx, inputs) {
    const { vcenter, settings, machine } = await machineOfNode(ctx, inputs)
    await vcenter.run(machine.ref, 'ResetVM_Task', [], { limit: settings.limit })
    ctx.log.info(`Machine ${machine.name} was reset`)
  },
})

export const reboot = operation({
  async run(ctx, inputs) {
    const { vcenter, settings, machine } = await machineOfNode(ctx, inputs)
    await rebootMachine(vcenter, machine.ref, settings.limit)
    ctx.log.info(`Machine ${machine.name} boots anew`)
  },
})

/** Resolves when it is off. */
export const shutDown = operation({
  async run(ctx, inputs) {
    const { vcenter, settings, machine } = await machineOfNode(ctx, inputs)
    if (!(await shutDownMachine(vcenter, machine.ref, settings.limit))) throw lateShutdown(machine, settings.limit)
    ctx.log.info(`Machine ${machine.name} was shut down`)
  },
})

/** Whether it can be worked with: it runs, and where tools are, they do as well. */
export const getState = operation({
  async run(ctx, inputs) {
    const { machine } = await machineOfNode(ctx, inputs)
    return machine.power === 'poweredOn'
  },
})
