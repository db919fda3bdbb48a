// Servers are suspended and resumed from what they do, which is read back; and they are measured also by those who may not see
// Nova's diagnostics.
import { expect } from 'chai'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { closeSharedClouds } from '../../../../../src/plugins/openstack/client/shared-clouds.ts'
import { figuresIn } from '../../../../../src/workflows/statistics.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { serverNode, type CloudNode } from '../../../../support/openstack/cloud-node.ts'
import {
  fakeOpenstack,
  type FakeOpenstack,
  type FakeOpenstackOptions,
} from '../../../../support/openstack/fake-openstack.ts'
import type { FakeServer } from '../../../../support/openstack/model/server.ts'

describe('OpenStack: servers that sleep and are measured', () => {
  let cloud: FakeOpenstack
  let server: FakeServer
  let node: CloudNode
  async function site(options: FakeOpenstackOptions = {}): Promise<void> {
    cloud = await fakeOpenstack(options)
    server = cloud.addServer({ name: 'web', volumes: [{ name: 'data' }] })
    node = serverNode(cloud, server.id)
  }
  afterEach(async () => {
    await node.cleanUp()
    await closeSharedClouds()
    await cloud.close()
  })

  it('is suspended when it is seen to be, and not asked twice', async () => {
    await site()
    const held = cloud.hold('server:suspending')
    let isOver = false
    const suspended = node.call('suspend').then(() => {
      isOver = true
    })
    await held.reached
    expect(isOver).to.equal(false)
    held.release()
    await suspended
    expect([server.status, await node.power('suspend')]).to.deep.equal(['SUSPENDED', 'suspended'])
    await node.call('suspend')
    expect(cloud.count(/action suspend/)).to.equal(1)
    await node.call('resume')
    await node.call('resume')
    expect([server.status, cloud.count(/action resume/)]).to.deep.equal(['ACTIVE', 1])
  })

  it('is paused when it is to be, and resumed from that', async () => {
    await site()
    await node.call('suspend', { inputs: { suspend_mode: 'pause' } })
    expect([server.status, await node.power('suspend')]).to.deep.equal(['PAUSED', 'suspended'])
    await node.call('resume')
    expect(server.status).to.equal('ACTIVE')
  })

  it('is not claimed to sleep, nor turned on, when it is off', async () => {
    await site()
    Object.assign(server, { vmState: 'stopped', powerState: 4 })
    expect(await node.power('suspend')).to.equal('stopped')
    for (const name of ['suspend', 'resume']) {
      const problem = await faultOf(node.call(name))
      expect([problem.code, problem.effect]).to.deep.equal(['openstack.cannot', 'none'])
    }
    expect(server.status).to.equal('SHUTOFF')
  })

  it('tells why it could not be suspended', async () => {
    await site()
    cloud.break('server:suspending', { reason: 'the helper of libvirt is missing' })
    const problem = await faultOf(node.call('suspend'))
    expect([problem.code, problem.message.includes('the helper of libvirt is missing')]).to.deep.equal([
      'openstack.error_state',
      true,
    ])
  })

  it('is not claimed to sleep while nobody does it', async () => {
    await site()
    cloud.stop('compute')
    const problem = await faultOf(node.call('suspend', { inputs: { suspend_timeout: 30 } }))
    expect([problem.code, problem.effect, problem.retry]).to.deep.equal(['openstack.not_reached', 'unknown', 'later'])
    cloud.start('compute')
  })

  it('waits for what is under way with it', async () => {
    await site()
    const held = cloud.hold('server:image_uploading')
    await node.cut('nightly', 'snapshot')
    await held.reached
    const suspended = node.call('suspend')
    held.release()
    await suspended
    expect(server.status).to.equal('SUSPENDED')
  })

  const figuresOf = async () => {
    const found = (await node.call('perfomance')) as JsonObject
    return Object.fromEntries(figuresIn(found).map(({ name, value, unit }) => [name, { value, unit }]))
  }

  it('is measured by its diagnostics, in the shape that a cloud has', async () => {
    for (const compute of [93, 47]) {
      await site({ newest: { compute } })
      const figures = await figuresOf()
      expect(figures).to.deep.include({
        running: { value: 1, unit: null },
        vcpus: { value: 1, unit: 'count' },
        memory: { value: 512, unit: 'MiB' },
        cpu: { value: 0, unit: '%' },
        cpu_time: { value: 17.3, unit: 's' },
      })
      if (compute === 93) expect(figures['disks.1.written']).to.deep.equal({ value: 5_778_432, unit: 'bytes' })
      await node.cleanUp()
      await closeSharedClouds()
      await cloud.close()
    }
    await site()
  })

  it('is measured by what it is made of for those who may not see more, and says so', async () => {
    await site({ isAdmin: false })
    const figures = await figuresOf()
    expect(Object.keys(figures)).to.have.members(['running', 'vcpus', 'memory', 'disk'])
    expect(node.lines.join('\n')).to.include('only its size is known')
  })

  it('computes nothing when it is off', async () => {
    await site()
    Object.assign(server, { vmState: 'stopped', powerState: 4 })
    expect(await figuresOf()).to.deep.include({
      running: { value: 0, unit: null },
      cpu: { value: 0, unit: '%' },
    })
  })
})
