// What a domain uses, out of two looks at its counters. Shares are of wall time, so both of a core and of all its CPUs.
import type { Duration } from '../../../kernel/duration.ts'
import { domainStateNumbers } from '../client/codes.ts'
import type { ParameterValue } from '../client/structs.ts'

export type Counters = Readonly<Record<string, ParameterValue>>

export interface Sample {
  /** Milliseconds on a clock that never jumps. */
  readonly at: Duration
  readonly counters: Counters
}

export interface Figure {
  readonly [key: string]: number | string
  readonly value: number
  readonly unit: string
}

export type Figures = { readonly [name: string]: Figure | Figures }

/** Counters that a domain does not have, and all of one that is off but its disks' sizes, are left out. */
export function usageBetween(before: Sample, after: Sample): Figures {
  const { counters } = after
  const vcpus = number(counters, 'vcpu.current')
  const disks = devicesOf(counters, 'block')
  const interfaces = devicesOf(counters, 'net')
  return {
    ...cpuFigures(before, after, vcpus),
    ...memoryFigures(counters),
    ...present('vcpus', vcpus, 'count'),
    disks: figuresOfDevices(counters, disks, diskCounters),
    interfaces: figuresOfDevices(counters, interfaces, interfaceCounters),
  }
}

/** `cpu`: of one core of the host. `cpu_of_vcpus`: of all CPUs that it has, 100 when all of them are busy. */
function cpuFigures(before: Sample, after: Sample, vcpus: number | undefined): Figures {
  const [from, to] = [number(before.counters, 'cpu.time'), number(after.counters, 'cpu.time')]
  if (from === undefined || to === undefined) {
    const isOff = number(after.counters, 'state.state') === domainStateNumbers.shutOff
    return isOff ? { cpu: figure(0, '%'), cpu_of_vcpus: figure(0, '%') } : {}
  }
  const passed = Math.max(1, after.at - before.at)
  // A domain that was started in between counts from zero.
  const busy = to >= from ? to - from : to
  const share = (busy / 1e6 / passed) * 100
  return {
    cpu: figure(share, '%'),
    ...present('cpu_of_vcpus', vcpus && share / vcpus, '%'),
    cpu_time: figure(to / 1e9, 's'),
  }
}

/** `memory`: what it has been given. `memory_used`: what the guest says it cannot do without; absent when it says nothing. */
function memoryFigures(counters: Counters): Figures {
  const inMiB = (kibibytes: number | undefined): number | undefined => kibibytes && kibibytes / 1024
  const available = number(counters, 'balloon.available')
  const spare = number(counters, 'balloon.usable') ?? number(counters, 'balloon.unused')
  const used = available === undefined || spare === undefined ? undefined : available - spare
  return {
    ...present('memory', inMiB(number(counters, 'balloon.current')), 'MiB'),
    ...present('memory_used', inMiB(used), 'MiB'),
    ...present('memory_resident', inMiB(number(counters, 'balloon.rss')), 'MiB'),
  }
}

const diskCounters = [
  ['read', 'rd.bytes', 'bytes'],
  ['written', 'wr.bytes', 'bytes'],
  ['reads', 'rd.reqs', 'count'],
  ['writes', 'wr.reqs', 'count'],
  ['capacity', 'capacity', 'bytes'],
  ['allocation', 'allocation', 'bytes'],
] as const

const interfaceCounters = [
  ['received', 'rx.bytes', 'bytes'],
  ['sent', 'tx.bytes', 'bytes'],
  ['packets_received', 'rx.pkts', 'count'],
  ['packets_sent', 'tx.pkts', 'count'],
  ['errors', 'rx.errs', 'count'],
  ['dropped', 'rx.drop', 'count'],
] as const

type DeviceCounters = readonly (readonly [name: string, counter: string, unit: string])[]

/** `[prefix of its counters, its name]`; layers below a disk's own have the same name and are not counted twice. */
function devicesOf(counters: Counters, kind: 'block' | 'net'): readonly (readonly [string, string])[] {
  const count = number(counters, `${kind}.count`) ?? 0
  const names = new Set<string>()
  return Array.from({ length: count }, (_, index) => `${kind}.${index}`).flatMap((prefix) => {
    const name = counters[`${prefix}.name`]
    if (typeof name !== 'string' || names.has(name)) return []
    names.add(name)
    return [[prefix, name] as const]
  })
}

function figuresOfDevices(
  counters: Counters,
  devices: readonly (readonly [string, string])[],
  wanted: DeviceCounters,
): Figures {
  return Object.fromEntries(
    devices.map(([prefix, name]) => {
      const figures = wanted.flatMap(([title, counter, unit]) => {
        const value = number(counters, `${prefix}.${counter}`)
        return value === undefined ? [] : [[title, figure(value, unit)] as const]
      })
      return [name, Object.fromEntries(figures)]
    }),
  )
}

function number(counters: Counters, name: string): number | undefined {
  const value = counters[name]
  return typeof value === 'bigint' ? Number(value) : typeof value === 'number' ? value : undefined
}

function present(name: string, value: number | undefined, unit: string): Figures {
  return value === undefined ? {} : { [name]: figure(value, unit) }
}

function figure(value: number, unit: string): Figure {
  return { value: Math.round(value * 1000) / 1000, unit }
}
