// An SSH server of the test as nodes of a blueprint describe it, with a folder for what its commands leave.
import { writeFile } from 'node:fs/promises'
import type { JsonObject } from '../../src/kernel/json.ts'
import { closeSharedConnections } from '../../src/plugins/ssh/host/shared-connections.ts'
import { temporaryFolder } from './folder.ts'
import { sshServer, type SshServer, type SshServerOptions } from './ssh-server.ts'

export interface SshHost extends AsyncDisposable {
  readonly server: SshServer
  /** Gone with the host. */
  readonly folder: string
  /** Of a fermata.nodes.ssh.Host. */
  readonly properties: JsonObject
  /** Of an operation of cloudify-fabric-plugin. */
  readonly fabricEnv: JsonObject
}

export async function sshHost(options: SshServerOptions = {}): Promise<SshHost> {
  const server = await sshServer(options)
  const folder = await temporaryFolder()
  const knownHosts = `${folder.path}/known_hosts`
  await writeFile(knownHosts, `[127.0.0.1]:${server.port} ${server.hostKey.public}\n`)
  const way = { port: server.port, user: 'someone', key: server.userKey.private, known_hosts: [knownHosts] }
  return {
    server,
    folder: folder.path,
    properties: { ip: '127.0.0.1', jumps: [], ...way },
    fabricEnv: { host: '127.0.0.1', ...way },
    async [Symbol.asyncDispose]() {
      await closeSharedConnections()
      await server[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}
