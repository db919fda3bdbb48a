// The first words on a connection: who we are, what keeps the connection alive, which hypervisor we want.
import { fault, Fault } from '../../../kernel/fault.ts'
import type { Calls } from './connection.ts'
import { hasCode } from './errors.ts'
import { features } from './procedures/connection.ts'
import { unreachable } from './transports/transport.ts'
import type { LibvirtUri } from './uri.ts'

interface Opening {
  readonly uri: LibvirtUri
  readonly isReadOnly: boolean
  readonly isLocal: boolean
  readonly signal: AbortSignal
}

const authentication = { none: 0, sasl: 1, polkit: 2 } as const
const readOnly = 1

/** @throws Fault `libvirt.refused`, `libvirt.unreachable`, `libvirt.bad_uri`; effect none */
export async function openHypervisorOver(calls: Calls, { uri, isReadOnly, isLocal, signal }: Opening): Promise<void> {
  try {
    await authenticate(calls, uri, signal)
    // The daemon then sees to it that it is not kept waiting by clients that are gone.
    if (!isLocal) await calls.call('CONNECT_SUPPORTS_FEATURE', { feature: features.keepalive }, { signal })
    await calls.call('CONNECT_OPEN', { name: uri.name, flags: isReadOnly ? readOnly : 0 }, { signal })
  } catch (thrown) {
    if (signal.aborted) throw signal.reason
    throw openingFault(uri, thrown)
  }
}

async function authenticate(calls: Calls, uri: LibvirtUri, signal: AbortSignal): Promise<void> {
  const { types } = await calls.call('AUTH_LIST', {}, { signal })
  if (types.length === 0 || types.includes(authentication.none)) return
  if (types.includes(authentication.polkit)) {
    const { complete } = await calls.call('AUTH_POLKIT', {}, { signal })
    if (complete === 0) throw refused(uri, 'polkit did not agree')
    return
  }
  throw refused(
    uri,
    types.includes(authentication.sasl)
      ? 'it wants SASL, which is not spoken here'
      : `it wants authentication ${types.join(', ')}, which is not known here`,
  )
}

function refused(uri: LibvirtUri, reason: string): Fault {
  const hint = 'go over SSH (qemu+ssh://user@host/system), or over TLS with certificates (qemu+tls://host/system)'
  return fault('libvirt.refused', { details: { uri: uri.shown, reason }, hint })
}

function openingFault(uri: LibvirtUri, thrown: unknown): unknown {
  if (!(thrown instanceof Fault) || ['libvirt.refused', 'libvirt.unreachable'].includes(thrown.code)) return thrown
  const reason = thrown.code === 'libvirt.connection_lost' ? String(thrown.details['reason']) : thrown.message
  if (thrown.code === 'libvirt.denied')
    return fault('libvirt.refused', { details: { uri: uri.shown, reason }, cause: thrown })
  if (hasCode(thrown, 'NO_CONNECT')) {
    const expected = 'the daemon there has no driver for it, or the driver did not start'
    return fault('libvirt.bad_uri', { details: { uri: uri.shown, reason, expected }, cause: thrown })
  }
  return unreachable(uri, reason, thrown)
}
