// Broken claims: of recovery points, of labels, of what is deleted.
import { backup, removalFacts, removed } from '../good-logs.ts'
import { moved, withFields, without, withRows, type Row } from '../made-log.ts'
import type { BrokenLog } from './broken-log.ts'

const sealed = { type: 'point.sealed' }

const left: Row = {
  type: 'freeze.left',
  instance: 'db',
  bracket: 'backup#1',
  fields: { policy: 'prefer', reason: 'it refused' },
}

export const brokenClaims: readonly BrokenLog[] = [
  {
    rule: 'sealed-is-settled',
    what: 'a part is sealed that was not read back',
    rows: without(backup, { type: 'settle.done', instance: 'vm' }),
  },
  {
    rule: 'sealed-is-what-was-asked',
    what: 'a part is missing and nobody says so',
    rows: withFields(backup, sealed, { parts: { vm: 'filesystem' } }),
  },
  {
    rule: 'label-is-the-lowest',
    what: 'the recovery point claims more than its parts',
    rows: withFields(backup, sealed, { consistency: 'application' }),
  },
  {
    rule: 'label-is-measured',
    what: 'a lease ended in the cut and the label was not lowered',
    rows: withFields(
      withFields(backup, { type: 'deadman.disarmed', instance: 'db' }, { firedAt: 1_700_000_000_150 }),
      { type: 'deadman.disarmed', instance: 'vm' },
      { firedAt: null },
    ),
  },
  {
    rule: 'label-is-measured',
    what: 'a service was left unfrozen and the label was not lowered',
    rows: withRows(
      backup.filter((row) => row.instance !== 'db' || !/^(ledger|deadman|freeze|thaw)\./.test(row.type)),
      { type: 'cut.begun', instance: 'db' },
      [left],
    ),
  },
  {
    rule: 'success-means-sealed',
    what: 'a backup ends well without a part',
    rows: withFields(backup, sealed, { parts: { vm: 'filesystem' }, missing: ['db'] }),
  },
  {
    rule: 'last-good-is-kept',
    what: 'the last good one is deleted',
    rows: withFields(removed, { type: 'point.deleted' }, { goodLeft: 0 }),
    facts: removalFacts,
  },
  {
    rule: 'parts-go-before-their-point',
    what: 'a recovery point is forgotten before its parts are gone',
    rows: without(removed, { type: 'part.deleted', instance: 'vm' }),
    facts: removalFacts,
  },
  {
    rule: 'children-go-before-parents',
    what: 'something is deleted on which another one rests',
    rows: removed,
    facts: { ...removalFacts, needed: { 'snap-db': ['snap-db-tuesday'] } },
  },
  {
    rule: 'children-go-before-parents',
    what: 'a parent is deleted first',
    rows: withFields(removed, { type: 'part.deleting', instance: 'vm' }, { parent: 'snap-db' }),
    facts: removalFacts,
  },
  {
    rule: 'deleted-by-the-catalog',
    what: 'something is deleted that was never sealed',
    rows: removed,
    facts: { ...removalFacts, sealed: { p1: ['snap-db'] } },
  },
  {
    rule: 'abandoned-is-never-sealed',
    what: 'what an abandoned bracket cut is sealed',
    rows: moved(
      backup.map((row) => (row.type === 'bracket.thawed' ? { ...row, type: 'bracket.abandoned' } : row)),
      { type: 'bracket.abandoned' },
      { before: sealed },
    ),
  },
]
