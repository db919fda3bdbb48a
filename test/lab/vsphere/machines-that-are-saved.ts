// Machines of the lab in a deployment that is backed up and cleared by whole workflows, in a process that is killed: at a fault
// point, right after a call had its effect and nobody was told, or while a disk is on its way.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { ExecutionDetails, Fermata } from '../../../src/engine/api.ts'
import { openFermata } from '../../../src/engine/open.ts'
import type { JsonObject } from '../../../src/kernel/json.ts'
import { refOf } from '../../../src/plugins/vsphere/machine/machine.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import { seededRandom } from '../../../src/world/simulation/random.ts'
import { eventually } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { expectKeptBy } from '../../support/kept-promises.ts'
import { numbered, workflowChildren, type WorkflowCall } from '../../support/workflow-children.ts'
import { calls, connectionConfig, forgetCalls, goWrong, machines, noFaults } from './lab.ts'
import { nameOf, newMachine, removeMachine } from './machine-on-lab.ts'

/** `disk`: while it is fetched; the others as everywhere. */
export interface Moment {
  readonly kind: 'point' | 'call' | 'disk'
  readonly name: string
  readonly ordinal: number
}

export interface SavedMachines extends AsyncDisposable {
  readonly fermata: Fermata
  /** In this process; must succeed. */
  succeed(call: WorkflowCall): Promise<void>
  /** In a process of its own, which must succeed; every place that it passed. */
  passedBy(call: WorkflowCall): Promise<readonly Moment[]>
  /** In a process of its own; false: it ended, well or not, before it came to that place. */
  killed(call: WorkflowCall, moment: Moment): Promise<boolean>
  /** Carries on what was killed. */
  resume(): Promise<ExecutionDetails>
  /** The machines, what was cloned off them and the folders of exports: as lines, without what is another in each run. */
  inventory(): Promise<readonly string[]>
}

/** Calls that change something. */
const isWrite = (name: string): boolean => /_Task$|^Export|^HttpNfcLease/.test(name)

export async function savedMachines(count: number, properties: JsonObject = {}): Promise<SavedMachines> {
  const folder = await temporaryFolder()
  const [home, exports, own] = ['home', 'exports', 'blueprint'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ]
  const names: string[] = []
  for (let left = count; left > 0; left--) {
    names.push(await nameOf(await newMachine()))
  }
  const fermata = await openFermata({ home, world: realWorld() })
  mkdirSync(exports)
  // In a folder of its own: all of it is taken.
  mkdirSync(own)
  const path = join(own, 'blueprint.yaml')
  writeFileSync(path, blueprint(names, { ...properties, backup_dir: exports }))
  await fermata.blueprints.upload('shop', { path })
  await fermata.deployments.create('shop', 'shop', {})
  const succeed: SavedMachines['succeed'] = async (call) => {
    const done = await fermata.executions.start({ deploymentId: 'shop', ...call })
    expect(done.status, `${call.workflow}: ${JSON.stringify(done.error)}`).to.equal('terminated')
  }
  await succeed({ workflow: 'install', parameters: {} })
  const children = workflowChildren({ home, deploymentId: 'shop' })
  const killedWhen = async (call: WorkflowCall, what: string, isDue: () => Promise<boolean>): Promise<boolean> => {
    let isOver = false
    try {
      return await children.killedBy(call, (kill) => {
        void eventually(what, async () => isOver || isDue(), 60_000).then(() => (isOver ? undefined : kill()))
      })
    } finally {
      isOver = true
    }
  }
  return {
    fermata,
    succeed,
    async passedBy(call) {
      await forgetCalls()
      const points = numbered('point', await children.passedBy(call))
      const { log, calls: counts } = await calls()
      const disks = Array.from({ length: counts['GET nfc'] ?? 0 }, (_one, index) => ({
        kind: 'disk' as const,
        name: 'GET nfc',
        ordinal: index + 1,
      }))
      return [...points, ...numbered('call', (log ?? []).filter(isWrite)), ...disks]
    },
    async killed(call, { kind, name, ordinal }) {
      if (kind === 'point') return children.killedAt(call, { name, ordinal })
      await forgetCalls()
      const counted = async (what: string): Promise<number> => (await calls()).calls[what] ?? 0
      try {
        if (kind === 'disk') {
          await goWrong({ method: 'nfc', kind: 'delay', delayMs: 100, times: 0 })
          return await killedWhen(call, `disk ${ordinal} is on its way`, async () => (await counted(name)) >= ordinal)
        }
        await goWrong({ method: name, kind: 'hang-after', skip: ordinal - 1 })
        return await killedWhen(call, `${name} had its effect`, async () => (await counted('hang-after')) > 0)
      } finally {
        await noFaults()
      }
    },
    async resume() {
      const last = (await fermata.executions.list()).at(-1)
      if (last === undefined) throw new Error('there is no execution')
      return last.status === 'terminated' ? fermata.executions.get(last.id) : fermata.executions.resume(last.id)
    },
    async inventory() {
      const now = await machines()
      return names
        .flatMap((name, index) => {
          const plain = (text: string): string =>
            text.replaceAll(name, `vm${index}`).replace(/-[0-9a-f]{12}(?=-|$)/, '')
          const all = now.filter((one) => one.name === name || one.name.startsWith(`${name}-`))
          const folders = readdirSync(exports).filter((one) => one.startsWith(`${name}-`))
          return [
            ...all.map((one) => `machine ${plain(one.name)} ${one.power} with ${one.snapshots} snapshots`),
            ...folders.map(
              (one) => `folder ${plain(one)} with ${readdirSync(join(exports, one)).toSorted().join(' ')}`,
            ),
          ]
        })
        .toSorted()
    },
    async [Symbol.asyncDispose]() {
      children.close()
      try {
        await expectKeptBy(fermata)
      } finally {
        await fermata[Symbol.asyncDispose]()
        // By their names: what was put back may be another machine.
        const own = (await machines()).filter(({ name }) =>
          names.some((one) => name === one || name.startsWith(`${one}-`)),
        )
        for (const { ref } of own) await removeMachine(refOf(ref))
        await folder[Symbol.asyncDispose]()
      }
    },
  }
}

const blueprint = (names: readonly string[], options: JsonObject): string => {
  const nodes = names.map((name, index) => {
    const properties = {
      use_external_resource: true,
      server: { name },
      connection_config: connectionConfig,
      ...options,
    }
    return [`vm${index}`, { type: 'cloudify.nodes.vsphere.Server', properties }] as const
  })
  return `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, plugin:cloudify-vsphere-plugin]
node_templates: ${JSON.stringify(Object.fromEntries(nodes))}
`
}

/** By turns something that the vCenter was asked for, as long as there is any, and a fault point. */
export function drawn(places: readonly Moment[], count: number, seed: number): readonly Moment[] {
  const random = seededRandom(seed)
  const points = places.filter(({ kind }) => kind === 'point')
  const asked = places.filter(({ kind }) => kind !== 'point')
  return Array.from({ length: count }, (_one, index) => {
    const from = (index % 2 === 0 && asked.length > 0) || points.length === 0 ? asked : points
    return from.length === 0 ? [] : from.splice(random.whole(0, from.length - 1), 1)
  }).flat()
}
