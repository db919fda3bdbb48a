// A daemon over plain TCP: for networks that nobody else is on.
import { createConnection } from 'node:net'
import { connected } from './socket.ts'
import { socketReason, unreachable, type Transport, type TransportOptions } from './transport.ts'

const usualPort = 16_509

export async function openTcp({ uri, signal }: TransportOptions): Promise<Transport> {
  const socket = createConnection({ host: uri.host ?? '', port: uri.port ?? usualPort, noDelay: true })
  try {
    return { socket: await connected(socket, 'connect', signal), isLocal: false }
  } catch (thrown) {
    throw signal.aborted ? thrown : unreachable(uri, socketReason(thrown), thrown)
  }
}
