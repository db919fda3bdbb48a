// statistics.perfomance of a machine: what the vCenter shows at once, and its counters of the last twenty seconds.
import { Fault } from '../../../kernel/fault.ts'
import type { Json } from '../../../kernel/json.ts'
import { operation } from '../../contract/operation.ts'
import { allOf, at, numberAt, textAt, type Element } from '../client/element.ts'
import { struct, type Ref } from '../client/value.ts'
import type { VCenter } from '../client/vcenter.ts'
import { machineOfNode } from './machine-of.ts'
import { snapshotAge, snapshotWarning } from './snapshot-age.ts'

interface Figure {
  readonly [key: string]: Json
  readonly value: number
  readonly unit: string
}

export const performance = operation({
  async run(ctx, inputs) {
    const { vcenter, settings, machine } = await machineOfNode(ctx, inputs)
    const { values } = await vcenter.read(machine.ref, [
      'summary.quickStats',
      'config.hardware.numCPU',
      'config.hardware.memoryMB',
    ])
    const now = ctx.world.clock.now()
    const mostDays = settings.options.integer('snapshot_age_days', 0, 36_500)
    const age = snapshotAge(machine, now, mostDays)
    const warning = snapshotWarning(machine, now, mostDays)
    if (warning !== undefined) ctx.log.warning(warning)
    const isOn = machine.power === 'poweredOn'
    const quick = values.get('summary.quickStats')
    const size = (path: string, unit: string): Figure => ({ value: Number(values.get(path)?.text ?? 0), unit })
    const figures = {
      running: isOn ? 1 : 0,
      vcpus: size('config.hardware.numCPU', 'count'),
      memory: size('config.hardware.memoryMB', 'MiB'),
      cpu: quickFigure(quick, 'overallCpuUsage', 'MHz', isOn),
      memory_used: quickFigure(quick, 'guestMemoryUsage', 'MiB', isOn),
      memory_host: quickFigure(quick, 'hostMemoryUsage', 'MiB', isOn),
      uptime: quickFigure(quick, 'uptimeSeconds', 's', isOn),
      snapshots: { value: age.count, unit: 'count' },
      oldest_snapshot: { value: age.oldest, unit: 'days' },
      needs_consolidation: machine.needsConsolidation ? 1 : 0,
      ...(isOn ? await counted(vcenter, machine.ref) : {}),
    }
    ctx.instance.runtimeProperties['stat'] = figures
    return figures
  },
})

// What is off uses nothing, whatever it used last.
function quickFigure(quick: Element | undefined, name: string, unit: string, isOn: boolean): Figure {
  return { value: isOn ? (numberAt(quick, name) ?? 0) : 0, unit }
}

/** Group, counter, how it is summed up -> our name, and what the vCenter's unit is to be multiplied with. */
const wanted = {
  'cpu.usage.average': { name: 'cpu_usage', unit: '%', factor: 0.01 },
  'mem.usage.average': { name: 'memory_usage', unit: '%', factor: 0.01 },
  'disk.usage.average': { name: 'disk', unit: 'KiB/s', factor: 1 },
  'net.usage.average': { name: 'network', unit: 'KiB/s', factor: 1 },
} as const

const realtime = 20

// Not every user may see counters, and they are no more than an addition.
async function counted(vcenter: VCenter, ref: Ref): Promise<Record<string, Figure>> {
  try {
    const manager = await vcenter.manager('perfManager')
    const ids = await counterIds(vcenter, manager)
    const metrics = [...ids.keys()].map((id) =>
      struct([
        ['counterId', id],
        ['instance', ''],
      ]),
    )
    const answer = await vcenter.call(manager, 'QueryPerf', [
      [
        'querySpec',
        struct([
          ['entity', ref],
          ['maxSample', 1],
          ['metricId', metrics],
          ['intervalId', realtime],
          ['format', 'normal'],
        ]),
      ],
    ])
    return Object.fromEntries(
      allOf(at(answer, 'returnval'), 'value').flatMap((series) => {
        const counter = ids.get(numberAt(series, 'id', 'counterId') ?? -1)
        const value = Number(allOf(series, 'value').at(-1)?.text)
        if (counter === undefined || !Number.isFinite(value) || value < 0) return []
        return [[counter.name, { value: value * counter.factor, unit: counter.unit }] as const]
      }),
    )
  } catch (thrown) {
    if (!(thrown instanceof Fault) || vcenter.signal.aborted) throw thrown
    vcenter.log.warning(`The vCenter does not tell its counters: ${thrown.message}`)
    return {}
  }
}

async function counterIds(vcenter: VCenter, manager: Ref) {
  const { values } = await vcenter.read(manager, ['perfCounter'])
  const known = (values.get('perfCounter')?.children ?? []).flatMap((counter) => {
    const title = [
      textAt(counter, 'groupInfo', 'key'),
      textAt(counter, 'nameInfo', 'key'),
      textAt(counter, 'rollupType'),
    ]
    const found = Object.entries(wanted).find(([name]) => name === title.join('.'))
    return found === undefined ? [] : [[numberAt(counter, 'key') ?? -1, found[1]] as const]
  })
  return new Map(known)
}
