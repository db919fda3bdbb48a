// Claim: what -i and -p are given means what it says: false is false, and only the first = parts name from value.
import { expect } from 'chai'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readKeyValues } from '../../../src/cli/key-values.ts'
import { asFault } from '../../../src/kernel/fault.ts'

describe('values on the command line', () => {
  const table: readonly (readonly [string, unknown])[] = [
    ['a=false', { a: false }],
    ['a=True', { a: true }],
    ['a=yes', { a: 'yes' }],
    ['a=5', { a: 5 }],
    ['a=-1.5e3', { a: -1500 }],
    ['a="5"', { a: '5' }],
    ["a='false'", { a: 'false' }],
    ['a=', { a: '' }],
    ['a=null', { a: null }],
    ['z=a=b', { z: 'a=b' }],
    ['a=[1, two]', { a: [1, 'two'] }],
    ['a={b: 1}', { a: { b: 1 } }],
    ['a=10.1.2.3', { a: '10.1.2.3' }],
    ['a=12345678901234567890', { a: '12345678901234567890' }],
    ['a=2026-01-02', { a: '2026-01-02' }],
    ['a=text: with a colon', { a: 'text: with a colon' }],
    ['{"n": 5, "b": true}', { n: 5, b: true }],
    ['n: 5', { n: 5 }],
    ['__proto__=1', JSON.parse('{"__proto__": 1}')],
  ]
  for (const [text, expected] of table) {
    it(text, async () => {
      const found = await readKeyValues([text])
      expect(JSON.stringify(found)).to.equal(JSON.stringify(expected))
    })
  }

  it('lets later ones win', async () => {
    expect(await readKeyValues(['a=1', 'b=2', '{"a": 3}'])).to.deep.equal({ a: 3, b: 2 })
  })

  it('refuses what is none of all that', async () => {
    for (const text of ['nonsense', 'a=[1', '{', 'a=1;b=2', 'no-such-file.yaml']) {
      const problem = asFault(await readKeyValues([text]).catch((thrown: unknown) => thrown))
      expect(problem.code, text).to.equal('usage.bad_pair')
    }
  })

  describe('in files', () => {
    let folder: string
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'fermata-values-'))
      await writeFile(join(folder, 'one.yaml'), 'a: yes\nb: 2\n')
      await writeFile(join(folder, 'two.json'), '{"b": 3}')
      await writeFile(join(folder, 'list.yaml'), '- 1\n')
      await writeFile(join(folder, 'bad.yaml'), 'a: [\n')
    })
    after(() => rm(folder, { recursive: true, force: true }))

    it('reads one, or several with commas between', async () => {
      expect(await readKeyValues([join(folder, 'one.yaml')])).to.deep.equal({ a: 'yes', b: 2 })
      const both = `${join(folder, 'one.yaml')},${join(folder, 'two.json')}`
      expect(await readKeyValues([both])).to.deep.equal({ a: 'yes', b: 3 })
    })

    it('names the file that holds no mapping, or no YAML', async () => {
      for (const name of ['list.yaml', 'bad.yaml']) {
        const problem = asFault(await readKeyValues([join(folder, name)]).catch((thrown: unknown) => thrown))
        expect(problem.code).to.equal('usage.unreadable_file')
        expect(problem.message).to.contain(name)
      }
    })
  })
})
