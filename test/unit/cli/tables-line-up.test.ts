import { expect } from 'chai'
import { fieldsText, tableText } from '../../../src/cli/table.ts'

describe('a table', () => {
  it('keeps its columns apart, numbers to the right', async () => {
    const text = await tableText({
      head: ['NAME', 'COUNT'],
      rows: [
        ['one', 5],
        ['a longer one', 1234],
      ],
    })
    expect(text.split('\n')).to.deep.equal(['NAME          COUNT', 'one               5', 'a longer one   1234'])
  })

  it('counts wide characters as wide as they are', async () => {
    const text = await tableText({
      head: ['NAME', 'ID'],
      rows: [
        ['日本', 'x'],
        ['abcd', 'y'],
      ],
    })
    expect(text.split('\n').slice(1)).to.deep.equal(['日本  x', 'abcd  y'])
  })

  it('lets no cell break a line or draw on the terminal', async () => {
    const text = await tableText({ head: ['NAME'], rows: [['two\nlines\u001b[2J'], [null]] })
    expect(text.split('\n').length).to.be.at.most(3)
    expect(text).not.to.contain('\u001b')
  })

  it('of fields lines its values up', () => {
    expect(
      fieldsText([
        ['id', 'x'],
        ['status', null],
      ]),
    ).to.equal('id:     x\nstatus: -')
  })
})
