// A copy is an orphan when it bears our mark and no catalog knows it: not one of somebody else's, not a namesake, and not one
// that an execution under way may still record.
import { expect } from 'chai'
import { digestOf, markedDescription } from '../../../../../src/plugins/vsphere/mark.ts'
import type { Machine, SnapshotNode } from '../../../../../src/plugins/vsphere/machine/machine.ts'
import { findingsOf, type Expected } from '../../../../../src/plugins/vsphere/report/findings.ts'

const now = Date.parse('2026-03-10T12:00:00Z')
const hour = 3_600_000

const snapshot = (id: string, hoursAgo: number, description = markedDescription('daily', id)): SnapshotNode => ({
  ref: { type: 'VirtualMachineSnapshot', id },
  name: id,
  description,
  createdAt: new Date(now - hoursAgo * hour).toISOString(),
  power: 'poweredOff',
  isQuiesced: false,
  children: [],
})

const machine = (more: Partial<Machine> = {}): Machine => ({
  ref: { type: 'VirtualMachine', id: 'vm-1' },
  name: 'web',
  instanceUuid: 'uuid-1',
  power: 'poweredOn',
  hasTools: true,
  needsConsolidation: false,
  isTemplate: false,
  snapshots: [],
  devices: [],
  ...more,
})

const none: Expected = { parts: [], activeSince: null, now }
const mark = digestOf('work')
const copyName = `web-${mark.slice(0, 12)}-backup`

const told = (one: Machine, expected: Expected = none, marks: Readonly<Record<string, string>> = {}) =>
  findingsOf(one, expected, new Map(Object.entries(marks))).map(({ id, problems }) => [id, ...problems])

describe('the report on a vCenter', () => {
  it('tells snapshots that bear our mark and are in no catalog', () => {
    const one = machine({ snapshots: [snapshot('s-1', 1), snapshot('s-2', 1), snapshot('s-3', 1, 'by hand')] })
    const parts = [{ providerId: 's-1', machineId: 'vm-1', instanceUuid: 'uuid-1' }]
    expect(told(one, { ...none, parts })).to.eql([['s-2', 'orphan']])
  })

  it('takes no id of another machine for one of this', () => {
    const one = machine({ snapshots: [snapshot('s-1', 1)] })
    const of = (machineId: string, instanceUuid: string) => ({
      ...none,
      parts: [{ providerId: 's-1', machineId, instanceUuid }],
    })
    expect(told(one, of('vm-2', 'uuid-2'))).to.eql([['s-1', 'orphan']])
    // Registered anew, it has another id and is the same.
    expect(told(one, of('vm-2', 'uuid-1'))).to.eql([])
  })

  it('knows the snapshot that a clone is made of, and the clone by its mark', () => {
    const parts = [{ providerId: 's-1', snapshotId: 's-1', machineId: 'vm-1', instanceUuid: 'uuid-1', mark }]
    expect(told(machine({ snapshots: [snapshot('s-1', 1)] }), { ...none, parts })).to.eql([])
    expect(told(machine({ name: copyName }), { ...none, parts }, { 'vm-1': mark })).to.eql([])
    expect(told(machine({ name: copyName }), none, { 'vm-1': mark })).to.eql([['vm-1', 'orphan']])
  })

  it('is not taken in by a name alone', () => {
    expect(told(machine({ name: copyName }))).to.eql([])
    expect(told(machine({ name: copyName }), none, { 'vm-1': digestOf('another') })).to.eql([])
  })

  it('leaves open what an execution under way may still record', () => {
    const one = machine({ snapshots: [snapshot('before', 5), snapshot('since', 1)] })
    expect(told(one, { ...none, activeSince: now - 2 * hour })).to.eql([
      ['before', 'orphan'],
      ['since', 'undecided'],
    ])
    expect(told(machine({ name: copyName }), { ...none, activeSince: now }, { 'vm-1': mark })).to.eql([
      ['vm-1', 'undecided'],
    ])
  })

  it('tells of age, of disks in pieces and of machines that were put aside', () => {
    const one = machine({
      name: 'web-0123456789ab-before',
      needsConsolidation: true,
      snapshots: [snapshot('old', 80, 'by hand'), snapshot('young', 70, 'by hand')],
    })
    expect(told(one)).to.eql([
      ['vm-1', 'consolidate', 'put_aside'],
      ['old', 'old'],
    ])
    expect(told(one, { ...none, mostDays: 4 })).to.eql([['vm-1', 'consolidate', 'put_aside']])
  })
})
