// Claim: each cell of the matrix of domains, networks, pools and volumes names a test that is there and says what it shows.
import { expect } from 'chai'
import { readFileSync } from 'node:fs'

const readme = new URL('../../../../src/plugins/libvirt/README.md', import.meta.url)
const kept = ['snapshot', 'backup', 'snapshot restore', 'backup restore', 'snapshot remove', 'backup remove']
const cells = {
  domain: ['suspend', 'resume', 'file systems', ...kept],
  network: kept,
  pool: kept,
  volume: kept,
}

describe('every cell of the libvirt matrix', () => {
  const text = readFileSync(readme, 'utf8')
  const section = text.slice(text.indexOf('### Where each cell is shown')).split('\n## ')[0] ?? ''
  const rows = [...section.matchAll(/^\| (\w+) +\| ([\w ]+?) +\| \[[^\]]+\]\(([^)]+)\) +\| (.+?) +\|$/gm)].map(
    ([, object = '', cell = '', path = '', claim = '']) => ({ name: `${object}: ${cell}`, path, claim }),
  )

  it('shows a test', () => {
    const wanted = Object.entries(cells).flatMap(([object, names]) => names.map((cell) => `${object}: ${cell}`))
    expect(rows.map(({ name }) => name).toSorted()).to.deep.equal(wanted.toSorted())
  })

  it('shows one that claims what the table says', () => {
    const without = rows.filter(({ path, claim }) => {
      const titles = [...readFileSync(new URL(path, readme), 'utf8').matchAll(/\bit\(\s*(['"`])(.*?)\1, /gs)]
      return !titles.some(([, , title = '']) => title.includes(claim))
    })
    expect(without).to.deep.equal([])
  })
})
