// One connection to a server of the test, closed with everything around it at the end of the block.
import { openConnections, type ConnectionsOptions } from '../../../../../src/plugins/ssh/client/connections.ts'
import type {
  Connection,
  ConnectOptions,
  Connections,
  Target,
} from '../../../../../src/plugins/ssh/client/connection.ts'
import { realWorld } from '../../../../../src/world/real-world.ts'
import { sshServer, type SshServer, type SshServerOptions } from '../../../../support/ssh-server.ts'

export const usual: ConnectOptions = { signal: new AbortController().signal, world: realWorld() }
export const { signal } = usual

export interface Connected extends AsyncDisposable {
  readonly server: SshServer
  readonly connection: Connection
}

export async function connected(options: SshServerOptions = {}, changes: Partial<Target> = {}): Promise<Connected> {
  const server = await sshServer(options)
  const pool = pooled()
  try {
    const connection = await pool.connect(server.target(changes), usual)
    return {
      server,
      connection,
      async [Symbol.asyncDispose]() {
        await pool[Symbol.asyncDispose]()
        await server[Symbol.asyncDispose]()
      },
    }
  } catch (thrown) {
    await server[Symbol.asyncDispose]()
    throw thrown
  }
}

export function pooled(options: ConnectionsOptions = {}): Connections & AsyncDisposable {
  const pool = openConnections(options)
  return {
    connect: (...args) => pool.connect(...args),
    prepare: (...args) => pool.prepare(...args),
    close: () => pool.close(),
    [Symbol.asyncDispose]: () => pool.close(),
  }
}
