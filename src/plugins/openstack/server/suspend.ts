// freeze.suspend and freeze.resume of a server: asleep with its memory on disk, or paused; both end with the state read back.
import type { OperationContext } from '../../contract/context.ts'
import { operation, type AnyInputs } from '../../contract/operation.ts'
import { cannot } from '../errors.ts'
import { bring, untilIdle } from './power.ts'
import { serverOfNode } from './server-of.ts'
import type { OpenstackSettings } from '../settings.ts'
import type { Pace } from '../../http/wait.ts'
import { powerOf, serverOf } from './server.ts'

const modes = { suspend: 'SUSPENDED', pause: 'PAUSED' } as const

const paceOf = ({ options }: OpenstackSettings): Pace => ({ deadline: options.seconds('suspend_timeout') })

const power = async (ctx: OperationContext, inputs: AnyInputs) => {
  const { cloud, serverId } = await serverOfNode(ctx, inputs)
  return powerOf(await serverOf(cloud, serverId))
}

export const suspend = operation({
  power,
  async run(ctx, inputs) {
    const { cloud, serverId, settings } = await serverOfNode(ctx, inputs)
    const mode = settings.options.oneOf('suspend_mode', ['suspend', 'pause']) ?? 'suspend'
    const { name, status } = await untilIdle(cloud, serverId, paceOf(settings))
    if (status === 'SUSPENDED' || status === 'PAUSED') return ctx.log.info(`Server ${name} is ${status} already`)
    if (status !== 'ACTIVE') throw cannot('server', name, 'suspended', status)
    await bring(cloud, serverId, modes[mode], paceOf(settings))
    ctx.log.info(`Suspended server ${name} (${serverId})`)
  },
})

export const resume = operation({
  power,
  async run(ctx, inputs) {
    const { cloud, serverId, settings } = await serverOfNode(ctx, inputs)
    const { name, status } = await untilIdle(cloud, serverId, paceOf(settings))
    if (status === 'ACTIVE') return ctx.log.info(`Server ${name} runs already`)
    if (status !== 'SUSPENDED' && status !== 'PAUSED') throw cannot('server', name, 'resumed', status)
    await bring(cloud, serverId, 'ACTIVE', { isUrgent: true, ...paceOf(settings) })
    ctx.log.info(`Resumed server ${name} (${serverId})`)
  },
})
