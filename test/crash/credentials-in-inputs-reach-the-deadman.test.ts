// Claim: who froze over SSH with credentials that stand in the operations' inputs alone, as blueprints for fabric have
// them, is thawed by another process when the first is killed, its deadman is ended with them, and the store has none.
import { expect } from 'chai'
import { existsSync, readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, openCliSite, type CliSite } from '../support/cli.ts'
import { sshServer, type SshServer } from '../support/ssh-server.ts'

const memory = `/dev/shm/fermata-${process.getuid?.() ?? 0}`

/** Folders of deadmen on the host (which is this machine) whose thaw names the site. */
async function deadmenOf(site: CliSite): Promise<readonly string[]> {
  const names = (await readdir(memory, { recursive: true }).catch(() => [])).filter((name) => name.endsWith('/thaw'))
  const texts = await Promise.all(names.map((name) => readFile(join(memory, name), 'utf8').catch(() => '')))
  return names.filter((_name, index) => texts[index]?.includes(site.folder))
}

describe('a node that was frozen with credentials of inputs', function () {
  this.timeout(60_000)
  let site: CliSite
  let server: SshServer

  beforeEach(async () => {
    site = await openCliSite()
    server = await sshServer()
    const knownHost = `[127.0.0.1]:${server.port} ${server.hostKey.public}\n`
    const path = await site.write({
      'shop/blueprint.yaml': blueprint(site.folder, server.port),
      'shop/cut.sh': `#!/bin/sh\ntouch ${site.folder}/cutting\nexec sleep 1000\n`,
      known_hosts: knownHost,
    })
    await site.ok('secrets', 'create', 'key', '-s', server.userKey.private)
    await site.ok('blueprints', 'upload', path, '-b', 'shop')
    await site.ok('deployments', 'create', 'shop', '-b', 'shop')
  })

  afterEach(async () => {
    await site.close()
    await server[Symbol.asyncDispose]()
  })

  it('is thawed by another process, and nothing is left on the host', async () => {
    const backup = ['executions', 'start', 'backup', '-d', 'shop', '-p', 'snapshot_name=one', '-p', 'lease=10m']
    const running = site.start(...backup)
    await eventually('it stands still and is cut', () => existsSync(join(site.folder, 'cutting')), 30_000)
    running.signal('SIGKILL')
    await running.ended
    expect(existsSync(join(site.folder, 'frozen'))).to.equal(true)
    expect(await deadmenOf(site)).to.have.lengthOf(1)

    const { code, stdout } = await site.run('thaw')
    expect(code, stdout).to.equal(0)
    expect(existsSync(join(site.folder, 'frozen'))).to.equal(false)
    expect(await deadmenOf(site)).to.deep.equal([])
    const secret = server.userKey.private.split('\n')[2] ?? ''
    for (const name of ['fermata.db', 'fermata.db-wal']) {
      const content = existsSync(join(site.home, name)) ? readFileSync(join(site.home, name), 'latin1') : ''
      expect(content.includes(secret)).to.equal(false)
    }
  })
})

const blueprint = (folder: string, port: number): string => `tosca_definitions_version: cloudify_dsl_1_4
imports: [cloudify/types/types.yaml, plugin:cloudify-fabric-plugin]
dsl_definitions:
  host: &host
    host_string: someone@127.0.0.1:${port}
    key: { get_secret: key }
    known_hosts: [${folder}/known_hosts]
node_templates:
  database:
    type: cloudify.nodes.ApplicationModule
    interfaces:
      cloudify.interfaces.freeze:
        fs_prepare:
          implementation: fabric.fabric_plugin.tasks.run_commands
          inputs: { fabric_env: *host, commands: [touch ${folder}/frozen] }
        fs_finalize:
          implementation: fabric.fabric_plugin.tasks.run_commands
          inputs: { fabric_env: *host, commands: [rm -f ${folder}/frozen] }
      cloudify.interfaces.snapshot:
        create: { implementation: cut.sh }
`
