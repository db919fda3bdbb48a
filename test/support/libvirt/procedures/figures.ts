// Figures of domains: small, steady, and growing with the time that the guest runs.
import { textAt } from '../../../../src/plugins/libvirt/xml/element.ts'
import type { Parameter } from '../../../../src/plugins/libvirt/client/structs.ts'
import type { Handlers } from '../daemon/handlers.ts'
import type { Disk, Domain } from '../model/domain.ts'
import { readImage, sizeOf } from '../model/image.ts'
import { invalidArgument } from '../model/vir-error.ts'
import { find } from './domains.ts'

const u64 = (field: string, value: number | bigint): Parameter => ({ field, type: 'u64', value: BigInt(value) })
const i32 = (field: string, value: number): Parameter => ({ field, type: 'i32', value })
const text = (field: string, value: string): Parameter => ({ field, type: 'str', value })
const count = (field: string, value: number): Parameter => ({ field, type: 'u32', value })

const kibibytes = (domain: Domain): bigint => BigInt(textAt(domain.document, 'memory') ?? 0)
const processors = (domain: Domain): number => Number(textAt(domain.document, 'vcpu') ?? 1)

function diskAt(domain: Domain, path: string): Disk {
  const disk = domain.findDisk(path)
  if (!disk) throw invalidArgument(`invalid path ${path} not assigned to domain`)
  return disk
}

const sizesOf = (
  disk: Disk,
): { readonly capacity: number; readonly allocation: number; readonly physical: number } => ({
  capacity: readImage(disk.path, disk.format).capacity,
  allocation: sizeOf(disk.path),
  physical: sizeOf(disk.path),
})

const groups = { state: 1, cpu: 2, balloon: 4, vcpu: 8, interface: 16, block: 32 } as const

function statsOf(domain: Domain, stats: number): readonly Parameter[] {
  const wants = (group: keyof typeof groups): boolean => stats === 0 || (stats & groups[group]) !== 0
  const memory = kibibytes(domain)
  return [
    ...(wants('state') ? [i32('state.state', domain.state), i32('state.reason', domain.reason)] : []),
    ...(wants('cpu') && domain.isActive
      ? [u64('cpu.time', domain.cpuTime), u64('cpu.user', domain.cpuTime / 2n), u64('cpu.system', domain.cpuTime / 2n)]
      : []),
    ...(wants('balloon') ? [u64('balloon.current', memory), u64('balloon.maximum', memory)] : []),
    ...(wants('balloon') && domain.isActive
      ? [u64('balloon.unused', memory / 2n), u64('balloon.available', memory), u64('balloon.rss', memory)]
      : []),
    ...(wants('vcpu') ? vcpuStats(domain) : []),
    ...(wants('block') ? blockStats(domain) : []),
  ]
}

function vcpuStats(domain: Domain): readonly Parameter[] {
  const number = processors(domain)
  const each = domain.cpuTime / BigInt(number)
  return [
    count('vcpu.current', number),
    count('vcpu.maximum', number),
    ...(domain.isActive
      ? Array.from({ length: number }, (_, at) => [i32(`vcpu.${at}.state`, 1), u64(`vcpu.${at}.time`, each)]).flat()
      : []),
  ]
}

function blockStats(domain: Domain): readonly Parameter[] {
  const disks = domain.disks()
  return [
    count('block.count', disks.length),
    ...disks.flatMap((disk, at) => {
      const { capacity, allocation, physical } = sizesOf(disk)
      return [
        text(`block.${at}.name`, disk.target),
        text(`block.${at}.path`, disk.path),
        ...(domain.isActive
          ? [
              u64(`block.${at}.rd.reqs`, 10),
              u64(`block.${at}.rd.bytes`, 40960),
              u64(`block.${at}.wr.reqs`, domain.writer.last),
              u64(`block.${at}.wr.bytes`, domain.writer.last * 4096),
              u64(`block.${at}.fl.reqs`, domain.writer.last),
            ]
          : []),
        u64(`block.${at}.allocation`, allocation),
        u64(`block.${at}.capacity`, capacity),
        u64(`block.${at}.physical`, physical),
      ]
    }),
  ]
}

export const figureHandlers: Handlers = {
  DOMAIN_GET_INFO: ({ dom }, caller) => {
    const domain = find(caller, dom)
    const memory = kibibytes(domain)
    const { state, cpuTime } = domain
    return { state, maxMem: memory, memory, nrVirtCpu: processors(domain), cpuTime }
  },
  DOMAIN_GET_VCPUS: ({ dom, maxinfo, maplen }, caller) => {
    const domain = find(caller, dom)
    domain.mustBeActive()
    const number = Math.min(processors(domain), maxinfo)
    const each = domain.cpuTime / BigInt(processors(domain))
    return {
      info: Array.from({ length: number }, (_, at) => ({ number: at, state: 1, cpuTime: each, cpu: 0 })),
      cpumaps: Buffer.alloc(maxinfo * maplen, 1),
    }
  },
  DOMAIN_MEMORY_STATS: ({ dom }, caller) => {
    const domain = find(caller, dom)
    domain.mustBeActive()
    const memory = kibibytes(domain)
    const [unused, available, balloon, rss] = [4, 5, 6, 7]
    return {
      stats: [
        { tag: balloon, val: memory },
        { tag: unused, val: memory / 2n },
        { tag: available, val: memory },
        { tag: rss, val: memory },
      ],
    }
  },
  DOMAIN_SET_MEMORY_STATS_PERIOD: ({ dom }, caller) => {
    find(caller, dom)
    return {}
  },
  DOMAIN_GET_BLOCK_INFO: ({ dom, path }, caller) => {
    const { capacity, allocation, physical } = sizesOf(diskAt(find(caller, dom), path))
    return { capacity: BigInt(capacity), allocation: BigInt(allocation), physical: BigInt(physical) }
  },
  DOMAIN_BLOCK_STATS: ({ dom, path }, caller) => {
    const domain = find(caller, dom)
    domain.mustBeActive()
    diskAt(domain, path)
    const written = BigInt(domain.writer.last)
    return { rdReq: 10n, rdBytes: 40960n, wrReq: written, wrBytes: written * 4096n, errs: -1n }
  },
  DOMAIN_INTERFACE_STATS: ({ dom }, caller) => {
    find(caller, dom).mustBeActive()
    const quiet = { rxErrs: 0n, rxDrop: 0n, txErrs: 0n, txDrop: 0n }
    return { rxBytes: 1000n, rxPackets: 10n, txBytes: 2000n, txPackets: 20n, ...quiet }
  },
  CONNECT_GET_ALL_DOMAIN_STATS: ({ doms, stats }, { host }) => {
    const asked = doms.length === 0 ? [...host.domains.values()] : doms.map(({ uuid }) => host.domain(uuid))
    return { retStats: asked.map((domain) => ({ dom: domain.identity, params: statsOf(domain, stats) })) }
  },
}
