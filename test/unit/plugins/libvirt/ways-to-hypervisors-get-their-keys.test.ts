// Claim: keys, passwords and certificates of the way to a hypervisor come from the node's properties, are told to nobody,
// and are not needed where there is nothing to unlock.
import { expect } from 'chai'
import { inspect } from 'node:util'
import { Fault } from '../../../../src/kernel/fault.ts'
import type { JsonObject } from '../../../../src/kernel/json.ts'
import { accessOf } from '../../../../src/plugins/libvirt/access.ts'
import { sshTargetOf } from '../../../../src/plugins/libvirt/client/transports/ssh.ts'
import { parseUri, type Access } from '../../../../src/plugins/libvirt/client/uri.ts'
import { settingsOf } from '../../../../src/plugins/libvirt/settings.ts'
import { operationContext, type TestContext } from '../../../support/operation-context.ts'

describe('ways to hypervisors get their keys', () => {
  let ctx: TestContext
  afterEach(() => ctx.cleanUp())

  async function access(properties: JsonObject): Promise<Access> {
    ctx = operationContext({ node: { properties }, files: { 'keys/id': 'a key' } })
    return accessOf(ctx, await settingsOf(ctx))
  }

  it('a socket needs none', async () => {
    expect(await access({ libvirt_auth: 'qemu:///system', libvirt_ssh: {}, libvirt_tls: {} })).to.deep.equal({})
  })

  it('over SSH as a host has them, with the address and the user that the URI says', async () => {
    const uri = 'qemu+ssh://admin@hv1:2222/system'
    const libvirt_ssh = { password: 'sesame', known_hosts: ['/k'], jumps: ['root@gate:22'], key: 'keys/id' }
    const found = await access({ libvirt_auth: uri, libvirt_ssh })
    expect(found.ssh?.keys?.[0]?.key).to.match(/keys\/id$/)
    expect(inspect(found, { depth: 9 }) + JSON.stringify(found)).to.not.contain('sesame')
    const target = await sshTargetOf(parseUri(uri), found)
    expect([target.host, target.user, target.port]).to.deep.equal(['hv1', 'admin', 2222])
    expect(target.jumps.map(({ host }) => host)).to.deep.equal(['gate'])
    expect(found.ssh?.password?.reveal()).to.equal('sesame')
  })

  it('over TLS as three files or texts', async () => {
    const libvirt_tls = { ca: '/ca.pem', certificate: '/cert.pem', key: '-----BEGIN sesame' }
    const found = await access({ libvirt_auth: 'qemu+tls://hv1/system', libvirt_tls })
    expect([found.tls?.ca, found.tls?.certificate]).to.deep.equal(['/ca.pem', '/cert.pem'])
    expect(inspect(found, { depth: 9 }) + JSON.stringify(found)).to.not.contain('sesame')
    expect(JSON.stringify(ctx.instance.runtimeProperties)).to.not.contain('sesame')
  })

  it('what does not fit is refused', async () => {
    for (const wrong of [{ libvirt_ssh: 'key' }, { libvirt_ssh: { known_hosts: 7 } }, { libvirt_tls: { ca: [] } }]) {
      const outcome = await access({ libvirt_auth: 'qemu+ssh://hv1/system', ...wrong }).catch(
        (thrown: unknown) => thrown,
      )
      expect(outcome).to.be.instanceOf(Fault)
      expect((outcome as Fault).code).to.match(/\.bad_property$/)
      await ctx.cleanUp()
    }
  })
})
