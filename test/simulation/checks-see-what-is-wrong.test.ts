import { expect } from 'chai'
import { checkScene } from '../../src/engine/simulation/checks.ts'
import { builtInTopology, topologyRows } from '../../src/engine/simulation/topology.ts'
import { SimCloud } from '../../src/plugins/sim/cloud/cloud.ts'
import { armGuest, freezeGuest, thawGuest } from '../../src/plugins/sim/cloud/guest.ts'
import { takeSnapshot, type SnapshotRecord } from '../../src/plugins/sim/cloud/snapshots.ts'
import { openMemoryDisk, type MemoryDisk } from '../../src/store/sqlite/memory.ts'
import { simulatedWorld, type SimulatedWorld } from '../../src/world/simulated-world.ts'

const lease = 5000
const vm = 'vm_000001'
const web = 'web_000003'

describe('the checks after a simulated run', () => {
  const topology = builtInTopology('three-tier')
  let disk: MemoryDisk
  let world: SimulatedWorld
  let cloud: SimCloud

  beforeEach(() => {
    disk = openMemoryDisk()
    disk.apply([topologyRows(topology, 'started')])
    world = simulatedWorld(1)
    cloud = new SimCloud({ world })
  })
  afterEach(() => disk.close())

  const found = (): string[] =>
    checkScene({ topology, disk, cloud, longestHold: lease }, false).map(
      ({ promise, message }) => `${promise}: ${message}`,
    )

  const arm = (id: string, length: number): void => {
    const { now } = cloud
    const deadman = {
      id: `d-${id}`,
      token: 't',
      armedAt: now,
      lease: length,
      deadline: now + length,
      latest: now + length,
    }
    armGuest(cloud.guest(id), deadman)
  }
  const cut = (node: string, key = `key of ${node}`): SnapshotRecord => {
    const wanted = { key, node, isIncremental: false, cutTime: 100, settleTime: 0 }
    const taken = takeSnapshot(cloud.state, wanted, { now: cloud.now, number: cloud.nextNumber() })
    if (!taken) throw new Error(`the key ${key} is used up`)
    return taken
  }
  const seal = (node: string, providerId: string, consistency: string): void => {
    const [outcome] = disk.apply([
      [
        {
          sql:
            'insert into recovery_points (id, deployment_id, name, incremental, type, status, execution_id, blueprint_digest, ' +
            "created_at) values ('p', 'simulated', 'p', 1, 'x', 'good', 'e', 'd', 0)",
          rows: [[]],
        },
        {
          sql: "insert into parts (recovery_point_id, instance_id, result, provider_id, consistency) values ('p', ?, '{}', ?, ?)",
          rows: [[node, providerId, consistency]],
        },
      ],
    ])
    expect(outcome).to.deep.equal({ ok: true })
  }
  const freezeAll = (): void => {
    for (const { id } of topology.prepared.instances) {
      arm(id, lease)
      freezeGuest(cloud.guest(id), cloud.now, true)
    }
  }
  const thawAll = async (): Promise<void> => {
    await world.advance(lease + 1)
  }

  it('find nothing where nothing happened', () => {
    expect(found()).to.deep.equal([])
  })

  it('find who is still frozen, and who is watched for nothing', () => {
    freezeGuest(cloud.guest(vm), cloud.now, false)
    arm(web, lease)
    expect(found()).to.deep.equal([`thaw: ${vm} is still frozen`, `left: a deadman still waits on ${web}`])
  })

  it('find a freeze that was longer than its lease', async () => {
    arm(vm, 4 * lease)
    freezeGuest(cloud.guest(vm), cloud.now, true)
    await world.advance(3 * lease)
    thawGuest(cloud.guest(vm), cloud.now)
    await world.advance(3 * lease)
    expect(found()).to.deep.equal([`thaw: ${vm} was frozen for 15000 ms, which may last 5000 ms`])
  })

  it('find snapshots that stand in no catalog', () => {
    const { id } = cut(vm)
    expect(found()).to.deep.equal([`left: snapshot ${id} of ${vm} stands in no catalog`])
  })

  it('find parts that the cloud does not have, and parts of another node', () => {
    seal(web, 'snap-77', 'crash')
    expect(found()).to.deep.equal([`truth: the catalog has snap-77 of ${web}, the cloud does not`])
    disk.clear()
    seal(web, cut(vm).id, 'crash')
    expect(found()).to.deep.equal([`truth: snap-1 is a snapshot of ${vm}, not of ${web}`])
  })

  it('find a label that promises more than stood still', async () => {
    freezeAll()
    const { id } = cut(web)
    await thawAll()
    seal(web, id, 'application')
    expect(found()).to.deep.equal([])
    disk.clear()
    cloud.state.snapshots = []
    const late = cut(web, 'late')
    seal(web, late.id, 'application')
    expect(found()).to.deep.equal([`truth: ${web} is labelled application, but ${vm}, db_000002, ${web} ran meanwhile`])
    disk.apply([[{ sql: "update parts set consistency = 'crash'", rows: [[]] }]])
    expect(found()).to.deep.equal([])
  })

  it('find a node that was put back to what was saved of another', () => {
    seal(vm, cut(vm).id, 'crash')
    cloud.guest(vm).restoredFrom = 'snap-1'
    expect(found()).to.deep.equal([])
    cloud.guest(web).restoredFrom = 'snap-1'
    expect(found()).to.deep.equal([`truth: ${web} was put back to snap-1, a snapshot of ${vm}`])
  })

  it('find a ledger that says frozen, and a recovery point that was left open', () => {
    disk.apply([
      [
        {
          sql:
            'insert into freezes (execution_id, bracket, instance_id, token, inputs, frozen_at, until, expired) ' +
            `values ('e', 'backup#1', '${vm}', 't', '{}', 0, 0, 0)`,
          rows: [[]],
        },
      ],
    ])
    expect(found()).to.deep.equal([`left: the ledger still says that ${vm} is frozen`])
  })
})
