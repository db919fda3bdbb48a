// Every relative link of the documents leads to something that is there.
import { expect } from 'chai'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { filesIn, root } from '../architecture/source-files.ts'

describe('docs: links', () => {
  const documents = filesIn('.', ['.md'])

  it('lead to files and folders of the repository', () => {
    const links = documents.flatMap((file) =>
      [...file.text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map((match) => ({
        from: file.path,
        to: match[1] ?? '',
      })),
    )
    expect(links).to.have.lengthOf.above(20)
    const broken = links.filter(({ from, to }) => !existsSync(join(root, dirname(from), to)))
    expect(broken).to.deep.equal([])
  })

  it('of test names in the README lead to tests', () => {
    const readme = documents.find((file) => file.path === 'README.md')?.text ?? ''
    const promises = readme.slice(readme.indexOf('## Promises'), readme.indexOf('What is not there yet'))
    const names = [...promises.matchAll(/`([a-z0-9/-]*[a-z0-9]-[a-z0-9-]+)`/g)].map((match) => match[1] ?? '')
    expect(names).to.have.lengthOf.above(10)
    const tests = filesIn('test', ['.test.ts']).map((file) => file.path)
    expect(
      names.filter((name) => !tests.some((path) => path === `${name}.test.ts` || path.endsWith(`/${name}.test.ts`))),
    ).to.deep.equal([])
  })
})
