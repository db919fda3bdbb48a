// The parser's answers agree with those of a peer implementation, record by record.
import { expect } from 'chai'
import { disagreement } from './compare.ts'
import { evaluationDisagreement } from './evaluation.ts'
import { elementDisagreement } from './element.ts'
import { modificationDisagreement } from './modification.ts'
import { mergeDisagreement } from './operation-merge.ts'
import { recordsOrSkip } from './records.ts'

describe('the language agrees with recorded answers of a peer', function () {
  this.timeout(60_000)

  for (const file of ['parse', 'prepare', 'multi', 'local-parse', 'local-prepare']) {
    it(`agrees on every record of ${file}`, function () {
      const differences = recordsOrSkip(this, file).map(disagreement)
      expect(differences.filter((difference) => difference !== undefined)).to.deep.equal([])
    })
  }

  it('agrees on how operations of types and templates merge', function () {
    const differences = recordsOrSkip(this, 'operation-merge').map(mergeDisagreement)
    expect(differences.filter((difference) => difference !== undefined)).to.deep.equal([])
  })

  it('agrees on what a change of a deployment adds and removes', function () {
    const differences = recordsOrSkip(this, 'modify').map(modificationDisagreement)
    expect(differences.filter((difference) => difference !== undefined)).to.deep.equal([])
  })

  it('agrees on which operations and interfaces are valid', function () {
    const differences = recordsOrSkip(this, 'element-validate').map(elementDisagreement)
    expect(differences.filter((difference) => difference !== undefined)).to.deep.equal([])
  })

  it('agrees on functions evaluated in a running deployment', async function () {
    const differences = await Promise.all(recordsOrSkip(this, 'evaluate').map(evaluationDisagreement))
    expect(differences.filter((difference) => difference !== undefined)).to.deep.equal([])
  })
})
