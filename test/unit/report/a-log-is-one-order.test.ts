// Events and moments become one order; what later checks need of other executions is read from their logs.
import { expect } from 'chai'
import type { TraceRecord } from '../../../src/kernel/trace.ts'
import { mergeLog } from '../../../src/report/log.ts'
import { checkLog } from '../../../src/report/oracle/check.ts'
import { foundPower, type EarlierRun } from '../../../src/report/found-power.ts'
import { sealedParts } from '../../../src/report/sealed-parts.ts'
import type { EventRow, TraceRow } from '../../../src/store/tables.ts'

const event = (sequence: number, message: string, more: Partial<EventRow> = {}): EventRow => ({
  execution_id: 'e',
  sequence,
  time: sequence * 10,
  kind: 'workflow_stage',
  level: null,
  instance_id: null,
  operation: null,
  source_id: null,
  target_id: null,
  message,
  ...more,
})

const batch = (number: number, ...records: readonly object[]): TraceRow => ({
  execution_id: 'e',
  batch: number,
  records: JSON.stringify(records),
})

const moment = (type: string, after: number, more: object = {}): object =>
  ({ type, after, at: after * 10 + 5, ...more }) satisfies Omit<TraceRecord, 'type'> & { type: string }

const typesOf = (events: readonly EventRow[], traces: readonly TraceRow[]): string[] =>
  mergeLog(events, traces).map((entry) => (entry.source === 'event' ? entry.text : entry.type))

describe('the log of an execution', () => {
  it('has each moment behind the event it came after, whatever the order in which rows are read', () => {
    const events = [event(2, 'two'), event(1, 'one'), event(3, 'three')]
    const traces = [
      batch(2, moment('bracket.thawed', 2), moment('point.sealed', 3)),
      batch(1, moment('execution.started', 0), moment('bracket.opened', 1), moment('cut.done', 2)),
    ]
    expect(typesOf(events, traces)).to.deep.equal([
      'execution.started',
      'one',
      'bracket.opened',
      'two',
      'cut.done',
      'bracket.thawed',
      'three',
      'point.sealed',
    ])
  })

  it('keeps moments whose event is gone, so that a rule can tell of it', () => {
    const log = mergeLog([event(1, 'one')], [batch(1, moment('bracket.opened', 4), moment('cut.done', 7))])
    expect(log.map(({ type }) => type)).to.deep.equal(['workflow_stage', 'bracket.opened', 'cut.done'])
    expect(log.map(({ position, sequence }) => [position, sequence])).to.deep.equal([
      [1, 1],
      [2, 4],
      [3, 7],
    ])
  })

  it('passes over moments of a newer version', () => {
    expect(typesOf([], [batch(1, moment('moon.risen', 0), moment('bracket.thawed', 0))])).to.deep.equal([
      'bracket.thawed',
    ])
  })

  it('has the fields of a moment apart from where and when it was', () => {
    const [entry] = mergeLog([], [batch(1, moment('thaw.begun', 3, { instance: 'db', bracket: 'b#1', attempt: 2 }))])
    expect(entry).to.deep.include({ instance: 'db', bracket: 'b#1', at: 35, sequence: 3, fields: { attempt: 2 } })
  })

  it('names both ends of a relationship', () => {
    const [entry] = mergeLog([event(1, 'linked', { source_id: 'web', target_id: 'db' })], [])
    expect(entry).to.include({ pair: 'web->db' })
  })

  it('says nothing when there is none', () => {
    const { rules, violations } = checkLog([])
    expect(violations).to.deep.equal([])
    expect(rules.every(({ state }) => state === 'silent')).to.equal(true)
  })
})

describe('what backups sealed', () => {
  const cut = (instance: string, providerId: string | null): object =>
    moment('cut.done', 1, { instance, bracket: 'b#1', providerId })
  const sealed = (point: string, ...instances: readonly string[]): object =>
    moment('point.sealed', 2, { point, parts: Object.fromEntries(instances.map((id) => [id, 'crash'])) })

  it('is told by point, with the ids that settling told last', () => {
    const settled = moment('settle.done', 1, { instance: 'db', bracket: 'b#1', providerId: 'image-2' })
    const one = mergeLog([], [batch(1, cut('db', 'image-1'), settled, cut('vm', 'disk-1'), sealed('p1', 'db', 'vm'))])
    const two = mergeLog([], [batch(1, cut('db', 'image-3'), sealed('p2', 'db'))])
    expect(sealedParts([one, two])).to.deep.equal({ p1: ['image-2', 'disk-1'], p2: ['image-3'] })
  })

  it('is not told of a point with a part that has no id', () => {
    expect(sealedParts([mergeLog([], [batch(1, cut('db', null), sealed('p1', 'db'))])])).to.deep.equal({})
  })
})

describe('what suspends found', () => {
  const found = (state: string): object => moment('power.found', 1, { instance: 'vm', state })
  const restored = moment('power.restored', 1, { instance: 'vm', state: 'running', wanted: 'running' })
  const run = (workflow: string, ...records: readonly object[]): EarlierRun => ({
    workflow,
    entries: mergeLog([], [batch(1, ...records)]),
  })

  it('is what the first of several found, until it was put back', () => {
    expect(foundPower([run('suspend', found('running')), run('suspend', found('suspended'))])).to.deep.equal({
      vm: 'running',
    })
    expect(foundPower([run('suspend', found('stopped')), run('suspend', found('running'))])).to.deep.equal({
      vm: 'running',
    })
    expect(foundPower([run('suspend', found('stopped')), run('uninstall')])).to.deep.equal({})
    expect(foundPower([run('suspend', found('running')), run('mine', restored)])).to.deep.equal({})
    expect(foundPower([run('suspend', found('stopped')), run('resume')])).to.deep.equal({})
  })
})
