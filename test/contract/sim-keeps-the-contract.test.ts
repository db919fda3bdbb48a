// The contract suite over the simulated cloud, with its own eyes on it.
import { contractSuite, giveCloud, realWorld, SimCloud, simPlugin } from '../../src/testing/index.ts'
import type { ContractNode } from '../../src/testing/contract/subject.ts'

const id = 'node_x1y2z3'

function simNode(): ContractNode {
  const world = realWorld()
  const cloud = new SimCloud({ world })
  giveCloud(world, cloud)
  return {
    world,
    type: 'fermata.nodes.sim.Host',
    properties: { freeze_time: 0, cut_time: 0.01, settle_time: 0.01, work_time: 0, deadman: 'guest' },
    lease: 500,
    operations: {
      'cloudify.interfaces.lifecycle.create': 'create',
      'cloudify.interfaces.lifecycle.start': 'start',
      'cloudify.interfaces.freeze.fs_prepare': 'freeze',
      'cloudify.interfaces.freeze.fs_finalize': 'thaw',
      'cloudify.interfaces.freeze.suspend': 'suspend',
      'cloudify.interfaces.freeze.resume': 'resume',
      'cloudify.interfaces.snapshot.create': 'snapshot_create',
      'cloudify.interfaces.snapshot.apply': 'snapshot_apply',
      'cloudify.interfaces.snapshot.delete': 'snapshot_delete',
      'cloudify.interfaces.statistics.perfomance': 'statistics',
    },
    bringUp: ['cloudify.interfaces.lifecycle.create', 'cloudify.interfaces.lifecycle.start'],
    isFrozen: async () => cloud.frozen().includes(id),
    power: async () => cloud.guest(id).power,
    snapshots: async () => cloud.state.snapshots.map((snapshot) => snapshot.id),
    async loseSnapshot(providerId) {
      cloud.state.snapshots = cloud.state.snapshots.filter((snapshot) => snapshot.id !== providerId)
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

contractSuite('sim', { plugin: simPlugin, node: async () => simNode() })
