// What a node says of its vCenter and its machine: which of several sayings wins, and what is refused.
import { expect } from 'chai'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from '../../../../src/kernel/fault.ts'
import type { Json, JsonObject } from '../../../../src/kernel/json.ts'
import { connectionSettings } from '../../../../src/plugins/vsphere/client/connection-settings.ts'
import { settingsOf } from '../../../../src/plugins/vsphere/settings.ts'
import { faultOf } from '../../../support/fault-of.ts'
import { temporaryFolder } from '../../../support/folder.ts'
import { operationContext } from '../../../support/operation-context.ts'

const given = { host: 'vc.example.com', username: 'u', password: 'p' }
const read = (config: JsonObject, environment: NodeJS.ProcessEnv = {}) => connectionSettings(config, { environment })

async function settings(properties: JsonObject, runtimeProperties: Record<string, Json> = {}, inputs: JsonObject = {}) {
  const ctx = operationContext({ node: { properties }, instance: { id: 'web_ab12cd', runtimeProperties } })
  try {
    return await settingsOf(ctx, inputs)
  } finally {
    await ctx.cleanUp()
  }
}

describe('settings of vSphere', () => {
  it('name a vCenter, with the usual port', async () => {
    const { origin, tls, password } = await read(given)
    expect([origin, tls.isInsecure, String(password)]).to.eql(['https://vc.example.com:443', false, '********'])
    expect((await read({ ...given, host: 'fd00::1', port: '8443' })).origin).to.equal('https://[fd00::1]:8443')
  })

  it('take a thumbprint as people write it', async () => {
    const plain = 'ab'.repeat(20)
    const written = (await read({ ...given, thumbprint: plain })).tls.thumbprint
    expect(written).to.equal(Array.from({ length: 20 }, () => 'AB').join(':'))
  })

  const refused: readonly (readonly [string, JsonObject, string])[] = [
    ['a host that is an address of the web', { ...given, host: 'https://vc/sdk' }, 'connection_config.host'],
    ['a host with a path', { ...given, host: 'vc/../x' }, 'connection_config.host'],
    ['no password', { host: 'vc', username: 'u' }, 'connection_config.password'],
    ['a thumbprint that is none', { ...given, thumbprint: 'AB:CD' }, 'connection_config.thumbprint'],
    ['a certificate that is none', { ...given, certificate_data: 'x' }, 'connection_config.certificate_data'],
    [
      'trust in nobody beside a trusted one',
      { ...given, allow_insecure: true, thumbprint: 'ab'.repeat(32) },
      'connection_config.allow_insecure',
    ],
  ]
  for (const [what, config, property] of refused) {
    it(`refuse ${what}`, async () => {
      const problem: Fault = await faultOf(read(config))
      expect([problem.code, problem.details['property']]).to.eql(['vsphere.bad_property', property])
    })
  }

  it('come from a file where the node is silent', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'connection_config.yaml')
    writeFileSync(path, 'host: from-file\nusername: file-user\nport: 444\n')
    const { origin, username } = await read({ password: 'p', username: 'u' }, { CFY_VSPHERE_CONFIG_PATH: path })
    expect([origin, username]).to.eql(['https://from-file:444', 'u'])
    const gone = await faultOf(read(given, { CFY_VSPHERE_CONFIG_PATH: join(folder.path, 'gone') }))
    expect(gone.code).to.equal('vsphere.unreadable_file')
  })

  it('tell instances apart by their names, but leave the name of what was there', async () => {
    const server = { name: 'web' }
    expect((await settings({ server })).name).to.equal('web-ab12cd')
    expect((await settings({ server: { ...server, add_scale_suffix: false } })).name).to.equal('web')
    expect((await settings({ server, use_external_resource: true })).name).to.equal('web')
    expect((await settings({ server, use_existing_resource: true })).isExternal).to.equal(true)
  })

  it('believe the record more than a blueprint that was changed: what was found is never ours', async () => {
    const found = { vsphere_server_id: 'vm-1', name: 'old', use_external_resource: true }
    const { isExternal, machineId, name } = await settings({ use_external_resource: false }, found)
    expect([isExternal, machineId, name]).to.eql([true, 'vm-1', 'old'])
  })

  it('let inputs win, key by key', async () => {
    const properties = { connection_config: given, max_wait_time: 10 }
    const { connectionConfig, limit } = await settings(
      properties,
      {},
      { connection_config: { host: 'b' }, max_wait_time: 20 },
    )
    expect([connectionConfig['host'], connectionConfig['username'], limit]).to.eql(['b', 'u', 20_000])
  })
})
