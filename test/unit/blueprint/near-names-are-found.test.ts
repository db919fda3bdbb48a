// Suggestions for wrong names.
import { expect } from 'chai'
import { didYouMean, nearNames } from '../../../src/kernel/near.ts'

describe('near names are found', () => {
  it('finds slips of the finger, the nearest first', () => {
    expect(nearNames('sever', ['fever', 'server', 'network'])).to.deep.equal(['fever', 'server'])
  })

  it('finds the full name of a last part, and names in another case', () => {
    expect(nearNames('Compute', ['cloudify.nodes.Compute'])).to.deep.equal(['cloudify.nodes.Compute'])
    expect(nearNames('Backup', ['backup'])).to.deep.equal(['backup'])
  })

  it('says nothing when nothing comes near', () => {
    expect(didYouMean('zebra', ['server', 'network'])).to.equal(undefined)
  })
})
