// For every rule of the oracle there is a log that breaks it, and breaks nothing else.
import { expect } from 'chai'
import { checkLog } from '../../../src/report/oracle/check.ts'
import type { Facts } from '../../../src/report/oracle/facts.ts'
import { rules } from '../../../src/report/oracle/rules.ts'
import { brokenBrackets } from './broken/bracket.ts'
import type { BrokenLog } from './broken/broken-log.ts'
import { brokenClaims } from './broken/catalog.ts'
import { brokenRecords } from './broken/record.ts'
import { backup, cancelled, facts, installing, powered, removalFacts, removed, resumed } from './good-logs.ts'
import { logOf, type Row } from './made-log.ts'

const broken: readonly BrokenLog[] = [...brokenBrackets, ...brokenClaims, ...brokenRecords]

const good: Readonly<Record<string, readonly [readonly Row[], Facts]>> = {
  'a backup': [backup, { ...facts, secrets: ['hunter22'] }],
  'a backup that was cancelled': [cancelled, facts],
  'a backup that was killed and carried on': [resumed, facts],
  'a removal': [removed, removalFacts],
  'a resume': [powered, facts],
  'an installation that failed': [installing, facts],
}

describe('oracle: invariants', () => {
  it('have ids that are used once, and are at least twenty', () => {
    const ids = rules.map((rule) => rule.id)
    expect(new Set(ids).size).to.equal(ids.length)
    expect(ids).to.have.lengthOf.at.least(20)
    expect(ids.filter((id) => !/^[a-z]+(-[a-z]+)+$/.test(id))).to.deep.equal([])
  })

  it('are each broken by a log of their own', () => {
    const ids = rules.map((rule) => rule.id)
    expect([...new Set(broken.map((log) => log.rule))].toSorted()).to.deep.equal(ids.toSorted())
  })

  for (const [name, [rows, known]] of Object.entries(good)) {
    it(`are kept by ${name}`, () => {
      expect(checkLog(logOf(rows), known).violations).to.deep.equal([])
    })
  }

  for (const { rule, what, rows, facts: known } of broken) {
    it(`${rule} and no other fails when ${what}`, () => {
      const { violations, rules: checked } = checkLog(logOf(rows), known ?? facts)
      const found = violations.map((violation) => `${violation.rule}: ${violation.message}`)
      expect([...new Set(violations.map((violation) => violation.rule))], found.join('\n')).to.deep.equal([rule])
      expect(checked.filter(({ state }) => state === 'broken').map(({ id }) => id)).to.deep.equal([rule])
    })
  }
})
