// Claim: README's table of providers claims exactly what the tests that it names try: a cell stands where they hand the contract suite
// such an operation, and nowhere else.
import { expect } from 'chai'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundledPlugins } from '../../src/engine/plugin-registry.ts'
import { contractTests } from '../../scripts/pages/contract-tests.ts'
import { providerRows } from '../../scripts/pages/readme-capabilities.ts'
import { filesIn, importsOf, root } from '../architecture/source-files.ts'

/** What the suite needs of a node for the cases of a column. */
const needed: Readonly<Record<string, readonly string[]>> = {
  suspend: ['freeze.suspend', 'freeze.resume'],
  freeze: ['freeze.fs_prepare', 'freeze.fs_finalize'],
  capture: ['snapshot.create'],
  restore: ['snapshot.apply'],
  remove: ['snapshot.delete'],
  // Tried with whatever is captured, where the plugin has it.
  verify: ['snapshot.create'],
  measure: ['statistics.perfomance'],
}

/** What is tried outside of the suite, and where. */
const elsewhere: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  openstack: { measure: 'test/unit/plugins/openstack/server/servers-sleep-and-are-measured.test.ts' },
}

/** A test with what it is made of. */
function textOf(path: string, seen = new Set<string>()): string {
  if (seen.has(path) || !path.startsWith('test/')) return ''
  seen.add(path)
  const text = readFileSync(join(root, path), 'utf8')
  const imports = importsOf({ path, text }).map((to) => textOf(to, seen))
  return [text, ...imports].join('\n')
}

/** By its name, or by the end of it in a list whose names are put together. */
function names(text: string, operation: string): boolean {
  if (text.includes(operation)) return true
  const [place = '', name = ''] = operation.split('.')
  const isBuilt =
    text.includes(`interfaces.${place}.\${`) || (text.includes(`interfaces.${place}'`) && text.includes('}.${'))
  return isBuilt && new RegExp(`(?:^|[^.\\w])${name}['":]`, 'm').test(text)
}

describe('docs: the table of providers', () => {
  it('has every provider that works with something real', () => {
    const all = bundledPlugins.map(({ name }) => name)
    // `fabric` and `terminal` are other words for what `ssh` does, `sim` works with nothing.
    const real = all.filter((name) => !['fabric', 'terminal', 'sim'].includes(name))
    expect(Object.keys(contractTests).toSorted()).to.deep.equal(real.toSorted())
  })

  it('names tests that are there, and all that try the suite on them', () => {
    const listed = Object.values(contractTests).flat()
    for (const path of listed) expect(existsSync(join(root, path)), path).to.equal(true)
    const trying = filesIn('test', ['.test.ts']).filter(({ text }) => /^\s*contractSuite\(/m.test(text))
    const others = trying.map(({ path }) => path).filter((path) => !listed.includes(path))
    // Simulated machines are no provider.
    expect(others).to.deep.equal(['test/contract/sim-keeps-the-contract.test.ts'])
  })

  it('claims what they try, and nothing else', async () => {
    for (const { plugin, cells } of await providerRows()) {
      const text = (contractTests[plugin] ?? []).map((path) => textOf(path)).join('\n')
      const tried = Object.entries(needed)
        .filter(([column, operations]) => {
          const other = elsewhere[plugin]?.[column]
          if (other !== undefined) return existsSync(join(root, other))
          return operations.every((operation) => names(text, operation))
        })
        .map(([column]) => column)
      const claimed = Object.keys(needed).filter((column) => cells[column] !== '')
      expect(claimed, plugin).to.deep.equal(tried)
      expect(claimed, plugin).to.have.lengthOf.above(0)
    }
  })
})
