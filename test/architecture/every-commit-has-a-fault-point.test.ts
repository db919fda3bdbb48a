// Claim: wherever the lifecycle waits for the disk, a fault point stands beside it, so that tests can let the process die
// right there.
import { expect } from 'chai'
import { faultPoints } from '../../src/kernel/fault-point.ts'
import { codeOf, filesIn } from './source-files.ts'

/** How far from the wait the point may stand. */
const near = 5

/** Function -> where its point is instead. */
const elsewhere: Readonly<Record<string, string>> = {
  'src/lifecycle/bracket-round.ts #closeBestEffort': 'settle() passes bracket.settled next',
  'src/lifecycle/thaw.ts #thaw': 'the step of the thaw has passed thaw.disarmed and step.recorded',
  'src/lifecycle/journal.ts event': 'an event alone changes nothing that a resume looks at',
}

interface Wait {
  readonly where: string
  readonly line: number
  readonly isMarked: boolean
}

const waits = filesIn('src/lifecycle', ['.ts']).flatMap(({ path, text }): Wait[] => {
  const lines = codeOf(text).split('\n')
  return lines.flatMap((line, index) => {
    if (!/\.(?:flush|commit)\(/.test(line) || line.includes('#options.commit(')) return []
    const around = lines.slice(Math.max(0, index - near), index + near + 1)
    const isMarked = around.some((one) => /world\.point\?\.\(/.test(one))
    return [{ where: `${path} ${functionAround(lines, index)}`, line: index + 1, isMarked }]
  })
})

function functionAround(lines: readonly string[], index: number): string {
  const pattern =
    /^(?:export )?(?: {2})?(?:async )?(?:function )?(#?\w+)(?:<[^>]*>)?\((?:.*\{)?$|^ {2}(?:async )?(#?\w+)\(/
  for (let line = index; line >= 0; line--) {
    const found = pattern.exec(lines[line] ?? '')
    if (found) return found[1] ?? found[2] ?? ''
  }
  return ''
}

describe('the waits for the disk of the lifecycle', () => {
  it('have a fault point beside them', () => {
    expect(waits.length).to.be.above(15)
    const bare = waits.filter(({ where, isMarked }) => !isMarked && !(where in elsewhere))
    expect(bare.map(({ where, line }) => `${where} (line ${line})`)).to.deep.equal([])
  })

  it('need every exception that is made', () => {
    const excused = new Set(waits.filter(({ isMarked }) => !isMarked).map(({ where }) => where))
    expect(Object.keys(elsewhere).filter((where) => !excused.has(where))).to.deep.equal([])
  })

  it('and everything else that has one name it in the table, which names no other', () => {
    const texts = filesIn('src', ['.ts']).map(({ text }) => text)
    const used = new Set(
      texts.flatMap((text) => [...text.matchAll(/\bpoint\?\.\('([\w.]+)'\)/g)].map((match) => match[1])),
    )
    expect([...used].toSorted()).to.deep.equal(Object.keys(faultPoints).toSorted())
  })
})
