// Broken brackets: what must not happen around a freeze, a cut and a thaw.
import { backup, cancelled, cut, frozen, resumed, undone } from '../good-logs.ts'
import { changed, moved, withFields, without, withRows } from '../made-log.ts'
import type { BrokenLog } from './broken-log.ts'

/** Cancelled before anything was cut. */
const uncut = cancelled.filter((row) => !/^(cut|undo)\./.test(row.type))

const two = { bracket: 'backup#1' }

export const brokenBrackets: readonly BrokenLog[] = [
  {
    rule: 'ledger-before-freeze',
    what: 'the ledger is written after the freeze',
    rows: moved(
      backup,
      { type: 'ledger.written', instance: 'vm' },
      { before: { type: 'freeze.done', instance: 'vm' } },
    ),
  },
  {
    rule: 'deadman-before-freeze',
    what: 'the deadman is armed after the freeze',
    rows: moved(backup, { type: 'deadman.armed', instance: 'vm' }, { before: { type: 'freeze.done', instance: 'vm' } }),
  },
  {
    rule: 'one-freeze-at-a-time',
    what: 'another bracket freezes what is frozen',
    rows: withRows(backup, { type: 'cut.begun', instance: 'db' }, [
      ...frozen('db', 'other#1').slice(3, 7),
      { type: 'thaw.begun', instance: 'db', bracket: 'other#1' },
      { type: 'thaw.done', instance: 'db', bracket: 'other#1' },
      { type: 'deadman.disarmed', instance: 'db', bracket: 'other#1', fields: { token: 'other#1-db', firedAt: null } },
    ]),
  },
  {
    rule: 'every-freeze-is-thawed',
    what: 'a node that cannot carry a deadman is not thawed',
    rows: without(
      withFields(uncut, { type: 'ledger.written', instance: 'db' }, { kind: 'none' }),
      { type: 'deadman.armed', instance: 'db' },
      { type: 'deadman.disarmed', instance: 'db' },
      { type: 'thaw.begun', instance: 'db' },
      { type: 'thaw.done', instance: 'db' },
    ),
  },
  {
    rule: 'every-freeze-is-thawed',
    what: 'a bracket is given up before everybody runs again',
    rows: moved(uncut, { type: 'bracket.abandoned' }, { before: { type: 'thaw.begun', instance: 'db' } }),
  },
  {
    rule: 'thaw-within-lease',
    what: 'the lease is over for long, and the deadman did not fire',
    rows: changed(backup, { type: 'cut.done', instance: 'vm' }, (row) => ({ ...row, at: 33_000 })),
  },
  {
    rule: 'disarm-after-thaw',
    what: 'the deadman is disarmed before the thaw is done',
    rows: moved(
      backup,
      { type: 'deadman.disarmed', instance: 'vm' },
      { before: { type: 'thaw.done', instance: 'vm' } },
    ),
  },
  {
    rule: 'every-deadman-is-disarmed',
    what: 'a deadman stays armed',
    rows: without(backup, { type: 'deadman.disarmed', instance: 'vm' }),
  },
  {
    rule: 'every-deadman-is-disarmed',
    what: 'a deadman is disarmed twice',
    rows: withRows(backup, { type: 'bracket.thawed' }, [
      { type: 'deadman.disarmed', instance: 'vm', ...two, fields: { token: 'backup#1-vm', firedAt: null } },
    ]),
  },
  {
    rule: 'extension-within-maximum',
    what: 'the lease is extended beyond its maximum',
    rows: withRows(backup, { type: 'cut.done', instance: 'vm' }, [
      {
        type: 'deadman.extended',
        instance: 'vm',
        ...two,
        fields: { token: 'backup#1-vm', until: 1_700_000_090_000 },
      },
    ]),
  },
  {
    rule: 'cut-while-frozen',
    what: 'a cut begins before everybody is frozen',
    rows: moved(backup, { type: 'freeze.done', instance: 'vm' }, { before: { type: 'cut.done', instance: 'vm' } }).map(
      // The other node's cut and this one's label are not what is broken here.
      (row) => (row.type === 'point.sealed' ? sealedAs('crash') : row),
    ),
  },
  {
    rule: 'cut-while-frozen',
    what: 'a node that should be frozen never is',
    rows: backup
      .filter((row) => row.instance !== 'vm' || !/^(ledger|deadman|freeze|thaw)\./.test(row.type))
      .map((row) => (row.type === 'point.sealed' ? sealedAs('crash') : row)),
  },
  {
    rule: 'thaw-after-cut',
    what: 'a thaw begins while a cut is under way',
    rows: moved(backup, { type: 'thaw.begun', instance: 'vm' }, { before: { type: 'cut.done', instance: 'vm' } }).map(
      (row) => (row.type === 'point.sealed' ? sealedAs('crash') : row),
    ),
  },
  {
    rule: 'thaw-after-freeze',
    what: 'a thaw begins while its freeze is under way',
    rows: moved(uncut, { type: 'thaw.begun', instance: 'vm' }, { before: { type: 'freeze.done', instance: 'vm' } }),
  },
  {
    rule: 'freeze-in-order',
    what: 'the compute is frozen before what runs on it',
    rows: ((): typeof backup => {
      const begin = backup.findIndex((row) => row.type === 'bracket.opened') + 1
      const [db, vm] = [frozen('db'), frozen('vm')]
      return backup.toSpliced(begin, db.length + vm.length, ...vm, ...db)
    })(),
  },
  {
    rule: 'thaw-in-reverse',
    what: 'what runs on a compute is thawed before it',
    rows: moved(backup, { type: 'thaw.begun', instance: 'db' }, { before: { type: 'thaw.done', instance: 'vm' } }),
  },
  {
    rule: 'settle-after-thaw',
    what: 'settling begins while somebody is frozen',
    rows: moved(backup, { type: 'settle.begun', instance: 'db' }, { before: { type: 'thaw.done', instance: 'db' } }),
  },
  {
    rule: 'undo-after-thaw',
    what: 'a cut is taken back while somebody is frozen',
    rows: moved(cancelled, { type: 'undo.begun', instance: 'db' }, { before: { type: 'thaw.done', instance: 'db' } }),
  },
  {
    rule: 'undo-of-a-cut',
    what: 'something is taken back that was never cut',
    rows: withFields(cancelled, { type: 'undo.begun', instance: 'db' }, { key: 'e/other#1/part/db' }),
  },
  {
    rule: 'undo-of-a-cut',
    what: 'a sealed part is taken back',
    rows: withRows(backup, { type: 'workflow_succeeded' }, undone('db').slice(3, 5)),
  },
  {
    rule: 'bracket-is-closed',
    what: 'the bracket is left open',
    rows: without(backup, { type: 'bracket.thawed' }),
  },
  {
    rule: 'bracket-is-closed',
    what: 'something is cut in a bracket that is closed',
    rows: withRows(cancelled, { type: 'point.discarded' }, cut('vm').slice(3, 5)).filter(
      (row) => row.type !== 'execution.cancelled',
    ),
  },
  {
    rule: 'abandoned-is-never-sealed',
    what: 'something of an abandoned bracket is settled',
    rows: withRows(resumed, { type: 'bracket.opened', bracket: 'backup#2' }, [
      { type: 'settle.begun', instance: 'db', ...two, fields: { key: 'e/backup#1/part/db' } },
    ]),
  },
]

function sealedAs(label: string): (typeof backup)[number] {
  const parts = { db: label, vm: label }
  return { type: 'point.sealed', fields: { point: 'p1', name: 'monday', consistency: label, parts, missing: [] } }
}
