// Goes the way that a URI names.
import type { Way } from '../uri.ts'
import { openTcp } from './tcp.ts'
import { openTls } from './tls.ts'
import type { Transport, TransportOptions } from './transport.ts'
import { openUnix } from './unix.ts'

const ways: Readonly<Record<Way, (options: TransportOptions) => Promise<Transport>>> = {
  unix: openUnix,
  tcp: openTcp,
  tls: openTls,
  // Loaded when it is needed: a deadman beside a socket must be quick to begin.
  ssh: async (options) => (await import('./ssh.ts')).openSsh(options),
}

/** @throws Fault `libvirt.unreachable`, `libvirt.refused`, `ssh.*`; effect none */
export function openTransport(options: TransportOptions): Promise<Transport> {
  return ways[options.uri.way](options)
}
