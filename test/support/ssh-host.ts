// An SSH server of the test as nodes of a blueprint describe it, with a folder for what its commands leave, and programs
// that it alone has.
import { mkdir, writeFile } from 'node:fs/promises'
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

export interface SshHostOptions extends SshServerOptions {
  /** Name -> shell script; found before those of the machine. `$HOST` is the folder of the host. */
  readonly programs?: Readonly<Record<string, string>>
}

export async function sshHost({ programs = {}, ...options }: SshHostOptions = {}): Promise<SshHost> {
  const folder = await temporaryFolder()
  const bin = `${folder.path}/bin`
  await mkdir(bin)
  for (const [name, script] of Object.entries(programs))
    await writeFile(`${bin}/${name}`, `#!/bin/sh\nHOST=${folder.path}\n${script}`, { mode: 0o755 })
  const env = { PATH: `${bin}:${process.env['PATH'] ?? '/usr/bin:/bin'}` }
  const server = await sshServer({ env, ...options })
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

export const sudoPassword = 'planted-sudo-3481'

/** As sudo behaves towards whoever calls it, with that password; it leaves the name of the user in BECAME. */
export const sudo = `
mode= prompt= user=root
while [ $# -gt 0 ]; do
  case $1 in -S|-n) mode=$1 ;; -p) prompt=$2; shift ;; -u) user=$2; shift ;; --) shift; break ;; esac
  shift
done
[ "$mode" = -S ] || { echo 'sudo: a password is required' >&2; exit 1; }
printf %s "$prompt" >&2
read -r word
[ "$word" = ${sudoPassword} ] || { printf 'Sorry, try again.\\n%s' "$prompt" >&2; read -r word; exit 1; }
BECAME=$user exec "$@"
`

/** Of all that is said in a context, and in a fault. */
export function wordsOf(ctx: { readonly logs: unknown; readonly events: unknown }, problem?: unknown): string {
  return JSON.stringify([ctx.logs, ctx.events, problem instanceof Error ? [problem, problem.message] : problem])
}
