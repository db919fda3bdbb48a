// Claim: every operation that the types of Google Cloud name is one of the plugin's, but for those that its README says are left
// out; and the plugin has none that nobody names.
import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import plugin from '../../../../src/plugins/gcp/plugin.ts'

const types = new URL('../../../../src/blueprint/bundled/gcp-plugin.yaml', import.meta.url)

const leftOut = [/^(dns|container_engine|pubsub|monitoring|logging|admin|iam|workflows)\./]

describe('the types of Google Cloud', () => {
  const named = new Set(
    [...readFileSync(types, 'utf8').matchAll(/\bgcp_plugin\.cloudify_gcp\.([\w.]+)/g)].map(([, name = '']) => name),
  )
  const provided = Object.keys(plugin.operations).map((name) => name.replace('cloudify_gcp.', ''))
  const isLeftOut = (name: string): boolean => leftOut.some((pattern) => pattern.test(name))

  it('name operations that are there, or are left out', () => {
    expect([...named].filter((name) => !provided.includes(name) && !isLeftOut(name))).to.deep.equal([])
    expect(provided.filter((name) => !named.has(name))).to.deep.equal([])
    expect(provided.filter(isLeftOut)).to.deep.equal([])
    expect(provided).to.have.length.greaterThan(45)
  })
})
