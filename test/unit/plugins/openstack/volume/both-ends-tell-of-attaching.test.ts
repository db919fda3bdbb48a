// A volume is attached when its server and the volume itself say so, and free when both say that: an accepted call says nothing.
import { expect } from 'chai'
import { cloudOf, closeSharedClouds } from '../../../../../src/plugins/openstack/client/shared-clouds.ts'
import type { Cloud } from '../../../../../src/plugins/openstack/client/cloud.ts'
import { attachVolume, detachVolume } from '../../../../../src/plugins/openstack/volume/attachments.ts'
import { volumesOfNodes } from '../../../../../src/plugins/openstack/volume/attach-operations.ts'
import { volumeOperations } from '../../../../../src/plugins/openstack/volume/operations.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { operationContext, subject } from '../../../../support/operation-context.ts'
import { fakeOpenstack, type FakeOpenstack } from '../../../../support/openstack/fake-openstack.ts'
import type { FakeServer } from '../../../../support/openstack/model/server.ts'
import { shortWorld } from '../../../../support/openstack/node-on-fake.ts'

const attaching = 'compute POST /servers/:id/os-volume_attachments'
const detaching = 'compute DELETE /servers/:id/os-volume_attachments/:volume'

describe('OpenStack: attaching volumes', () => {
  let fake: FakeOpenstack
  let server: FakeServer
  let cloud: Cloud
  beforeEach(async () => {
    fake = await fakeOpenstack()
    server = fake.addServer({ name: 'web' })
    fake.addVolume({ name: 'data' })
    const ctx = operationContext({ world: shortWorld() })
    cloud = await cloudOf(ctx, { clientConfig: fake.clientConfig })
    await ctx.cleanUp()
  })
  afterEach(async () => {
    await closeSharedClouds()
    await fake.close()
  })
  const place = () => ({ serverId: server.id, volumeId: fake.volume('data').id })

  it('is over when both have it, and tells where', async () => {
    const held = fake.hold('volume:attaching')
    let device: string | null | undefined
    const attached = attachVolume(cloud, { ...place(), device: 'auto' }).then((got) => {
      device = got
    })
    await held.reached
    expect(device).to.equal(undefined)
    held.release()
    await attached
    expect([device, fake.volume('data').status]).to.deep.equal(['/dev/vdb', 'in-use'])
  })

  it('fails at once, and says why, when the volume is free again', async () => {
    fake.break('volume:attaching')
    const problem = await faultOf(attachVolume(cloud, place()))
    expect([problem.code, problem.effect]).to.deep.equal(['openstack.error_state', 'done'])
    expect(problem.message).to.contain('available').and.to.contain('did not take it')
    expect(server.attachments).to.deep.equal([])
  })

  it('asks once, whatever becomes of the answer, and not at all when it is done', async () => {
    fake.fail(attaching, { drop: 'after' })
    expect((await faultOf(attachVolume(cloud, place()))).effect).to.equal('unknown')
    await attachVolume(cloud, place())
    await attachVolume(cloud, place())
    expect([fake.count(attaching), server.attachments.length]).to.deep.equal([1, 1])
    fake.fail(detaching, { drop: 'after' })
    expect((await faultOf(detachVolume(cloud, place()))).effect).to.equal('unknown')
    await detachVolume(cloud, place())
    await detachVolume(cloud, place())
    expect([fake.count(detaching), fake.volume('data').status]).to.deep.equal([1, 'available'])
  })

  it('does not take an accepted detach for one that is done', async () => {
    await attachVolume(cloud, place())
    fake.break('volume:detaching')
    const problem = await faultOf(detachVolume(cloud, place(), { deadline: 2000 }))
    expect([problem.code, problem.effect]).to.deep.equal(['openstack.not_reached', 'unknown'])
    expect(problem.message).to.contain('detaching')
  })

  it('is done by the relationship, and known of the server by its record', async () => {
    const client_config = fake.clientConfig
    const volume = { id: 'data', type: 'cloudify.nodes.openstack.Volume', properties: { client_config } }
    const source = subject(volume, { id: 'data_1', runtimeProperties: { id: fake.volume('data').id } })
    const node = { id: 'web', type: 'cloudify.nodes.openstack.Server', properties: { client_config } }
    const instance = { id: 'web_1', runtimeProperties: { id: server.id } }
    const relationship = { type: 'attached', source, target: subject(node, instance) }
    const ctx = operationContext({ world: shortWorld(), node, instance, relationship })
    const run = async (name: string): Promise<void> => {
      const operation = volumeOperations[`openstack_plugin.resources.compute.server.${name}`]
      if (operation?.kind !== 'run') throw new Error(`there is no ${name}`)
      await operation.run(ctx, {})
    }
    await run('attach_volume')
    expect(volumesOfNodes(ctx)).to.deep.equal([fake.volume('data').id])
    expect(server.attachments).to.have.length(1)
    await run('detach_volume')
    expect([volumesOfNodes(ctx), server.attachments.length, fake.volume('data').status]).to.deep.equal([
      [],
      0,
      'available',
    ])
    fake.state.servers.delete(server.id)
    await run('detach_volume')
    await ctx.cleanUp()
  })
})
