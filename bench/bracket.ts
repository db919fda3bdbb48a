// How much longer a node stands still than its provider needs: the engine's own time between the freeze that returned
// and the thaw that was called, with operations that take no time and the real store; beside a bare write to the disk.
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFermata } from '../src/engine/open.ts'
import { realWorld } from '../src/world/real-world.ts'
import { median, type Row } from './report.ts'

export async function bracketBench(options: { readonly rounds: number }): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fermata-bench-'))
  try {
    const windows = await frozenWindows(folder, options.rounds)
    const commits = await bareCommits(join(folder, 'bare'), options.rounds)
    const worst = [...windows].sort((left, right) => left - right).at(Math.floor(windows.length * 0.95)) ?? 0
    return [
      {
        name: 'one node frozen, cut and thawed, beyond what its provider takes',
        value: median(windows),
        unit: 'ms',
        ratio: ['in writes to the disk', median(windows) / median(commits)],
      },
      { name: 'the slowest of twenty', value: worst, unit: 'ms' },
      { name: 'one write of 4 kB that is waited for', value: median(commits), unit: 'ms' },
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function frozenWindows(folder: string, rounds: number): Promise<number[]> {
  const blueprint = join(folder, 'blueprint')
  await mkdir(join(blueprint, 'plugins', 'still'), { recursive: true })
  await writeFile(join(blueprint, 'plugins', 'still', 'plugin.ts'), pluginText)
  await writeFile(join(blueprint, 'blueprint.yaml'), blueprintText)
  await using fermata = await openFermata({ home: join(folder, 'home'), world: realWorld() })
  await fermata.blueprints.upload('bench', { path: join(blueprint, 'blueprint.yaml') })
  await fermata.deployments.create('bench', 'bench', {})
  const shared = globalThis as { fermataBenchWindows?: number[] }
  const windows: number[] = (shared.fermataBenchWindows = [])
  for (let round = 0; round < rounds + 5; round++) {
    const parameters = { snapshot_name: `b${round}` }
    const { status, error } = await fermata.executions.start({ workflow: 'backup', deploymentId: 'bench', parameters })
    if (status !== 'terminated') throw new Error(`the backup ended ${status}: ${error?.message}`)
  }
  // The first ones load and compile what the others use.
  return windows.slice(5)
}

async function bareCommits(path: string, rounds: number): Promise<number[]> {
  const file = await open(path, 'w')
  try {
    const times: number[] = []
    for (let round = 0; round < rounds; round++) {
      const began = performance.now()
      await file.write(Buffer.alloc(4096, round))
      await file.datasync()
      times.push(performance.now() - began)
    }
    return times
  } finally {
    await file.close()
  }
}

const pluginText = `
import { definePlugin, freezeOperation, thawOperation, cutOperation } from 'fermata'
const deadman = { kind: 'guest', arm: async (ctx, { token }) => ({ token }), disarm: async () => ({ firedAt: null }) }
let frozenAt = 0
export default definePlugin({
  name: 'still',
  operations: {
    freeze: freezeOperation({ deadman, freeze: async () => { frozenAt = performance.now() } }),
    thaw: thawOperation({ thaw: async () => { globalThis.fermataBenchWindows.push(performance.now() - frozenAt) } }),
    cut: cutOperation({
      cut: async (ctx) => ({ kind: 'bench', providerId: ctx.operation.key }),
      settle: async (ctx, receipt) => ({ ...receipt, bytes: 1, digest: null }),
    }),
  },
})
`

const blueprintText = `tosca_definitions_version: cloudify_dsl_1_4
plugins:
  still: {executor: central_deployment_agent, source: still, install: false}
node_types:
  cloudify.nodes.Root: {}
  cloudify.nodes.Compute:
    derived_from: cloudify.nodes.Root
    interfaces:
      cloudify.interfaces.freeze: {fs_prepare: still.freeze, fs_finalize: still.thaw}
      cloudify.interfaces.snapshot: {create: still.cut}
node_templates:
  vm: {type: cloudify.nodes.Compute}
`
