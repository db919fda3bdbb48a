import { expect } from 'chai'
import {
  decideRemoval,
  restingOn,
  unneededFiles,
  type LayeredSnapshot,
} from '../../../../../src/plugins/libvirt/snapshot/layers.ts'

const external = (name: string, chain: readonly string[], overlay: string): LayeredSnapshot => ({
  name,
  mode: 'external',
  disks: [{ target: 'vda', chain, overlay }],
})
const internal = (name: string, ...chain: readonly string[]): LayeredSnapshot => ({
  name,
  mode: 'internal',
  disks: [{ target: 'vda', chain, overlay: undefined }],
})
const active = (...chain: readonly string[]) => new Map([['vda', chain]])
const merge = (layer: string) => ({ how: 'merge', layers: new Map([['vda', layer]]) })
const everything = new Set(['o1', 'o2', 'r1'])

// base <- o1 <- o2: s1 stands on base, s2 on o1.
const s1 = external('s1', ['base'], 'o1')
const s2 = external('s2', ['o1', 'base'], 'o2')

describe('deleting a snapshot with layers', () => {
  it('merges the layer above into it, first or last of a chain', () => {
    const layering = { active: active('o2', 'o1', 'base'), others: [s2] }
    expect(decideRemoval(s1, layering, everything)).to.deep.equal(merge('o1'))
    expect(decideRemoval(s2, { ...layering, others: [s1] }, everything)).to.deep.equal(merge('o2'))
  })

  it('writes into no file that another snapshot rests on', () => {
    // Put back to s1: the domain goes on in r1, and s2 needs base as it is.
    const layering = { active: active('r1', 'base'), others: [s2] }
    expect(decideRemoval(s1, layering, everything)).to.deep.equal({ how: 'forget', files: [] })
  })

  it('takes the files along that nobody else needs, and of those only ours', () => {
    const layering = { active: active('r1', 'base'), others: [s1] }
    expect(decideRemoval(s2, layering, everything)).to.deep.equal({ how: 'forget', files: ['o1'] })
    expect(decideRemoval(s2, layering, new Set())).to.deep.equal({ how: 'forget', files: [] })
    const branch = external('s3', ['x', 'o1', 'base'], 'y')
    expect(decideRemoval(s2, { ...layering, others: [s1, branch] }, everything)).to.deep.equal({
      how: 'forget',
      files: [],
    })
  })

  it('is refused while a snapshot inside the layer would be lost', () => {
    const layering = { active: active('o1', 'base'), others: [internal('in', 'o1', 'base')] }
    expect(decideRemoval(s1, layering, everything)).to.have.property('how', 'refuse')
    // What is inside of the lower file stays there.
    const below = { active: active('o1', 'base'), others: [internal('in', 'base')] }
    expect(decideRemoval(s1, below, everything)).to.deep.equal(merge('o1'))
  })

  it('is refused when only some of its disks are in use', () => {
    const both: LayeredSnapshot = {
      name: 'b',
      mode: 'external',
      disks: [...s1.disks, { target: 'vdb', chain: ['other'], overlay: 'o9' }],
    }
    const layering = { active: active('o1', 'base'), others: [] }
    expect(decideRemoval(both, layering, everything)).to.have.property('how', 'refuse')
  })
})

describe('turning a disk back to what is inside of it', () => {
  const inside = internal('in', 'base')

  it('is fine while nothing rests on the file', () => {
    expect(restingOn(inside, { active: active('base'), others: [internal('in2', 'base')] })).to.equal(undefined)
  })

  it('would take the ground from under snapshots that rest on it', () => {
    expect(restingOn(inside, { active: active('base'), others: [s1] })).to.contain("'s1'")
    expect(restingOn(inside, { active: active('o1', 'base'), others: [] })).to.contain('uses now')
  })
})

describe('what came after a cut', () => {
  it('goes only when nobody rests on it and it was made by us', () => {
    const layering = { active: active('r1', 'base'), others: [s1, s2] }
    expect(unneededFiles(['o2', 'o1', 'base'], layering, everything)).to.deep.equal(['o2'])
    expect(unneededFiles(['o2', 'o1', 'base'], { ...layering, others: [s1] }, everything)).to.deep.equal(['o2', 'o1'])
    expect(unneededFiles(['theirs'], layering, everything)).to.deep.equal([])
  })
})
