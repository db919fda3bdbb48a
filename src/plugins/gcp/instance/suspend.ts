// freeze.suspend and freeze.resume of an instance: its memory goes to disk and comes back; both end with the state read back.
import type { OperationContext } from '../../contract/context.ts'
import { operation, type AnyInputs } from '../../contract/operation.ts'
import { cannot } from '../errors.ts'
import type { GcpSettings } from '../settings.ts'
import { instanceOfNode } from './instance-of.ts'
import { bring, untilResting, type PowerOptions } from './power.ts'
import { powerOf, readInstance } from './views.ts'

const optionsOf = ({ options }: GcpSettings): PowerOptions => ({
  deadline: options.seconds('suspend_timeout'),
  dropsLocalSsd: options.boolean('discard_local_ssd') ?? false,
})

const power = async (ctx: OperationContext, inputs: AnyInputs) => {
  const { project, ref } = await instanceOfNode(ctx, inputs)
  return powerOf(await readInstance(project, ref))
}

export const suspend = operation({
  power,
  async run(ctx, inputs) {
    const { project, ref, settings } = await instanceOfNode(ctx, inputs)
    const { status } = await untilResting(project, ref, optionsOf(settings))
    if (status === 'SUSPENDED') return ctx.log.info(`Instance ${ref.name} is suspended already`)
    if (status !== 'RUNNING') throw cannot('instance', ref.name, 'suspended', status)
    await bring(project, ref, 'SUSPENDED', optionsOf(settings))
    ctx.log.info(`Suspended instance ${ref.name}`)
  },
})

export const resume = operation({
  power,
  async run(ctx, inputs) {
    const { project, ref, settings } = await instanceOfNode(ctx, inputs)
    const { status } = await untilResting(project, ref, optionsOf(settings))
    if (status === 'RUNNING') return ctx.log.info(`Instance ${ref.name} runs already`)
    if (status !== 'SUSPENDED') throw cannot('instance', ref.name, 'resumed', status)
    await bring(project, ref, 'RUNNING', { ...optionsOf(settings), isUrgent: true })
    ctx.log.info(`Resumed instance ${ref.name}`)
  },
})
