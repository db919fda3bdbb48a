// modify.resize of a machine: processors and memory. Added while it runs where that is wanted and the machine takes it; else it
// is turned off for it, and does afterwards what it did.
import { operation } from '../../contract/operation.ts'
import { struct } from '../client/value.ts'
import { badProperty } from '../errors.ts'
import { machineOfNode } from './machine-of.ts'
import { bring } from './power.ts'

export const resize = operation({
  async run(ctx, inputs) {
    const { vcenter, settings, machine } = await machineOfNode(ctx, inputs)
    const { options, server, limit } = settings
    const cpus = options.integer('cpus', 1, 1024) ?? server.integer('cpus', 1, 1024)
    const memory = options.integer('memory', 4) ?? server.integer('memory', 4)
    if (cpus === undefined && memory === undefined) throw badProperty('server', 'it names neither cpus nor memory')
    const isHot = options.boolean('hot_add') ?? true
    // What it did before is remembered: broken off in the middle, it is found turned off.
    const { runtimeProperties } = ctx.instance
    const before = runtimeProperties['power_before_resize'] ?? machine.power
    if (!isHot && before === 'poweredOn') {
      runtimeProperties['power_before_resize'] = before
      await ctx.save()
      await bring(vcenter, machine.ref, 'poweredOff', limit)
    }
    const spec = struct([
      ['numCPUs', cpus],
      ['memoryMB', memory],
    ])
    await vcenter.run(machine.ref, 'ReconfigVM_Task', [['spec', spec]], { limit })
    if (before === 'poweredOn') await bring(vcenter, machine.ref, 'poweredOn', limit)
    delete runtimeProperties['power_before_resize']
    ctx.log.info(`Machine ${machine.name} has ${cpus ?? 'as many'} processors and ${memory ?? 'as many'} MiB now`)
  },
})
