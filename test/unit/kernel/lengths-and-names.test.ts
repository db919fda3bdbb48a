import { expect } from 'chai'
import { formatDuration, parseDuration, seconds } from '../../../src/kernel/duration.ts'
import { Fault } from '../../../src/kernel/fault.ts'
import { canonicalJson, isJsonObject, type Json } from '../../../src/kernel/json.ts'
import { didYouMean, nearNames } from '../../../src/kernel/near.ts'

describe('a length of time', () => {
  const good: readonly (readonly [string | number, number])[] = [
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['30', 30_000],
    [30, 30_000],
    [0.5, 500],
    ['0', 0],
    [' 5 s ', 5000],
  ]
  for (const [text, expected] of good)
    it(`'${text}' is ${expected} ms`, () => expect(parseDuration(text)).to.equal(expected))

  it('is a whole number of milliseconds', () => {
    expect(parseDuration('0.1234567s')).to.equal(123)
    expect(parseDuration('1.1m')).to.equal(66_000)
  })

  for (const text of [
    '',
    's',
    '-1s',
    '1 year',
    '1e3',
    'NaN',
    'Infinity',
    '١s',
    '1s1s',
    '9'.repeat(400),
    Number.NaN,
    -1,
    Infinity,
  ]) {
    it(`'${String(text).slice(0, 20)}' is refused with its text`, () => {
      expect(() => parseDuration(text)).to.throw(Fault, 'is not a length of time')
    })
  }

  it('reads well', () => {
    expect([0, 850, 2410, 59_999, 200_000, seconds(3600)].map(formatDuration)).to.deep.equal([
      '0 ms',
      '850 ms',
      '2.41 s',
      '60.00 s',
      '3 min 20 s',
      '60 min 0 s',
    ])
  })

  it('never says sixty seconds after minutes', () => {
    expect(formatDuration(119_700)).to.equal('2 min 0 s')
  })
})

describe('canonical JSON', () => {
  it('is equal for equal values, however they were built', () => {
    const left: Json = { b: 1, a: { d: [1, { y: 2, x: 1 }], c: null } }
    const right: Json = { a: { c: null, d: [1, { x: 1, y: 2 }] }, b: 1 }
    expect(canonicalJson(left))
      .to.equal(canonicalJson(right))
      .and.to.equal('{"a":{"c":null,"d":[1,{"x":1,"y":2}]},"b":1}')
  })

  it('keeps the order of lists and tells apart what differs', () => {
    expect(canonicalJson([2, 1])).to.equal('[2,1]')
    expect(canonicalJson({ a: '1' })).not.to.equal(canonicalJson({ a: 1 }))
  })

  it('keeps keys that objects treat in their own way', () => {
    const value = JSON.parse('{"__proto__": {"b": 1, "a": 2}, "constructor": 1, "10": 1, "9": 2}') as Json
    const text = canonicalJson(value)
    expect(JSON.parse(text)).to.deep.equal(value)
    expect(text).to.contain('"__proto__":{"a":2,"b":1}')
  })

  it('knows an object from a list and from null', () => {
    expect([{}, [], null, 'x', 1].map(isJsonObject)).to.deep.equal([true, false, false, false, false])
  })
})

describe('near names', () => {
  const known = ['backup', 'restore', 'remove_backup', 'cloudify.interfaces.snapshot.create', 'db_x1y2z3']

  it('finds slips of the pen, other case, and the last part of dotted names', () => {
    expect(nearNames('bakcup', known)).to.deep.equal(['backup'])
    expect(nearNames('RESTORE', known)).to.deep.equal(['restore'])
    expect(nearNames('create', known)).to.deep.equal(['cloudify.interfaces.snapshot.create'])
    expect(nearNames('db_x1y2z4', known)).to.deep.equal(['db_x1y2z3'])
  })

  it('finds nothing where nothing comes near', () => {
    expect(nearNames('kubernetes', known)).to.deep.equal([])
    expect(didYouMean('kubernetes', known)).to.equal(undefined)
    expect(nearNames('', known)).to.deep.equal([])
  })

  it('gives at most three, the nearest first', () => {
    const names = nearNames('node-00', ['node-11', 'node-01', 'node-10', 'node-02', 'node-00x'])
    expect(names).to.have.length(3)
    expect(names).to.include('node-01').and.not.to.include('node-11')
  })

  it('is quick with long names', function () {
    this.timeout(2000)
    const long = 'x'.repeat(20_000)
    expect(nearNames(long, [`${long}y`, 'y'.repeat(20_000)]).length).to.be.at.most(1)
  })

  it('asks in words', () => {
    expect(didYouMean('bakcup', known)).to.equal("did you mean 'backup'?")
  })
})
