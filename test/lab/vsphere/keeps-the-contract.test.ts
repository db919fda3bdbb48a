// The contract suite over machines of the simulated vCenter: suspend and resume, snapshots.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ref } from '../../../src/plugins/vsphere/client/value.ts'
import { refOf } from '../../../src/plugins/vsphere/machine/machine.ts'
import plugin from '../../../src/plugins/vsphere/plugin.ts'
import type { ContractNode, ContractSubject } from '../../../src/testing/contract/subject.ts'
import { contractSuite } from '../../../src/testing/index.ts'
import { connectionConfig, machines } from './lab.ts'
import {
  change,
  copiesOf,
  loseSnapshot,
  newMachine,
  powerOf,
  removeCopies,
  removeMachine,
  snapshotsOf,
  stateOf,
} from './machine-on-lab.ts'

const task = (name: string): string => `vsphere_server_plugin.server.${name}`

/** Of cases that were skipped, or only looked: good for the next. */
const untouched: Ref[] = []

/** Runs, and nothing is saved of it. */
async function isUntouched(ref: Ref): Promise<boolean> {
  if (!(await machines()).some((machine) => machine.ref === ref.id && machine.power === 'poweredOn')) return false
  return (await snapshotsOf(ref)).length === 0
}

const subject = (
  operations: Readonly<Record<string, string>>,
  saved: 'not' | 'snapshot' | 'whole' | 'files',
): ContractSubject => ({
  plugin,
  async node() {
    const ref = untouched.pop() ?? (await newMachine())
    const node: ContractNode = {
      type: 'cloudify.nodes.vsphere.Server',
      operations,
      properties: { connection_config: connectionConfig, use_external_resource: true },
      runtimeProperties: { vsphere_server_id: ref.id, use_external_resource: true },
      async power() {
        const power = await powerOf(ref)
        return power === 'poweredOn' ? 'running' : power === 'suspended' ? 'suspended' : 'stopped'
      },
      async [Symbol.asyncDispose]() {
        await removeCopies(ref)
        if (await isUntouched(ref)) untouched.push(ref)
        else await removeMachine(ref)
      },
    }
    if (saved === 'not') return node
    // What lies on the disks of its machines, the simulator does not know.
    if (saved === 'whole') {
      const copies = () => copiesOf(ref)
      return {
        ...node,
        inputs: { snapshot_incremental: false },
        snapshots: copies,
        loseSnapshot: (id) => removeMachine(refOf(id)),
      }
    }
    if (saved === 'files') {
      const directory = await mkdtemp(join(tmpdir(), 'fermata-contract-'))
      const folders = async () => (await readdir(directory)).map((name) => join(directory, name))
      return {
        ...node,
        inputs: { snapshot_incremental: false, backup_mode: 'export', backup_dir: directory },
        snapshots: async () => [...(await folders()), ...(await snapshotsOf(ref))],
        loseSnapshot: (id) => rm(id, { recursive: true }),
        async [Symbol.asyncDispose]() {
          await node[Symbol.asyncDispose]()
          await rm(directory, { recursive: true, force: true })
        },
      }
    }
    return {
      ...node,
      state: () => stateOf(ref),
      change: () => change(ref),
      snapshots: () => snapshotsOf(ref),
      loseSnapshot,
    }
  },
})

contractSuite(
  'vSphere machines that are suspended, in the lab',
  subject(
    {
      'cloudify.interfaces.freeze.suspend': task('freeze_suspend'),
      'cloudify.interfaces.freeze.resume': task('freeze_resume'),
    },
    'not',
  ),
)

const saving = {
  'cloudify.interfaces.snapshot.create': task('snapshot_create'),
  'cloudify.interfaces.snapshot.apply': task('snapshot_apply'),
  'cloudify.interfaces.snapshot.delete': task('snapshot_delete'),
  'cloudify.interfaces.statistics.perfomance': task('perfomance'),
}

contractSuite('vSphere snapshots of machines, in the lab', subject(saving, 'snapshot'))
contractSuite('vSphere clones of machines, in the lab', subject(saving, 'whole'))
contractSuite('vSphere exports of machines, in the lab', subject(saving, 'files'))

after(async () => {
  for (const ref of untouched) await removeMachine(ref)
  await plugin.close?.()
})
