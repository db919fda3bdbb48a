import { expect } from 'chai'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { connect as connectSocket, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import { Secret } from '../../../../../src/kernel/secret.ts'
import {
  connect,
  type ConnectOptions,
  type LibvirtConnection,
} from '../../../../../src/plugins/libvirt/client/connection.ts'
import { closeSharedConnections } from '../../../../../src/plugins/ssh/host/shared-connections.ts'

import { fakeLibvirtd, type FakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'
import { temporaryFolder, type TemporaryFolder } from '../../../../support/folder.ts'
import { sshServer, type SshServer, type SshServerOptions } from '../../../../support/ssh-server.ts'
import { makeCertificates } from '../../../../support/certificates.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { scriptedDaemon, signal, world } from './scripted-daemon.ts'

const reach = (uri: string, more: Pick<ConnectOptions, 'access' | 'isReadOnly'> = {}): Promise<LibvirtConnection> =>
  connect({ ...more, uri, signal, world })

async function works(connection: LibvirtConnection): Promise<void> {
  const { domains } = await connection.call('CONNECT_LIST_ALL_DOMAINS', {}, { signal })
  expect(domains.map(({ name }) => name)).to.deep.equal(['vm'])
  // Larger than what one piece of any way holds.
  const { dom } = await connection.call('DOMAIN_LOOKUP_BY_NAME', { name: 'vm' }, { signal })
  const many = await Promise.all(
    Array.from({ length: 100 }, () => connection.call('DOMAIN_GET_XML_DESC', { dom }, { signal })),
  )
  expect(new Set(many.map(({ xml }) => xml)).size).to.equal(1)
  connection.close()
}

describe('libvirt client: a hypervisor is reached', () => {
  it('over a unix socket, over TCP', async () => {
    await using libvirtd = await fakeLibvirtd({ domains: ['vm'], tcp: true })
    await works(await reach(libvirtd.uri))
    await works(await reach(`qemu+tcp://127.0.0.1:${libvirtd.tcpPort}/system`))
  })

  it('only to look, when asked so', async () => {
    await using libvirtd = await fakeLibvirtd({ domains: ['vm'] })
    const connection = await reach(libvirtd.uri, { isReadOnly: true })
    const vm = await connection.call('DOMAIN_LOOKUP_BY_NAME', { name: 'vm' }, { signal })
    const refused = faultOf(connection.call('DOMAIN_SUSPEND', vm, { signal }))
    expect(await refused).to.include({ code: 'libvirt.denied', effect: 'none' })
    connection.close()
  })

  it('after polkit agreed; SASL is refused with another way', async () => {
    for (const [complete, code] of [
      [1, undefined],
      [0, 'libvirt.refused'],
    ] as const) {
      await using daemon = await scriptedDaemon((call) => {
        if (call.name === 'AUTH_LIST') return (call.answer({ types: [2] }), false)
        if (call.name === 'AUTH_POLKIT') return (call.answer({ complete }), false)
        return true
      })
      if (code === undefined) (await reach(daemon.uri)).close()
      else expect(await faultOf(reach(daemon.uri))).to.include({ code, effect: 'none', blame: 'user' })
    }
    await using daemon = await scriptedDaemon((call) =>
      call.name === 'AUTH_LIST' ? (call.answer({ types: [1] }), false) : true,
    )
    const refusal = await faultOf(reach(daemon.uri))
    expect(refusal.message).to.contain('it wants SASL')
    expect(refusal.hint).to.contain('qemu+ssh://')
  })

  it('or it is said why not', async () => {
    await using libvirtd = await fakeLibvirtd()
    await using folder = await temporaryFolder()
    const cases = [
      [`qemu+unix:///system?socket=${folder.path}/none`, 'libvirt.unreachable', 'ENOENT'],
      ['qemu+tcp://127.0.0.1:1/system', 'libvirt.unreachable', 'ECONNREFUSED'],
      [`lxc+unix:///system?socket=${libvirtd.socket}`, 'libvirt.bad_uri', 'lxc:///system'],
    ] as const
    for (const [uri, code, words] of cases) {
      const problem = await faultOf(reach(uri))
      expect(problem, uri).to.include({ code, effect: 'none' })
      expect(problem.message).to.contain(words)
    }
  })
})

describe('libvirt client: over TLS a hypervisor is reached', () => {
  let folder: TemporaryFolder
  before(async () => {
    folder = await temporaryFolder()
    await makeCertificates(folder.path)
  })
  after(() => folder[Symbol.asyncDispose]())

  it('with certificates of both sides, from a folder or as they are given', async () => {
    await using libvirtd = await fakeLibvirtd({ domains: ['vm'] })
    await using server = await tlsServer(folder.path, libvirtd)
    await works(await reach(`qemu+tls://localhost:${server.port}/system?pkipath=${folder.path}`))
    const read = (name: string): Promise<string> => readFile(join(folder.path, name), 'utf8')
    const key = new Secret(await read('clientkey.pem'))
    const tls = { ca: await read('cacert.pem'), certificate: join(folder.path, 'clientcert.pem'), key }
    await works(await reach(`qemu://127.0.0.1:${server.port}/system`, { access: { tls } }))
  })

  it('only with one that the daemon takes', async () => {
    await using libvirtd = await fakeLibvirtd({ domains: ['vm'] })
    await using server = await tlsServer(folder.path, libvirtd)
    const ca = join(folder.path, 'cacert.pem')
    const port = server.port
    const without = await faultOf(
      reach(`qemu+tls://localhost:${port}/system?pkipath=${folder.path}/empty`, { access: { tls: { ca } } }),
    )
    expect(without).to.include({ code: 'libvirt.refused', effect: 'none' })
    expect(without.message).to.contain('we have none to show')
  })

  it('only when it is the one that was meant, unless that is not asked', async () => {
    await using libvirtd = await fakeLibvirtd({ domains: ['vm'] })
    await using server = await tlsServer(folder.path, libvirtd)
    const stranger = await faultOf(reach(`qemu+tls://127.0.0.2:${server.port}/system?pkipath=${folder.path}`))
    expect(stranger).to.include({ code: 'libvirt.unreachable', effect: 'none' })
    expect(stranger.message).to.match(/127\.0\.0\.2|altnames/i)
    await works(await reach(`qemu+tls://127.0.0.2:${server.port}/system?pkipath=${folder.path}&no_verify=1`))
    const missing = { access: { tls: { ca: join(folder.path, 'none.pem') } } }
    expect(await faultOf(reach(`qemu+tls://localhost:${server.port}/system`, missing))).to.include({
      code: 'libvirt.unreadable_file',
    })
  })
})

describe('libvirt client: over SSH a hypervisor is reached', () => {
  afterEach(closeSharedConnections)

  it('by its socket, which is forwarded', async () => {
    await using site = await sshSite()
    await works(await reach(`${site.uri}?socket=${site.libvirtd.socket}`, site))
    expect(site.server.commands).to.deep.equal([])
  })

  it('through a gateway', async () => {
    await using site = await sshSite()
    await using gateway = await sshServer()
    const { auth, hostKeys } = gateway.target()
    const jump = { host: '127.0.0.1', port: gateway.port, user: 'jump', keys: auth.keys, hostKeys: hostKeys.pinned }
    const access = { ssh: { ...site.access.ssh, jumps: [jump] } }
    await works(await reach(`${site.uri}?socket=${site.libvirtd.socket}`, { access }))
    expect([gateway.count.connections, gateway.count.channels]).to.deep.equal([1, 1])
  })

  it('by libvirt’s own helper, which knows where the socket is', async () => {
    await using site = await sshSite()
    await works(await reach(site.uri, site))
    expect(site.server.commands.length).to.equal(1)
    expect(await site.helperWasAsked()).to.equal('qemu:///system\n')
  })

  it('by netcat, where sockets are not forwarded or it is asked for', async () => {
    await using site = await sshSite({ forwardsSockets: false })
    await works(await reach(`${site.uri}?socket=${site.libvirtd.socket}`, site))
    await works(await reach(`${site.uri}?socket=${site.libvirtd.socket}&proxy=netcat&netcat=othercat`, site))
    expect(site.server.commands[0]).to.contain('nc ')
    expect(site.server.commands[1]).to.contain('othercat ')
  })

  it('or it is said why not, in the words of the other side', async () => {
    await using site = await sshSite({ forwardsSockets: false })
    const nowhere = await faultOf(reach(`${site.uri}?socket=/nowhere/sock`, site))
    expect(nowhere).to.include({ code: 'libvirt.unreachable', effect: 'none' })
    expect(nowhere.message).to.contain('no socket of libvirt among: /nowhere/sock')
    const strange = await faultOf(reach(`${site.uri}?proxy=carrier-pigeon`, site))
    expect(strange).to.include({ code: 'libvirt.bad_uri' })
  })

  it('and is lost with the connection, which is told at once', async () => {
    await using site = await sshSite()
    const connection = await reach(`${site.uri}?socket=${site.libvirtd.socket}`, site)
    const { dom } = await connection.call('DOMAIN_LOOKUP_BY_NAME', { name: 'vm' }, { signal })
    const { reached } = site.libvirtd.faults.hold('DOMAIN_SUSPEND', 'before')
    const change = faultOf(connection.call('DOMAIN_SUSPEND', { dom }, { signal }))
    await reached
    site.server.drop()
    expect(await change).to.include({ code: 'libvirt.connection_lost', effect: 'unknown' })
  })
})

interface SshSite extends AsyncDisposable {
  readonly server: SshServer
  readonly libvirtd: FakeLibvirtd
  readonly uri: string
  readonly access: NonNullable<ConnectOptions['access']>
  helperWasAsked(): Promise<string>
}

/** A host with a daemon; its helper and its netcat are played by Node. */
async function sshSite(options: SshServerOptions = {}): Promise<SshSite> {
  const folder = await temporaryFolder()
  const libvirtd = await fakeLibvirtd({ domains: ['vm'] })
  const pipe = (path: string): string =>
    `exec '${process.execPath}' -e "const s = require('node:net').connect(process.argv[1]); process.stdin.pipe(s).pipe(process.stdout)" ${path}\n`
  const asked = join(folder.path, 'asked')
  const programs = {
    'virt-ssh-helper': `echo "$*" > '${asked}'; ${pipe(libvirtd.socket)}`,
    // The last word is the socket, as netcat has it.
    nc: `[ "$1" = -h ] && exit; for last; do :; done; ${pipe('"$last"')}`,
    othercat: `[ "$1" = -h ] && exit; for last; do :; done; ${pipe('"$last"')}`,
  }
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(folder.path, name), `#!/bin/sh\n${script}`)
    await chmod(join(folder.path, name), 0o755)
  }
  const server = await sshServer({ env: { PATH: `${folder.path}:${process.env['PATH']}` }, ...options })
  const { auth, hostKeys } = server.target()
  return {
    server,
    libvirtd,
    uri: `qemu+ssh://someone@127.0.0.1:${server.port}/system`,
    access: { ssh: { keys: auth.keys, hostKeys: hostKeys.pinned, jumps: [] } },
    helperWasAsked: () => readFile(asked, 'utf8'),
    async [Symbol.asyncDispose]() {
      await closeSharedConnections()
      await server[Symbol.asyncDispose]()
      await libvirtd.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

interface TlsServer extends AsyncDisposable {
  readonly port: number
}

/** As the daemon does it: a byte says that it takes our certificate, then it is the socket. */
async function tlsServer(folder: string, libvirtd: FakeLibvirtd): Promise<TlsServer> {
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')
  const [ca, cert, key] = await Promise.all(['cacert.pem', 'servercert.pem', 'serverkey.pem'].map(read))
  const sockets = new Set<Socket>()
  const server: Server = createServer(
    { ca: ca ?? '', cert: cert ?? '', key: key ?? '', requestCert: true, rejectUnauthorized: false },
    (socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      if (!socket.authorized) return socket.destroy()
      const inner = connectSocket(libvirtd.socket)
      inner.on('error', () => {})
      socket.write(Buffer.of(1))
      socket.pipe(inner).pipe(socket)
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
