// Answers about the connection and the host.
import { nothing, type Handlers } from '../daemon/handlers.ts'
import { isKnown } from '../daemon/registrations.ts'
import { internalError, VirError } from '../model/vir-error.ts'

const authTypes = { none: 0, sasl: 1, polkit: 2 } as const
/** What libvirtd 9.0 has of the features that are asked for. */
const features: readonly number[] = [8, 9, 10, 12, 14, 15, 16]
const keepAliveFeature = 10

const authentication: Handlers = {
  AUTH_LIST: (_, { settings }) => ({ types: [authTypes[settings.auth]] }),
  AUTH_POLKIT: (_, caller) => {
    if (caller.settings.auth !== 'polkit') throw new VirError(45, 'authentication failed')
    caller.isAuthenticated = true
    return { complete: 1 }
  },
}

const opening: Handlers = {
  CONNECT_OPEN: ({ name, flags }, caller) => {
    if (caller.isOpen) throw internalError('connection already open')
    if (!caller.settings.drivers.includes(name ?? '')) {
      throw new VirError(5, `no connection driver available for ${name ?? 'null'}`)
    }
    caller.isOpen = true
    caller.isReadOnly = (flags & 1) !== 0
    return nothing
  },
  CONNECT_CLOSE: (_, caller) => {
    caller.hangUp()
    return nothing
  },
  CONNECT_SUPPORTS_FEATURE: ({ feature }, caller) => {
    if (feature === keepAliveFeature) caller.keepAlive()
    return { supported: features.includes(feature) ? 1 : 0 }
  },
}

const host: Handlers = {
  CONNECT_GET_TYPE: () => ({ type: 'QEMU' }),
  CONNECT_GET_VERSION: () => ({ hvVer: 7002022n }),
  CONNECT_GET_LIB_VERSION: () => ({ libVer: 9_000_000n }),
  CONNECT_GET_HOSTNAME: (_, caller) => ({ hostname: caller.host.hostname }),
  CONNECT_GET_URI: () => ({ uri: 'qemu:///system' }),
  CONNECT_GET_CAPABILITIES: () => ({
    capabilities: '<capabilities><host><cpu><arch>x86_64</arch></cpu></host></capabilities>',
  }),
  CONNECT_GET_DOMAIN_CAPABILITIES: () => ({
    capabilities:
      "<domainCapabilities><path>/usr/bin/qemu-system-x86_64</path><domain>qemu</domain><arch>x86_64</arch><os supported='yes'/></domainCapabilities>",
  }),
  CONNECT_IS_SECURE: () => ({ secure: 1 }),
  NODE_GET_INFO: () => ({
    model: 'x86_64',
    memory: 16_000_000n,
    cpus: 4,
    mhz: 2400,
    nodes: 1,
    sockets: 1,
    cores: 4,
    threads: 1,
  }),
  NODE_GET_FREE_MEMORY: () => ({ freeMem: 8_000_000_000n }),
}

const mustBeKnown = (of: string, id: number): void => {
  if (!isKnown(of, id)) throw internalError(`unexpected event ID ${id}`)
}

const registrations: Handlers = {
  CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY: ({ eventID, dom }, caller) => {
    mustBeKnown('domain', eventID)
    if (dom) caller.host.domain(dom.uuid)
    return { callbackID: caller.register({ of: 'domain', id: eventID, uuid: dom?.uuid }) }
  },
  CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY: ({ callbackID }, caller) => {
    caller.deregister(callbackID)
    return nothing
  },
  CONNECT_NETWORK_EVENT_REGISTER_ANY: ({ eventID, net }, caller) => {
    mustBeKnown('network', eventID)
    return { callbackID: caller.register({ of: 'network', id: eventID, uuid: net?.uuid }) }
  },
  CONNECT_NETWORK_EVENT_DEREGISTER_ANY: ({ callbackID }, caller) => {
    caller.deregister(callbackID)
    return nothing
  },
  CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY: ({ eventID, pool }, caller) => {
    mustBeKnown('pool', eventID)
    return { callbackID: caller.register({ of: 'pool', id: eventID, uuid: pool?.uuid }) }
  },
  CONNECT_STORAGE_POOL_EVENT_DEREGISTER_ANY: ({ callbackID }, caller) => {
    caller.deregister(callbackID)
    return nothing
  },
}

export const connectionHandlers: Handlers = { ...authentication, ...opening, ...host, ...registrations }
