// The fault table, the reference page and the code agree: no code without a page, no page without a code, none unused.
import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { faultTable } from '../../src/kernel/fault-table.ts'
import { filesIn, root } from './source-files.ts'

/** For plugins that blueprints bring; the guide on plugins explains it. */
const forAuthors: ReadonlySet<string> = new Set(['operation.failed', 'operation.aborted'])

describe('architecture: faults', () => {
  const codes = Object.keys(faultTable)

  it('are all documented, and nothing else is', () => {
    const page = readFileSync(join(root, 'docs/reference/faults.md'), 'utf8')
    const documented = [...page.matchAll(/^### `([^`]+)`/gm)].map((match) => match[1])
    expect(documented).to.have.lengthOf.above(30)
    expect(documented.toSorted()).to.deep.equal(codes.toSorted())
  })

  it('are all raised somewhere', () => {
    const files = filesIn('src', ['.ts']).filter((file) => file.path !== 'src/kernel/fault-table.ts')
    const text = files.map((file) => file.text).join('\n')
    expect(codes.filter((code) => !forAuthors.has(code) && !text.includes(`'${code}'`))).to.deep.equal([])
  })

  it('for authors of plugins are in their guide', () => {
    const guide = readFileSync(join(root, 'docs/guides/custom-plugin.md'), 'utf8')
    expect([...forAuthors].filter((code) => !guide.includes(code))).to.deep.equal([])
  })

  it('have codes of the form area.name', () => {
    expect(codes.filter((code) => !/^[a-z]+\.[a-z]+(?:_[a-z]+)*$/.test(code))).to.deep.equal([])
  })
})
