// A hypervisor as operations use it: warm connections, an urgent way beside them, streams, events that outlive a connection.
import type { World } from '../../../world/world.ts'
import { connect, type CallOptions, type Calls, type ConnectOptions, type LibvirtConnection } from './connection.ts'
import { EventHub } from './event-hub.ts'
import type { LibvirtEvents } from './events.ts'
import { Lanes } from './lanes.ts'
import { volumeStreams, type VolumeStreams } from './streams.ts'
import { unreachable } from './transports/transport.ts'
import { parseUri, type Access } from './uri.ts'

export interface HypervisorOptions {
  readonly uri: string
  readonly access?: Access | undefined
  readonly world: World
}

export interface Versions {
  /** `9000000` for 9.0.0: major * 1e6 + minor * 1e3 + release. */
  readonly library: number
  readonly hypervisor: number
  /** `QEMU`, `TEST`. */
  readonly type: string
}

/**
 * Connects when it is first needed, and again when a connection was lost. A call that was lost after it had been sent is
 * repeated only when it changes nothing.
 */
export interface Hypervisor extends Calls, VolumeStreams {
  /** Without secrets. */
  readonly uri: string
  /** Never behind what waits for an agent or a job: for thaw, abort and state. */
  readonly urgent: Calls
  readonly events: LibvirtEvents
  versions(options: CallOptions): Promise<Versions>
  /** Makes its connections before they are needed, so that no call waits for one to be made. */
  warm(options: CallOptions): Promise<void>
  close(): Promise<void>
}

/** @throws Fault `libvirt.bad_uri` */
export function openHypervisor(options: HypervisorOptions): Hypervisor {
  const uri = parseUri(options.uri)
  const closing = new AbortController()
  const open = async (more: Partial<ConnectOptions> = {}): Promise<LibvirtConnection> => {
    const connection = await connect({ ...options, signal: closing.signal, ...more })
    if (!closing.signal.aborted) return connection
    connection.close()
    throw closing.signal.reason
  }
  // What is listened to is registered on each new connection before anything else is called there.
  const openWithEvents = async (): Promise<LibvirtConnection> => {
    const connection = await open({ events })
    try {
      await Promise.all(events.names.map((name) => connection.register(name, closing.signal)))
    } catch (thrown) {
      connection.close()
      throw thrown
    }
    return connection
  }
  const main = new Lanes(openWithEvents, open)
  const urgent = new Lanes(open, open)
  const events = new EventHub(async (name, signal) => (await main.quick(signal)).register(name, signal))
  return {
    uri: uri.shown,
    urgent,
    events,
    ...volumeStreams((signal) => open({ signal }), closing.signal),
    call: (name, args, given) => main.call(name, args, given),
    versions: (given) => readVersions(main, given),
    async warm({ signal }) {
      await Promise.all([main.warm(signal), urgent.warm(signal)])
    },
    async close() {
      main.close()
      urgent.close()
      closing.abort(unreachable(uri, 'we no longer need it'))
    },
  }
}

async function readVersions(calls: Calls, options: CallOptions): Promise<Versions> {
  const [{ libVer }, { hvVer }, { type }] = await Promise.all([
    calls.call('CONNECT_GET_LIB_VERSION', {}, options),
    calls.call('CONNECT_GET_VERSION', {}, options),
    calls.call('CONNECT_GET_TYPE', {}, options),
  ])
  return { library: Number(libVer), hypervisor: Number(hvVer), type }
}
