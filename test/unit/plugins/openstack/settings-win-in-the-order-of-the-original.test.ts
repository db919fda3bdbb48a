// A node's properties, what is known of its instance, and the inputs of an operation: which of them count, in both generations.
import { expect } from 'chai'
import type { JsonObject } from '../../../../src/kernel/json.ts'
import { settingsOf, settingsOfSubject, type OpenstackSettings } from '../../../../src/plugins/openstack/settings.ts'
import { operationContext, subject } from '../../../../src/testing/operation-context.ts'
import { faultOf } from './small-cloud.ts'

const newer = ['cloudify.nodes.Root', 'cloudify.nodes.openstack.Server']

async function read(
  properties: JsonObject,
  runtimeProperties: Record<string, never> | JsonObject = {},
  inputs: JsonObject = {},
  typeHierarchy: readonly string[] = newer,
): Promise<OpenstackSettings> {
  const ctx = operationContext({
    node: { properties, typeHierarchy },
    instance: { runtimeProperties: { ...runtimeProperties } },
  })
  try {
    return await settingsOf(ctx, inputs)
  } finally {
    await ctx.cleanUp()
  }
}

describe('OpenStack: settings of a node', () => {
  it('are merged: inputs before what is known, that before properties', async () => {
    const { clientConfig, resource } = await read(
      { client_config: { a: 1, b: 1, c: 1 }, resource_config: { name: 'n', size: 1, id: '' } },
      { client_config: { b: 2, c: 2 }, resource_config: { size: 2 } },
      { client_config: { c: 3 }, resource_config: { name: '' } },
    )
    expect(clientConfig).to.deep.equal({ a: 1, b: 2, c: 3 })
    expect(resource).to.deep.equal({ name: 'n', size: 2 })
  })

  it('hand on kwargs, which win', async () => {
    const { resource } = await read({ resource_config: { name: 'n', kwargs: { name: 'k', config_drive: true } } })
    expect(resource).to.deep.equal({ name: 'k', config_drive: true })
  })

  it('know a thing by what was made, before what the blueprint names', async () => {
    const properties = { resource_config: { id: 'asked', name: 'asked-name' }, use_external_resource: 'true' }
    expect(await read(properties)).to.include({ resourceId: 'asked', resourceName: 'asked-name', isExternal: true })
    expect(await read(properties, { id: 'made', name: 'made-name' })).to.include({
      resourceId: 'made',
      resourceName: 'made-name',
    })
    expect(await read({}, { external_id: 'old', external_name: 'old-name' })).to.include({
      resourceId: 'old',
      resourceName: 'old-name',
      isExternal: false,
    })
    expect(await read({})).to.include({ resourceId: undefined, resourceName: undefined, isCreatedIfMissing: false })
  })

  it('of the older generation stand under the name of the type', async () => {
    const older = [...newer, 'cloudify.openstack.nodes.Server', 'shop.nodes.Front']
    const settings = await read(
      {
        use_compact_node: true,
        openstack_config: { username: 'u', password: 'old' },
        client_config: { password: 'new' },
        resource_id: 'front',
        image: 'a-name',
        server: { flavor: 'small', kwargs: { config_drive: true } },
      },
      { server: { id: 'x', status: 'ACTIVE' } },
      { server: { key_name: 'k' } },
      older,
    )
    expect(settings.resource).to.deep.equal({ name: 'front', flavor: 'small', key_name: 'k', config_drive: true })
    expect(settings.clientConfig).to.deep.equal({ username: 'u', password: 'new' })
    expect(settings).to.include({ isCompact: true, resourceName: 'front', resourceId: undefined })
    expect(settings.options.text('image')).to.equal('a-name')
  })

  it('of the older generation name an external thing by id or by name', async () => {
    const older = [...newer, 'cloudify.openstack.nodes.Volume']
    const settings = await read({ use_external_resource: true, resource_id: 'x', volume: {} }, {}, {}, older)
    expect(settings).to.include({ resourceName: 'x', resourceId: undefined, isExternal: true, isCompact: true })
    expect(settings.resource).to.deep.equal({})
  })

  it('that are no mapping are refused by their name', async () => {
    expect((await faultOf(read({ client_config: 'shop' }))).message).to.equal(
      "property 'client_config': expected a mapping",
    )
  })

  it('of the other end of a relationship are as they stand there', () => {
    const other = subject(
      { properties: { client_config: { cloud: 'shop' } }, typeHierarchy: newer },
      { runtimeProperties: { id: 'made' } },
    )
    expect(settingsOfSubject(other)).to.deep.include({ resourceId: 'made', clientConfig: { cloud: 'shop' } })
  })
})
