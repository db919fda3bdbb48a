import { expect } from 'chai'
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openHypervisor, type Hypervisor } from '../../../src/plugins/libvirt/client/hypervisor.ts'
import { parseUri } from '../../../src/plugins/libvirt/client/uri.ts'
import { closeSharedConnections } from '../../../src/plugins/ssh/host/shared-connections.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import { faultOf } from '../../support/fault-of.ts'
import { temporaryFolder, type TemporaryFolder } from '../../support/folder.ts'
import { freePort, portAnswers } from '../../support/free-port.ts'
import { labUri, mend, state as labFolder, virsh } from './lab.ts'

const run = promisify(execFile)
const world = realWorld()
const { signal } = new AbortController()
const sshd = '/usr/sbin/sshd'

describe('libvirt client, lab: over SSH a daemon', () => {
  let folder: TemporaryFolder
  let server: ChildProcess
  let uri: string
  before(async function () {
    if (!existsSync(sshd)) {
      console.log(`      !!! SKIPPED: there is no ${sshd} here; the lab of SSH hosts installs it`)
      this.skip()
    }
    await mend()
    folder = await temporaryFolder()
    const port = await startSshd(folder.path)
    const at = (name: string): string => join(folder.path, name)
    uri = `qemu+ssh://root@127.0.0.1:${port}/system?keyfile=${at('user')}&known_hosts=${at('known_hosts')}`
  })
  afterEach(closeSharedConnections)
  after(async () => {
    server?.kill()
    await folder?.[Symbol.asyncDispose]()
  })

  /** A real one, of this test alone: libvirt's helper finds the lab's socket where those of a machine are. */
  async function startSshd(path: string): Promise<number> {
    const at = (name: string): string => join(path, name)
    for (const name of ['host', 'user']) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)])
    const port = await freePort()
    await writeFile(at('known_hosts'), `[127.0.0.1]:${port} ${await readFile(at('host.pub'), 'utf8')}`)
    await mkdir(at('bin'))
    const inside = 'mount -t tmpfs none /run && mkdir /run/libvirt && mount --bind "$0" /run/libvirt && exec "$@"'
    const helper = `#!/bin/sh\nexec unshare -m sh -c '${inside}' '${labFolder}/run' /usr/bin/virt-ssh-helper "$@"\n`
    await writeFile(at('bin/virt-ssh-helper'), helper)
    await chmod(at('bin/virt-ssh-helper'), 0o755)
    const lines = [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${at('host')}`,
      `AuthorizedKeysFile ${at('user.pub')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      `SetEnv PATH=${at('bin')}:/usr/bin:/bin:/usr/sbin:/sbin`,
    ]
    await writeFile(at('config'), `${lines.join('\n')}\n`)
    await mkdir('/run/sshd', { recursive: true })
    server = spawn(sshd, ['-D', '-f', at('config')], { stdio: 'ignore' })
    await portAnswers(port)
    return port
  }

  async function works(hypervisor: Hypervisor): Promise<void> {
    const { dom } = await hypervisor.call('DOMAIN_LOOKUP_BY_NAME', { name: 'lab1' }, { signal })
    const [{ xml }, shown] = await Promise.all([
      hypervisor.call('DOMAIN_GET_XML_DESC', { dom }, { signal }),
      virsh('dumpxml', 'lab1'),
    ])
    expect(xml.trim()).to.equal(shown.trim())
    expect((await hypervisor.urgent.call('DOMAIN_GET_STATE', { dom }, { signal })).state).to.equal(1)
    await hypervisor.warm({ signal })
    await hypervisor.close()
  }

  it('is reached by its socket, which is forwarded', async () => {
    await works(openHypervisor({ uri: `${uri}&socket=${parseUri(labUri()).parameters.socket}`, world }))
  })

  it('is found by libvirt’s own helper', async () => {
    await works(openHypervisor({ uri, world }))
  })

  it('is not believed to be the one that was meant when it shows another key', async () => {
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder.path, 'other')])
    const port = /:(\d+)\//.exec(uri)?.[1]
    const other = join(folder.path, 'other_hosts')
    await writeFile(other, `[127.0.0.1]:${port} ${await readFile(join(folder.path, 'other.pub'), 'utf8')}`)
    const stranger = openHypervisor({ uri: uri.replace(/known_hosts=.*/, `known_hosts=${other}`), world })
    expect(await faultOf(stranger.versions({ signal }))).to.include({ code: 'ssh.host_key_changed', effect: 'none' })
    await stranger.close()
  })
})
