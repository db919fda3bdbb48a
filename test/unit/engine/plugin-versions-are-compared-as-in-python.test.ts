// Claim: versions of plugins are ordered and chosen as Python's packaging does it.
import { expect } from 'chai'
import { compareVersions, isVersion, newestVersion, versionSet } from '../../../src/engine/plugin-version.ts'

describe('plugin versions', () => {
  it('are ordered', () => {
    const ordered = [
      '0.9',
      '1.0.dev1',
      '1.0a1.dev2',
      '1.0a1',
      '1.0a2',
      '1.0b1',
      '1.0rc1',
      '1.0',
      '1.0+local',
      '1.0.post1',
      '1.1',
      '1.2',
      '1.10',
      '2',
      '1!0.1',
    ]
    const shuffled = ordered.toReversed()
    expect(shuffled.toSorted(compareVersions)).to.deep.equal(ordered)
    expect(compareVersions('1.0', '1.0.0')).to.equal(0)
    expect(compareVersions('v1.0-RC.1', '1.0rc1')).to.equal(0)
  })

  it('are told from other texts', () => {
    for (const text of ['1', '1.2.3', 'v2.0', '1.0rc1', '1.0.post2', '2024.1'])
      expect(isVersion(text), text).to.equal(true)
    for (const text of ['', 'latest', '1.x', '../1', '1/2', '1..2', '>=1'])
      expect(isVersion(text), text).to.equal(false)
  })

  it('fit sets', () => {
    const versions = ['0.9', '1.0', '1.4.2', '1.4.5', '1.5', '2.0rc1', '2.0', '3.1']
    const sets: readonly (readonly [string, readonly string[]])[] = [
      ['>=1,<2', ['1.0', '1.4.2', '1.4.5', '1.5']],
      ['>= 1.4.2, != 1.5', ['1.4.2', '1.4.5', '2.0rc1', '2.0', '3.1']],
      ['~=1.4', ['1.4.2', '1.4.5', '1.5']],
      ['~=1.4.2', ['1.4.2', '1.4.5']],
      ['==1.4.*', ['1.4.2', '1.4.5']],
      ['!=1.4.*,<2', ['0.9', '1.0', '1.5']],
      ['1.0', ['1.0']],
      ['1.0.0', ['1.0']],
      ['===1.0', ['1.0']],
      ['1.0,2.0', ['1.0', '2.0']],
      ['>2', ['3.1']],
      ['<=1.0', ['0.9', '1.0']],
    ]
    for (const [spec, expected] of sets) {
      expect(versions.filter(versionSet(spec) ?? (() => false)), spec).to.deep.equal(expected)
    }
    for (const spec of ['newest', '>=x', '~=1', '>=1,', '=1']) expect(versionSet(spec), spec).to.equal(undefined)
  })

  it('are chosen newest first, unfinished ones only when nothing else fits or they are named', () => {
    const versions = ['1.9', '1.10', '2.0rc1']
    expect(newestVersion(versions)).to.equal('1.10')
    expect(newestVersion(versions, '>=2.0rc1')).to.equal('2.0rc1')
    expect(newestVersion(versions, '>1.10')).to.equal('2.0rc1')
    expect(newestVersion(versions, '>3')).to.equal(undefined)
    expect(newestVersion([])).to.equal(undefined)
  })
})
