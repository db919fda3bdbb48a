// Every operation that servers and what they lie in name is one of the plugin's; for the rest the plugin has none that looks
// as if it did something.
import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import plugin from '../../../../src/plugins/vsphere/plugin.ts'

const types = new URL('../../../../src/blueprint/bundled/vsphere-plugin.yaml', import.meta.url)

/** What says so when it is planned. */
const notThere =
  /(check_drift|update|update_resource_pool|poststart|ippool\.\w+|contentlibrary\.\w+\.\w+|ovf\.\w+|devices\.\w+|storage\.\w+|cidata\.\w+)$/

describe('the types of vSphere', () => {
  const named = [
    ...readFileSync(types, 'utf8').matchAll(/\bvsphere\.((?:cloudify_vsphere|vsphere_\w+_plugin)\.[\w.]+)/g),
  ].map(([, name = '']) => name)

  it('name operations that are there, or are known to be missing', () => {
    const missing = [...new Set(named)].filter((name) => !Object.hasOwn(plugin.operations, name))
    expect(missing.filter((name) => !notThere.test(name))).to.eql([])
    expect(named.length).to.be.greaterThan(40)
  })

  it('name every operation of the plugin', () => {
    expect(Object.keys(plugin.operations).filter((name) => !named.includes(name))).to.eql([])
  })
})
