import { expect } from 'chai'
import { socketPaths } from '../../../../../src/plugins/libvirt/client/transports/unix.ts'
import { parseUri } from '../../../../../src/plugins/libvirt/client/uri.ts'

describe('libvirt client: URIs', () => {
  it('are read as libvirt writes them', () => {
    const cases: readonly (readonly [string, object])[] = [
      ['qemu:///system', { way: 'unix', name: 'qemu:///system', isSession: false }],
      ['qemu:///session', { way: 'unix', name: 'qemu:///session', isSession: true }],
      ['qemu+unix:///system?socket=/run/x', { way: 'unix', name: 'qemu:///system', parameters: { socket: '/run/x' } }],
      ['test:///default', { way: 'unix', name: 'test:///default' }],
      ['test+unix:///default?socket=/x', { way: 'unix', name: 'test:///default' }],
      ['qemu://host/system', { way: 'tls', host: 'host', name: 'qemu:///system' }],
      ['qemu+tls://host:1/system', { way: 'tls', host: 'host', port: 1 }],
      ['qemu+tcp://[::1]/system', { way: 'tcp', host: '::1' }],
      [
        'qemu+ssh://root@host:2222/system?keyfile=/k&known_hosts=/h&socket=/s',
        {
          way: 'ssh',
          host: 'host',
          port: 2222,
          user: 'root',
          parameters: { keyfile: '/k', known_hosts: '/h', socket: '/s' },
        },
      ],
      ['qemu+ssh://a%40b@host/system?name=qemu:///session', { user: 'a@b', name: 'qemu:///session' }],
      ['lxc:///system', { way: 'unix', name: 'lxc:///system' }],
    ]
    for (const [uri, expected] of cases) expect(parseUri(uri), uri).to.deep.include({ shown: uri, ...expected })
  })

  it('that are none are refused with what was expected', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['', 'does not begin with a hypervisor'],
      ['system', 'does not begin with a hypervisor'],
      ['qemu:system', 'does not begin with a hypervisor'],
      ['esx://host/', "'esx' is not one of qemu"],
      ['qemu+libssh2://host/system', "'+libssh2' is not one of +unix, +tcp, +tls, +ssh"],
      ['qemu+ssh:///system', '+ssh needs a host'],
      ['qemu+unix://host/system', 'a unix socket is on this machine'],
      ['qemu:///sytem', "'/sytem' is neither /system nor /session"],
      ['qemu:///', "'/' is neither /system nor /session"],
      ['test:///', 'nothing is named'],
      ['qemu+ssh://-oProxyCommand=x@-host/system', 'does not begin with a dash'],
      ['qemu:///system?sokcet=/x', "parameter 'sokcet' is not one of socket"],
    ]
    for (const [uri, reason] of cases) {
      expect(() => parseUri(uri), uri).to.throw(reason)
      try {
        parseUri(uri)
      } catch (problem) {
        expect(problem).to.deep.include({ code: 'libvirt.bad_uri', effect: 'none', retry: 'never' })
        expect(problem).to.have.property('hint').that.contains('qemu+ssh://user@host/system')
      }
    }
  })

  it('with a password are refused, and do not show it', () => {
    const refusal = (): unknown => parseUri('qemu+ssh://root:swordfish@host/system')
    expect(refusal).to.throw("'qemu+ssh://root@host/system' is no address of a hypervisor: a password")
    expect(refusal).to.not.throw('swordfish')
  })

  it('name the sockets that libvirt listens on', () => {
    const home = { HOME: '/users/me' }
    const run = { ...home, XDG_RUNTIME_DIR: '/run/user/7' }
    const system = ['/run/libvirt/libvirt-sock', '/run/libvirt/virtqemud-sock']
    expect(socketPaths(parseUri('qemu:///system'), false, run)).to.deep.equal(system)
    expect(socketPaths(parseUri('qemu:///system'), true, run)).to.deep.equal(system.map((path) => `${path}-ro`))
    expect(socketPaths(parseUri('qemu:///session'), true, run)).to.deep.equal([
      '/run/user/7/libvirt/libvirt-sock',
      '/run/user/7/libvirt/virtqemud-sock',
    ])
    expect(socketPaths(parseUri('qemu:///session'), false, home)[0]).to.equal('/users/me/.cache/libvirt/libvirt-sock')
    expect(socketPaths(parseUri('test:///default'), false, run)).to.deep.equal(['/run/libvirt/libvirt-sock'])
    expect(socketPaths(parseUri('qemu+unix:///system?socket=/a'), false, run)).to.deep.equal(['/a'])
  })
})
