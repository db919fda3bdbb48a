// freeze.suspend and freeze.resume of a machine: asleep with its memory on disk; both end with the state read back.
import type { OperationContext } from '../../contract/context.ts'
import { operation, type AnyInputs } from '../../contract/operation.ts'
import { machineOfNode } from './machine-of.ts'
import { powerStateOf } from './machine.ts'
import { bring } from './power.ts'

const power = async (ctx: OperationContext, inputs: AnyInputs) =>
  powerStateOf((await machineOfNode(ctx, inputs)).machine.power)

export const suspend = operation({
  power,
  async run(ctx, inputs) {
    const { vcenter, settings, machine } = await machineOfNode(ctx, inputs)
    if (machine.power !== 'poweredOn') return ctx.log.info(`Machine ${machine.name} is ${machine.power} already`)
    await bring(vcenter, machine.ref, 'suspended', settings.limit)
    ctx.log.info(`Suspended machine ${machine.name} (${machine.ref.id})`)
  },
})

export const resume = operation({
  power,
  async run(ctx, inputs) {
    const { vcenter, settings, machine } = await machineOfNode(ctx, inputs)
    if (machine.power === 'poweredOn') return ctx.log.info(`Machine ${machine.name} runs already`)
    await bring(vcenter, machine.ref, 'poweredOn', settings.limit)
    ctx.log.info(`Resumed machine ${machine.name} (${machine.ref.id})`)
  },
})
