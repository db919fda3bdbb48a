// However much a script prints, what is kept of it has a limit, and every cut is marked.
import { expect } from 'chai'
import { LineReader } from '../../../../src/plugins/script/output.ts'
import { splitWords } from '../../../../src/plugins/script/words.ts'
import { runShell } from './run-script-operation.ts'

function read(...chunks: (string | Buffer)[]): { lines: string[]; tail: string } {
  const lines: string[] = []
  const reader = new LineReader((line) => lines.push(line))
  for (const chunk of chunks) reader.read(Buffer.from(chunk))
  reader.end()
  return { lines, tail: reader.tail }
}

describe('the output of a script', () => {
  it('is cut into lines wherever the chunks end', () => {
    expect(read('a\nb', 'c\r\n', '\nd').lines).to.deep.equal(['a', 'bc', '', 'd'])
    const euro = Buffer.from('€')
    expect(read(euro.subarray(0, 1), euro.subarray(1)).lines).to.deep.equal(['€'])
    expect(read('a\n').lines).to.deep.equal(['a'])
    expect(read().lines).to.deep.equal([])
  })

  it('has no endless lines', () => {
    const { lines, tail } = read('x'.repeat(10_000), 'x'.repeat(10_000), '\nend')
    expect(lines).to.have.length(2)
    expect(lines[0]).to.match(/^x{16384}… \(3616 more characters\)$/)
    expect(tail)
      .to.have.length(4096)
      .and.to.match(/^x+\nend$/)
  })

  it('does not fill the log without end', async () => {
    const { ctx, result } = await runShell('seq 1 12000; ctx returns @12000')
    const logged = ctx.lines.filter((line) => line.startsWith('INFO: <out>'))
    expect(logged).to.have.length(10_000)
    expect(ctx.lines).to.include('WARNING: the script printed more than 10000 lines; the rest is not logged')
    expect(result).to.equal(12_000)
  })
})

describe('the words of a command prefix', () => {
  it('are parted by blanks and held by quotes; nothing is expanded', () => {
    const table: [string, string[]][] = [
      ['sudo -u  app', ['sudo', '-u', 'app']],
      [`env A='x y' B="p \\"q\\" $HOME" c\\ d`, ['env', 'A=x y', 'B=p "q" $HOME', 'c d']],
      [`''`, ['']],
      ['  ', []],
    ]
    for (const [text, words] of table) expect(splitWords(text), text).to.deep.equal(words)
    expect(() => splitWords(`bash "open`)).to.throw('open quote')
  })
})
