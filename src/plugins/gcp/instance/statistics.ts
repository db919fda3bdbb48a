// statistics.perfomance of an instance: what Cloud Monitoring last saw of it, and what it is made of.
import { Fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { operation } from '../../contract/operation.ts'
import { lastPart } from '../client/operations.ts'
import { pathOf, type Project } from '../client/project.ts'
import { instanceOfNode } from './instance-of.ts'
import { powerOf, readInstance, type Instance } from './views.ts'

interface Metric {
  readonly name: string
  readonly type: string
  readonly unit: string
  readonly factor: number
}

const metrics: readonly Metric[] = [
  { name: 'cpu', type: 'compute.googleapis.com/instance/cpu/utilization', unit: '%', factor: 100 },
  {
    name: 'received',
    type: 'compute.googleapis.com/instance/network/received_bytes_count',
    unit: 'bytes/min',
    factor: 1,
  },
  { name: 'sent', type: 'compute.googleapis.com/instance/network/sent_bytes_count', unit: 'bytes/min', factor: 1 },
  { name: 'disk_read', type: 'compute.googleapis.com/instance/disk/read_bytes_count', unit: 'bytes/min', factor: 1 },
  {
    name: 'disk_written',
    type: 'compute.googleapis.com/instance/disk/write_bytes_count',
    unit: 'bytes/min',
    factor: 1,
  },
]

/** Figures come late: the newest within this time counts. */
const period = 10 * 60_000

export const performance = operation({
  async run(ctx, inputs) {
    const { project, ref } = await instanceOfNode(ctx, inputs)
    const instance = await readInstance(project, ref)
    const isRunning = powerOf(instance) === 'running'
    const figures: Record<string, Json> = { ...(await sizeOf(project, ref.zone, instance)), running: isRunning ? 1 : 0 }
    if (isRunning) Object.assign(figures, await seen(project, instance))
    else figures['cpu'] = { value: 0, unit: '%' }
    ctx.instance.runtimeProperties['stat'] = figures
    return figures
  },
})

async function seen(project: Project, instance: Instance): Promise<JsonObject> {
  const figures: Record<string, Json> = {}
  try {
    for (const { name, type, unit, factor } of metrics) {
      const value = await newest(project, instance, type)
      if (value !== undefined) figures[name] = { value: value * factor, unit }
    }
  } catch (thrown) {
    // Monitoring is a service of its own, which not every account may use.
    if (!(thrown instanceof Fault) || thrown.retry !== 'never' || thrown.effect !== 'none') throw thrown
    project.log.warning(`Cloud Monitoring does not tell what ${instance.name} uses: ${thrown.message}`)
  }
  return figures
}

async function newest(project: Project, { id }: Instance, type: string): Promise<number | undefined> {
  const now = project.world.clock.now()
  const query = {
    filter: `metric.type = "${type}" AND resource.labels.instance_id = "${id}"`,
    'interval.startTime': new Date(now - period).toISOString(),
    'interval.endTime': new Date(now).toISOString(),
  }
  let sum: number | undefined
  // One for each device.
  for await (const series of project.pages<JsonObject>(
    { service: 'monitoring', path: '/timeSeries', query },
    'timeSeries',
  )) {
    const [point] = Array.isArray(series['points']) ? (series['points'] as readonly Json[]) : []
    const value = isJsonObject(point ?? null) ? (point as JsonObject)['value'] : undefined
    if (value === undefined || !isJsonObject(value)) continue
    const number = Number(value['doubleValue'] ?? value['int64Value'])
    if (Number.isFinite(number)) sum = (sum ?? 0) + number
  }
  return sum
}

async function sizeOf(project: Project, zone: string, { machineType, disks = [] }: Instance): Promise<JsonObject> {
  const path = pathOf`/zones/${zone}/machineTypes/${lastPart(machineType)}`
  const found = await project.find<{ readonly guestCpus?: number; readonly memoryMb?: number }>({ path })
  const disk = disks.reduce((sum, { diskSizeGb = '0' }) => sum + Number(diskSizeGb), 0)
  return {
    ...(found?.guestCpus === undefined ? {} : { vcpus: { value: found.guestCpus, unit: 'count' } }),
    ...(found?.memoryMb === undefined ? {} : { memory: { value: found.memoryMb, unit: 'MiB' } }),
    disk: { value: disk, unit: 'GiB' },
  }
}
