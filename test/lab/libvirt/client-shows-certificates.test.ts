import { expect } from 'chai'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openHypervisor } from '../../../src/plugins/libvirt/client/hypervisor.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import { makeCertificates } from '../../support/certificates.ts'
import { faultOf } from '../../support/fault-of.ts'
import { temporaryFolder, type TemporaryFolder } from '../../support/folder.ts'
import { freePort, portAnswers } from '../../support/free-port.ts'

const world = realWorld()
const { signal } = new AbortController()

describe('libvirt client, lab: a daemon that listens with TLS', () => {
  let folder: TemporaryFolder
  let daemon: ChildProcess
  let port: number
  before(async () => {
    folder = await temporaryFolder()
    await makeCertificates(folder.path)
    port = await freePort()
    daemon = await startDaemon(folder.path, port)
    await portAnswers(port)
  })
  after(async () => {
    const gone = new Promise((resolve) => daemon.once('close', resolve))
    daemon.kill()
    await gone
    await folder[Symbol.asyncDispose]()
  })

  it('takes our certificate, and we take its', async () => {
    const hypervisor = openHypervisor({ uri: `test+tls://localhost:${port}/default?pkipath=${folder.path}`, world })
    const { domains } = await hypervisor.call('CONNECT_LIST_ALL_DOMAINS', {}, { signal })
    expect(domains.map(({ name }) => name)).to.deep.equal(['test'])
    const { xml } = await hypervisor.call('DOMAIN_GET_XML_DESC', { dom: domains[0] as never }, { signal })
    expect(xml).to.contain('<name>test</name>')
    await hypervisor.close()
  })

  it('takes nobody without one', async () => {
    const access = { tls: { ca: join(folder.path, 'cacert.pem') } }
    const uri = `test+tls://localhost:${port}/default?pkipath=${folder.path}/none`
    const hypervisor = openHypervisor({ uri, access, world })
    const refusal = await faultOf(hypervisor.versions({ signal }))
    expect(refusal).to.include({ code: 'libvirt.refused', effect: 'none' })
    expect(refusal.message).to.contain('we have none to show')
    await hypervisor.close()
  })
})

/** One of this test alone, which sees folders of its own where those of the machine are. */
async function startDaemon(path: string, port: number): Promise<ChildProcess> {
  const at = (name: string): string => join(path, name)
  for (const name of ['run', 'lib', 'etc', 'cache']) await mkdir(at(name))
  const account = 'libvirt-qemu:x:64055:'
  await writeFile(at('passwd'), `${await readFile('/etc/passwd', 'utf8')}${account}64055::/nonexistent:/bin/false\n`)
  await writeFile(at('group'), `${await readFile('/etc/group', 'utf8')}${account}\n`)
  await writeFile(at('etc/qemu.conf'), 'user = "root"\ngroup = "root"\ncgroup_controllers = []\nnamespaces = []\n')
  const settings = {
    listen_tls: 1,
    listen_tcp: 0,
    tls_no_sanity_certificate: 1,
    listen_addr: '127.0.0.1',
    tls_port: String(port),
    auth_tls: 'none',
    auth_unix_rw: 'none',
    key_file: at('serverkey.pem'),
    cert_file: at('servercert.pem'),
    ca_file: at('cacert.pem'),
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`)
  await writeFile(at('daemon.conf'), lines.join(''))
  const script = [
    'for one in run:/run lib:/var/lib etc:/etc cache:/var/cache; do',
    'mkdir -p "${one#*:}/libvirt"; mount --bind "$0/${one%%:*}" "${one#*:}/libvirt" || exit 1; done',
    'mount --bind "$0/passwd" /etc/passwd && mount --bind "$0/group" /etc/group || exit 1',
    'exec libvirtd -l -f "$0/daemon.conf" -p "$0/pid"',
  ].join('\n')
  return spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, path], { stdio: 'ignore' })
}
