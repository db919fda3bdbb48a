// Three values of one path: the blueprint's, the live one, the backup's.
import { expect } from 'chai'
import type { Json } from '../../../../src/kernel/json.ts'
import { differenceKind } from '../../../../src/plugins/contract/comparison.ts'

const cases: readonly (readonly [Json, Json, Json, string | undefined])[] = [
  ['a', 'a', 'a', undefined],
  [null, 'a', 'a', undefined],
  [null, null, null, undefined],
  [null, 'a', 'b', 'changed'],
  [null, null, 'b', 'changed'],
  [null, 'a', null, 'changed'],
  ['a', 'a', 'b', 'changed'],
  ['a', 'a', null, 'changed'],
  ['a', 'b', 'a', 'drifted'],
  ['a', null, 'a', 'drifted'],
  ['a', 'b', 'b', 'redeclared'],
  ['a', null, null, 'redeclared'],
  ['a', 'b', 'c', 'conflict'],
  ['a', null, 'c', 'conflict'],
  [{ a: 1 }, { a: 1 }, { a: 2 }, 'changed'],
]

describe('a difference', () => {
  for (const [blueprint, live, backup, kind] of cases)
    it(`of ${JSON.stringify(blueprint)}, ${JSON.stringify(live)} and ${JSON.stringify(backup)} is ${kind ?? 'none'}`, () => {
      expect(differenceKind(blueprint, live, backup)).to.equal(kind)
    })
})
