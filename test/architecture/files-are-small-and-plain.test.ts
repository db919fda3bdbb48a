// Every file says what it is for, stays small, and holds neither leftovers nor traces of the machine it was written on.
import { expect } from 'chai'
import { filesIn, placesOf } from './source-files.ts'

const mostLines = 400

/** Longer only because they are tables. */
const tables: readonly string[] = []

// Written in parts, so that this file does not find itself.
const leftovers = [
  new RegExp(
    `\\b(?:${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|${['X', 'XX'].join('')}|${['HA', 'CK'].join('')})\\b`,
  ),
  new RegExp(['(?<![\\w.:/-])/', '(?:work|home|Users|root)/[a-z]'].join('')),
  new RegExp(['shared/', '(?:facts|seeds|design|style|sealed)'].join('')),
]
const issueNumber = /(?:\/\/|\*|<!--)[^\n]*\s#\d+\b/

describe('architecture: files', () => {
  const code = ['src', 'test', 'scripts', 'bench', 'blueprints'].flatMap((folder) => filesIn(folder, ['.ts', '.mjs']))
  const texts = [
    ...code,
    ...['src', 'docs', 'blueprints'].flatMap((folder) => filesIn(folder, ['.md', '.yaml', '.py', '.sh'])),
  ]

  it('are looked at', () => {
    expect(code).to.have.lengthOf.above(200)
    expect(texts).to.have.lengthOf.above(code.length)
  })

  it(`have at most ${mostLines} lines`, () => {
    const long = code.filter((file) => file.text.split('\n').length > mostLines && !tables.includes(file.path))
    expect(long.map((file) => file.path)).to.deep.equal([])
  })

  it('begin with a comment that says what they are responsible for', () => {
    // The name of a test file is its claim.
    const silent = code.filter(
      (file) => !file.path.endsWith('.test.ts') && !/^(?:#![^\n]*\n)?(?:\/\/ \S|\/\*)/.test(file.text),
    )
    expect(silent.map((file) => file.path)).to.deep.equal([])
  })

  it('hold no leftovers and no paths of a machine', () => {
    expect(texts.flatMap((file) => leftovers.flatMap((pattern) => placesOf(file, pattern)))).to.deep.equal([])
  })

  it('explain themselves without issue numbers', () => {
    expect(code.flatMap((file) => placesOf(file, issueNumber))).to.deep.equal([])
  })

  it('in src export names only, defaults in plugin modules alone', () => {
    const others = code.filter(
      (file) => file.path.startsWith('src/') && !/^src\/plugins\/[^/]+\/plugin\.ts$/.test(file.path),
    )
    expect(others.flatMap((file) => placesOf(file, /^export (?:default\b|\* from)/m))).to.deep.equal([])
  })
})
