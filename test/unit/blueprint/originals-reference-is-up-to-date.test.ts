// Claim: docs/reference/bundled-types.md says what the bundled files say.
import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { bundledTypesPage } from '../../../scripts/pages/bundled-types.ts'

describe('the reference of bundled types', () => {
  it('is what `npm run gen` writes', () => {
    const path = new URL('../../../docs/reference/bundled-types.md', import.meta.url)
    expect(readFileSync(path, 'utf8'), 'run npm run gen').to.equal(bundledTypesPage())
  })

  it('names every plugin and a type of each', () => {
    const page = bundledTypesPage()
    for (const name of ['openstack', 'vsphere', 'libvirt', 'gcp', 'utilities', 'fabric', 'terminal']) {
      expect(page).to.contain(`\n## cloudify-${name}-plugin\n`)
    }
    for (const type of ['cloudify.nodes.openstack.Server', 'cloudify.libvirt.domain', 'cloudify.terminal.raw']) {
      expect(page).to.contain(`\n#### ${type}\n`)
    }
  })
})
