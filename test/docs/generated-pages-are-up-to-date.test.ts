// What is generated says what the code says now.
import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generatedPages, root } from '../../scripts/generated-pages.ts'

describe('docs: generated pages', () => {
  it('are more than none', () => {
    expect(generatedPages).to.have.lengthOf.above(1)
  })

  for (const page of generatedPages) {
    it(`${page.path} is up to date (else: npm run gen)`, async () => {
      const written = await readFile(join(root, page.path), 'utf8')
      expect(written.length).to.be.above(500)
      expect(written).to.equal(await page.text())
    })
  }
})
