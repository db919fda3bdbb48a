// Answers that the guest agent gives.
import type { Json, JsonObject } from '../../../../src/kernel/json.ts'
import type { Parameter } from '../../../../src/plugins/libvirt/client/structs.ts'
import { nothing, type Handlers } from '../daemon/handlers.ts'
import { askAgent, freeze, thaw } from '../model/agent-calls.ts'
import { internalError, invalidArgument, VirError } from '../model/vir-error.ts'
import { find } from './domains.ts'

const text = (field: string, value: string): Parameter => ({ field, type: 'str', value })
const number = (field: string, value: number): Parameter => ({ field, type: 'u32', value })

interface FileSystemInfo {
  readonly name: string
  readonly mountpoint: string
  readonly type: string
}

const fileSystemsOf = (answer: Json): readonly FileSystemInfo[] => answer as unknown as readonly FileSystemInfo[]

/** @throws VirError 8 for what is no JSON, or no command */
function commandOf(cmd: string): { readonly execute: string; readonly arguments: JsonObject } {
  let command: { readonly execute?: string; readonly arguments?: JsonObject }
  try {
    command = JSON.parse(cmd) as typeof command
  } catch {
    throw internalError('cannot parse json')
  }
  if (typeof command.execute !== 'string') throw invalidArgument('missing execute')
  return { execute: command.execute, arguments: command.arguments ?? {} }
}

export const guestHandlers: Handlers = {
  DOMAIN_FSFREEZE: async ({ dom, mountpoints }, caller) => ({
    filesystems: await freeze(find(caller, dom), mountpoints),
  }),
  DOMAIN_FSTHAW: async ({ dom, mountpoints }, caller) => ({ filesystems: await thaw(find(caller, dom), mountpoints) }),
  DOMAIN_GET_FSINFO: async ({ dom }, caller) => {
    const answer = await askAgent(find(caller, dom), 'remoteDispatchDomainGetFSInfo', 'guest-get-fsinfo')
    const info = fileSystemsOf(answer).map(({ name, mountpoint, type }) => ({
      mountpoint,
      name,
      fstype: type,
      dev_aliases: [name],
    }))
    return { info, ret: info.length }
  },
  DOMAIN_FSTRIM: async ({ dom }, caller) => {
    await askAgent(find(caller, dom), 'remoteDispatchDomainFSTrim', 'guest-fstrim')
    return nothing
  },
  DOMAIN_AGENT_SET_RESPONSE_TIMEOUT: ({ dom, timeout }, caller) => {
    if (timeout < -2) throw invalidArgument(`guest agent timeout '${timeout}' is less than the minimum '-2'`)
    find(caller, dom).agentTimeout = timeout
    return { result: 0 }
  },
  DOMAIN_AGENT_COMMAND: async ({ dom, cmd, timeout }, caller) => {
    const { execute, arguments: given } = commandOf(cmd)
    const domain = find(caller, dom)
    const answer = await askAgent(domain, 'qemuDispatchDomainAgentCommand', execute, given, timeout)
    return { result: JSON.stringify({ return: answer }) }
  },
  DOMAIN_GET_TIME: async ({ dom }, caller) => {
    const nanoseconds = Number(await askAgent(find(caller, dom), 'remoteDispatchDomainGetTime', 'guest-get-time'))
    return { seconds: BigInt(Math.floor(nanoseconds / 1e9)), nseconds: Math.floor(nanoseconds % 1e9) }
  },
  DOMAIN_SET_TIME: async ({ dom }, caller) => {
    await askAgent(find(caller, dom), 'remoteDispatchDomainSetTime', 'guest-set-time')
    return nothing
  },
  DOMAIN_GET_HOSTNAME: async ({ dom, flags }, caller) => {
    const domain = find(caller, dom)
    if ((flags & 2) === 0) throw new VirError(108, 'no hostname found')
    const answer = await askAgent(domain, 'remoteDispatchDomainGetHostname', 'guest-get-host-name')
    return { hostname: String((answer as JsonObject)['host-name']) }
  },
  DOMAIN_GET_GUEST_INFO: async ({ dom }, caller) => {
    const domain = find(caller, dom)
    const answer = await askAgent(domain, 'remoteDispatchDomainGetGuestInfo', 'guest-get-fsinfo')
    const systems = fileSystemsOf(answer)
    return {
      params: [
        number('user.count', 0),
        text('os.machine', 'x86_64'),
        text('os.kernel-release', '6.1.0-50-cloud-amd64'),
        text('timezone.name', 'UTC'),
        text('hostname', domain.guest.hostname),
        number('fs.count', systems.length),
        ...systems.flatMap(({ name, mountpoint, type }, index) => [
          text(`fs.${index}.name`, name),
          text(`fs.${index}.mountpoint`, mountpoint),
          text(`fs.${index}.fstype`, type),
        ]),
      ],
    }
  },
  DOMAIN_INTERFACE_ADDRESSES: async ({ dom, source }, caller) => {
    const domain = find(caller, dom)
    domain.mustBeActive()
    if (source !== 1) return { ifaces: caller.host.networks.addressesOf(domain) }
    const answer = await askAgent(domain, 'remoteDispatchDomainInterfaceAddresses', 'guest-network-get-interfaces')
    const found = answer as readonly {
      readonly name: string
      readonly 'hardware-address': string
      readonly 'ip-addresses': readonly { readonly 'ip-address': string; readonly prefix: number }[]
    }[]
    return {
      ifaces: found.map((one) => ({
        name: one.name,
        hwaddr: one['hardware-address'],
        addrs: one['ip-addresses'].map((address) => ({
          type: 0,
          addr: address['ip-address'],
          prefix: address.prefix,
        })),
      })),
    }
  },
}
