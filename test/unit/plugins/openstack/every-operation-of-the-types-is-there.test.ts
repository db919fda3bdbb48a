// Claim: every operation that the types of both generations name is one of the plugin's, and the plugin has none that nobody
// names.
import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import plugin from '../../../../src/plugins/openstack/plugin.ts'

const types = new URL('../../../../src/blueprint/bundled/openstack-plugin.yaml', import.meta.url)

describe('the types of OpenStack', () => {
  const named = new Set(
    [...readFileSync(types, 'utf8').matchAll(/\bopenstack\.((?:openstack|nova)_plugin\.[\w.]+)/g)].map(
      ([, name = '']) => name,
    ),
  )

  it('name operations that are there', () => {
    expect([...named].filter((name) => !Object.hasOwn(plugin.operations, name))).to.deep.equal([])
    expect(named.size).to.be.greaterThan(100)
  })
})
