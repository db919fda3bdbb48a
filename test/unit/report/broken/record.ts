// Broken records: lives that do not fit together, numbers, times, secrets.
import { backup, cancelled, cut, facts, installing, powered, resumed, started, thawed } from '../good-logs.ts'
import { changed, moved, withFields, withRows, type Row } from '../made-log.ts'
import type { BrokenLog } from './broken-log.ts'

/** A log to its end, and a process that comes after it. */
const again = (rows: readonly Row[], isResumed: boolean): readonly Row[] => [
  ...rows,
  ...started('backup', true).map((row) =>
    row.type === 'execution.started' ? { ...row, fields: { ...row.fields, isResumed } } : row,
  ),
  { type: 'workflow_failed', text: "'backup' workflow execution failed" },
  { type: 'execution.ended', fields: { status: 'failed' } },
]

const inDoubt = { key: 'e/backup#1/part/db', attempt: 2, inDoubt: false }

export const brokenRecords: readonly BrokenLog[] = [
  { rule: 'one-beginning', what: 'the execution is begun twice', rows: again(backup, false) },
  {
    rule: 'resume-thaws-first',
    what: 'a new round is frozen before the old one is thawed',
    rows: ((): readonly Row[] => {
      const left = thawed('db').slice(3, 6)
      const types = left.map((row) => row.type)
      const rest = resumed.filter(
        (row) => row.instance !== 'db' || row.bracket !== 'backup#1' || !types.includes(row.type),
      )
      // Another node's: that the same one is not frozen twice is another rule.
      const other = {
        bracket: 'other#1',
        instance: 'web',
        fields: { key: 'e/other#1/part/web', attempt: 1, inDoubt: true },
      }
      return withRows(
        withRows(rest, { type: 'bracket.abandoned' }, [{ type: 'cut.begun', ...other }]),
        { type: 'bracket.abandoned' },
        left,
      )
    })(),
  },
  {
    rule: 'repeat-is-in-doubt',
    what: 'a cut that may be there is repeated as if nothing was',
    rows: withRows(backup, { type: 'cut.done', instance: 'db' }, [
      { type: 'cut.failed', instance: 'db', bracket: 'backup#1', fields: { ...inDoubt, code: 'x', effect: 'unknown' } },
      { type: 'cut.begun', instance: 'db', bracket: 'backup#1', fields: inDoubt },
    ]),
  },
  {
    rule: 'nothing-begins-after-cancel',
    what: 'something is cut after the cancel',
    rows: withRows(cancelled, { type: 'thaw.begun', instance: 'vm' }, cut('vm').slice(3, 5)),
  },
  {
    rule: 'power-as-found',
    what: 'a node is not what it should be',
    rows: withFields(powered, { type: 'power.restored' }, { state: 'stopped' }),
  },
  {
    rule: 'power-as-found',
    what: 'a node is started that suspend had found stopped',
    rows: powered,
    facts: { ...facts, powerFound: { vm: 'stopped' } },
  },
  {
    rule: 'failure-stops-others',
    what: 'a node is configured after its host failed',
    rows: withRows(installing, { type: 'workflow_failed' }, [
      { type: 'sending_task', instance: 'db', operation: 'cloudify.interfaces.lifecycle.configure' },
    ]),
  },
  {
    rule: 'sent-before-started',
    what: 'a task is started and never sent',
    rows: installing.filter((row) => row.type !== 'sending_task'),
  },
  {
    rule: 'sent-before-started',
    what: 'a task succeeds that was not started',
    rows: changed(installing, { type: 'task_failed' }, (row) => ({ ...row, type: 'task_succeeded' })).filter(
      (row) => row.type !== 'task_started',
    ),
  },
  {
    rule: 'told-as-recorded',
    what: 'success is told and a failure recorded',
    rows: withFields(powered, { type: 'execution.ended' }, { status: 'failed' }),
  },
  {
    rule: 'sequence-without-gaps',
    what: 'an event is missing',
    rows: changed(powered, { type: 'workflow_succeeded' }, (row) => ({ ...row, sequence: 99 })).filter(
      (row) => row.type !== 'execution.ended',
    ),
  },
  {
    rule: 'time-goes-forward',
    what: 'the clock goes back',
    rows: changed(powered, { type: 'power.restored' }, (row) => ({ ...row, at: 5 })),
  },
  {
    rule: 'ends-were-begun',
    what: 'a freeze is done that never began',
    rows: backup.filter((row) => row.type !== 'freeze.begun' || row.instance !== 'vm'),
  },
  {
    rule: 'nothing-after-the-end',
    what: 'something is logged after the end',
    rows: [...powered, { type: 'log', text: 'one more thing' }],
  },
  {
    rule: 'secrets-are-masked',
    what: 'a secret is logged',
    rows: moved(
      [{ type: 'log', text: 'the password is hunter22' }, ...powered],
      { type: 'log' },
      { before: { type: 'power.restored' } },
    ),
    facts: { ...facts, secrets: ['hunter22'] },
  },
]
