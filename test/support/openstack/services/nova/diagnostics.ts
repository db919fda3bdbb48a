// What Nova tells of a running guest, in the two shapes that it has had. An admin's call.
import { conflict, forbidden, ok, type Answer } from '../../http/answer.ts'
import type { Call } from '../../http/call.ts'
import type { FakeServer } from '../../model/server.ts'

export function diagnosticsOf(call: Call, server: FakeServer): Answer {
  if (!call.who.isAdmin) throw forbidden("Policy doesn't allow os_compute_api:os-server-diagnostics to be performed.")
  if (!server.isRunning) {
    throw conflict(`Instance ${server.id} is not in a powered-on state: ${server.vmState}`)
  }
  const disks = Object.keys(server.contents)
  if (call.minor < 48) {
    const perDisk = disks.map((name) => [
      [`${name}_read`, 262_144],
      [`${name}_read_req`, 112],
      [`${name}_write`, 5_778_432],
      [`${name}_write_req`, 488],
      [`${name}_errors`, -1],
    ])
    return ok({ cpu0_time: 17_300_000_000, memory: 524_288, ...Object.fromEntries(perDisk.flat()) })
  }
  return ok({
    state: 'running',
    driver: 'libvirt',
    hypervisor: 'kvm',
    hypervisor_os: 'linux',
    config_drive: false,
    uptime: 46_664,
    num_cpus: 1,
    num_nics: server.ports.length,
    num_disks: disks.length,
    cpu_details: [{ id: 0, time: 17_300_000_000, utilisation: 15 }],
    memory_details: { maximum: 524_288, used: 0 },
    nic_details: server.ports.map(() => ({ mac_address: 'fa:16:3e:00:00:01', rx_octets: 2070, tx_octets: 140 })),
    disk_details: disks.map(() => ({
      read_bytes: 262_144,
      read_requests: 112,
      write_bytes: 5_778_432,
      write_requests: 488,
      errors_count: 1,
    })),
  })
}
