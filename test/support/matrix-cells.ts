// The matrix in a plugin's README: each of its cells shows a test, which is there and claims what the table says.
import { expect } from 'chai'
import { readFileSync } from 'node:fs'

/** `cells`: by object, `server: ['snapshot', ...]`. Call it inside of a `describe`. */
export function showsEveryCell(plugin: string, cells: Readonly<Record<string, readonly string[]>>): void {
  const readme = new URL(`../../src/plugins/${plugin}/README.md`, import.meta.url)
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
}
