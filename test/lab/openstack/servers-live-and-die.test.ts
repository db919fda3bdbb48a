// Claim: a blueprint's server with a volume is made, suspended, resumed, stopped, started, measured and deleted on a real
// cloud, and each of it is over when fermata says so.
import { expect } from 'chai'
import type { JsonObject } from '../../../src/kernel/json.ts'
import { labSite as lab } from '../../support/openstack/truth/lab-site.ts'
import { clientConfig } from './lab.ts'
import { labDeployment, statusOf, volumeOf, type LabSite } from './site.ts'

const name = `fermata-life-${process.pid}`
const none = { agent_config: { install_method: 'none' } }

describe('lab: servers live and die', function () {
  this.timeout(180_000)
  let site: LabSite
  let ids: { readonly server: string; readonly volume: string }

  before(async () => {
    site = await labDeployment()
    const { image, flavor } = await lab()
    await site.deploy({
      web: {
        type: 'cloudify.nodes.openstack.Server',
        properties: {
          ...none,
          client_config: clientConfig,
          resource_config: { name, image_id: image, flavor_id: flavor, kwargs: { networks: 'none' } },
        },
      },
      data: {
        type: 'cloudify.nodes.openstack.Volume',
        properties: { client_config: clientConfig, resource_config: { name: `${name}-data`, size: 1 } },
        relationships: [{ type: 'cloudify.relationships.openstack.volume_attached_to_server', target: 'web' }],
      },
    })
  })
  after(() => site[Symbol.asyncDispose]())

  const servers = async (): Promise<number> => {
    const { body } = await site.stage.call('GET', 'compute', `/servers?name=^${name}$`)
    return (body['servers'] as readonly JsonObject[]).length
  }

  it('are made once, with their volumes', async () => {
    await site.succeed('install')
    ids = { server: String((await site.known('web'))['id']), volume: String((await site.known('data'))['id']) }
    expect(await statusOf(site.stage, ids.server)).to.equal('ACTIVE')
    const volume = await volumeOf(site.stage, ids.volume)
    expect([volume['status'], volume['size']]).to.deep.equal(['in-use', 1])
    expect(JSON.stringify(volume['attachments'])).to.contain(ids.server)
    expect(await servers()).to.equal(1)
  })

  it('are suspended and resumed, and nothing is under way afterwards', async () => {
    await site.succeed('suspend')
    expect(await statusOf(site.stage, ids.server)).to.equal('SUSPENDED')
    await site.succeed('suspend')
    await site.succeed('resume')
    expect(await statusOf(site.stage, ids.server)).to.equal('ACTIVE')
    await site.succeed('resume')
  })

  it('are stopped, and rebooted, which starts them', async () => {
    const operation = (one: string, more: JsonObject = {}): JsonObject => ({
      operation: `cloudify.interfaces.lifecycle.${one}`,
      node_ids: ['web'],
      ...more,
    })
    await site.succeed('execute_operation', operation('stop'))
    expect(await statusOf(site.stage, ids.server)).to.equal('SHUTOFF')
    await site.succeed('execute_operation', operation('reboot', { operation_kwargs: { reboot_type: 'hard' } }))
    expect(await statusOf(site.stage, ids.server)).to.equal('ACTIVE')
  })

  it('are measured', async () => {
    await site.succeed('statistics')
    const measured = await site.known('web')
    const instances = await site.fermata.nodeInstances.list('lab')
    expect(JSON.stringify([measured, instances])).to.match(/memory/)
  })

  it('are deleted, with what was made for them', async () => {
    await site.succeed('uninstall')
    expect(await statusOf(site.stage, ids.server)).to.equal('gone')
    expect((await volumeOf(site.stage, ids.volume))['status']).to.equal('gone')
    expect(await servers()).to.equal(0)
  })
})
