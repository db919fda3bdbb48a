// Snapshots that are older than they should be are told by their names, wherever they stand in the tree.
import { expect } from 'chai'
import type { SnapshotNode } from '../../../../../src/plugins/vsphere/machine/machine.ts'
import { snapshotAge, snapshotWarning } from '../../../../../src/plugins/vsphere/machine/snapshot-age.ts'

const now = Date.parse('2026-03-10T12:00:00Z')

const snapshot = (name: string, createdAt: string, children: readonly SnapshotNode[] = []): SnapshotNode => ({
  ref: { type: 'VirtualMachineSnapshot', id: name },
  name,
  description: '',
  createdAt,
  power: 'poweredOff',
  isQuiesced: false,
  children,
})

const tree = [snapshot('new', '2026-03-10T00:00:00Z', [snapshot('old', '2026-03-05T12:00:00Z')])]

describe('old snapshots of vSphere', () => {
  it('are told with the age of the oldest', () => {
    expect(snapshotAge({ snapshots: tree }, now)).to.eql({ count: 2, oldest: 5, old: ['old'] })
    expect(snapshotAge({ snapshots: tree }, now, 7).old).to.eql([])
    expect(snapshotAge({ snapshots: [] }, now)).to.eql({ count: 0, oldest: 0, old: [] })
  })

  it('are warned of, and so are disks in pieces', () => {
    const machine = { name: 'web', needsConsolidation: false, snapshots: tree }
    expect(snapshotWarning(machine, now)).to.include('older than 3 days: old')
    expect(snapshotWarning({ ...machine, needsConsolidation: true }, now, 7)).to.equal(
      'Machine web has disks that have to be consolidated',
    )
    expect(snapshotWarning(machine, now, 7)).to.equal(undefined)
  })
})
