// What a server uses, out of two looks at its diagnostics: in the shape that all hypervisors share, or in libvirt's old one.
import type { Duration } from '../../../kernel/duration.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import { Reader } from '../reader.ts'

export type Diagnostics = JsonObject

export interface Sample {
  /** Milliseconds on a clock that never jumps. */
  readonly at: Duration
  readonly diagnostics: Diagnostics
}

interface Figure {
  readonly value: number
  readonly unit: string
}

export type Figures = { readonly [name: string]: Figure | Figures | number }

/** `cpu`: of one core of the host. What a hypervisor does not tell is left out. */
export function diagnosticFigures(before: Sample, after: Sample): Figures {
  const [from, to] = [cpuTime(before.diagnostics), cpuTime(after.diagnostics)]
  const passed = Math.max(1, after.at - before.at)
  // One that was started in between counts from zero.
  const busy = from === undefined || to === undefined ? undefined : to >= from ? to - from : to
  const now = after.diagnostics
  return {
    ...(busy === undefined ? {} : { cpu: figure((busy / 1e6 / passed) * 100, '%') }),
    ...(to === undefined ? {} : { cpu_time: figure(to / 1e9, 's') }),
    ...memory(now),
    ...('uptime' in now ? { uptime: figure(numberIn(now, 'uptime'), 's') } : {}),
    disks: devices(now, 'disk_details', diskCounters),
    interfaces: devices(now, 'nic_details', interfaceCounters),
  }
}

function cpuTime(diagnostics: Diagnostics): number | undefined {
  const old = Object.entries(diagnostics).flatMap(([name, time]) =>
    /^cpu\d+_time$/.test(name) && typeof time === 'number' ? [time] : [],
  )
  const times =
    'cpu_details' in diagnostics ? list(diagnostics, 'cpu_details').map((one) => numberIn(one, 'time')) : old
  return times.length === 0 ? undefined : times.reduce((sum, time) => sum + time, 0)
}

function memory(diagnostics: Diagnostics): Figures {
  const used = numberIn(new Reader(diagnostics).below('memory_details').values, 'used')
  return used > 0 ? { memory_used: figure(used, 'MiB') } : {}
}

const diskCounters = { read: 'read_bytes', written: 'write_bytes', reads: 'read_requests', writes: 'write_requests' }
const interfaceCounters = { received: 'rx_octets', sent: 'tx_octets', errors: 'rx_errors', dropped: 'rx_drop' }

function devices(
  diagnostics: Diagnostics,
  name: 'disk_details' | 'nic_details',
  counters: Readonly<Record<string, string>>,
): Figures {
  return Object.fromEntries(
    list(diagnostics, name).map((device, index) => {
      const figures = Object.entries(counters).flatMap(([title, counter]) => {
        const value: Json | undefined = device[counter]
        const unit = /bytes|octets/.test(counter) ? 'bytes' : 'count'
        return typeof value === 'number' ? [[title, figure(value, unit)] as const] : []
      })
      const mac = device['mac_address']
      return [typeof mac === 'string' ? mac : String(index), Object.fromEntries(figures)]
    }),
  )
}

const list = (diagnostics: Diagnostics, name: string): readonly JsonObject[] =>
  new Reader(diagnostics).list(name).map(({ values }) => values)

function numberIn(values: JsonObject, name: string): number {
  const value = values[name]
  return typeof value === 'number' ? value : 0
}

const figure = (value: number, unit: string): Figure => ({ value, unit })
