// A backup is incremental only upon a usable one of the same node: Cinder takes whatever is the newest for the parent.
import { expect } from 'chai'
import { closeSharedClouds } from '../../../../../src/plugins/openstack/client/shared-clouds.ts'
import { fakeOpenstack, type FakeOpenstack } from '../../../../support/openstack/fake-openstack.ts'
import { volumeNode, type CloudNode } from '../../../../support/openstack/cloud-node.ts'

describe('OpenStack: incremental backups of volumes', () => {
  let cloud: FakeOpenstack
  let node: CloudNode
  const others: CloudNode[] = []
  beforeEach(async () => {
    cloud = await fakeOpenstack()
    cloud.addServer({ name: 'web', volumes: [{ name: 'data', content: 'one' }] })
    node = volumeNode(cloud, cloud.volume('data').id, { backup_chain: 'incremental', max_chain: 2 })
  })
  afterEach(async () => {
    for (const one of [node, ...others.splice(0)]) await one.cleanUp()
    await closeSharedClouds()
    await cloud.close()
  })
  const parentIn = (id: string): string | null => cloud.backup(id).parentId
  const saved = async (name: string, from = node): Promise<readonly [string, string | null]> => {
    const part = await from.save(name, 'backup')
    // What is on record is what Cinder did.
    expect(part['parentId'] ?? null).to.equal(parentIn(part.providerId))
    return [part.providerId, parentIn(part.providerId)]
  }

  it('rest on the one before, and begin anew when so many rest on a whole one', async () => {
    const [first, none] = await saved('one')
    const [second, onFirst] = await saved('two')
    const [third, onSecond] = await saved('three')
    const [fourth, alone] = await saved('four')
    const [, onFourth] = await saved('five')
    expect([none, onFirst, onSecond, alone, onFourth]).to.deep.equal([null, first, second, null, fourth])
    expect(third).to.not.equal(fourth)
  })

  it('are whole after one that went wrong, and upon none that somebody else made', async () => {
    const [first] = await saved('one')
    cloud.backup(first).status = 'error'
    expect((await saved('two'))[1]).to.equal(null)
    const [latest] = await saved('three')
    // By hand, or by another deployment.
    cloud.backup(latest).metadata['fermata_node'] = 'another/data_a1b2c3'
    expect((await saved('four'))[1]).to.equal(null)
    expect(node.lines.join('\n')).to.contain('is not of this node')
  })

  it('are whole where nobody asked for less', async () => {
    const plain = volumeNode(cloud, cloud.volume('data').id)
    others.push(plain)
    await saved('one', plain)
    expect((await saved('two', plain))[1]).to.equal(null)
  })
})
