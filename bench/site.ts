// Makes a home with a deployment of N nodes for the benchmarks: half computes, half services contained in them, each with
// fs_prepare, fs_finalize and snapshot.create of a plugin whose operations do nothing, or take their time.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Fermata } from '../src/engine/api.ts'
import { openFermata } from '../src/engine/open.ts'
import { realWorld } from '../src/world/real-world.ts'

export interface BenchSite extends AsyncDisposable {
  readonly fermata: Fermata
  readonly home: string
  readonly deploymentId: string
}

/** `delay` in milliseconds; 0: operations return at once. */
export async function benchSite(nodes: number, delay: number): Promise<BenchSite> {
  const folder = await writeBlueprint(nodes, delay)
  await (await deploy(folder))[Symbol.asyncDispose]()
  const site = await openSite(folder)
  return {
    ...site,
    async [Symbol.asyncDispose]() {
      await site[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A new folder with the blueprint in it; its home will lie beside. */
export async function writeBlueprint(nodes: number, delay: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fermata-bench-'))
  await mkdir(join(folder, 'blueprint', 'plugins', 'idle'), { recursive: true })
  await writeFile(join(folder, 'blueprint', 'plugins', 'idle', 'plugin.ts'), pluginText(delay))
  await writeFile(join(folder, 'blueprint', 'blueprint.yaml'), blueprintText(nodes))
  return folder
}

export async function deploy(folder: string): Promise<Fermata> {
  const fermata = await openFermata({ home: join(folder, 'home'), world: realWorld() })
  await fermata.blueprints.upload('bench', { path: join(folder, 'blueprint', 'blueprint.yaml') })
  await fermata.deployments.create('bench', 'bench', {})
  return fermata
}

export async function openSite(folder: string): Promise<BenchSite> {
  const home = join(folder, 'home')
  const fermata = await openFermata({ home, world: realWorld() })
  return { fermata, home, deploymentId: 'bench', [Symbol.asyncDispose]: () => fermata[Symbol.asyncDispose]() }
}

function pluginText(delay: number): string {
  const body = delay === 0 ? 'async () => {}' : `() => new Promise((resolve) => setTimeout(resolve, ${delay}))`
  return `import { definePlugin, operation } from 'fermata'\nexport default definePlugin({ name: 'idle', operations: { work: operation({ run: ${body} }) } })\n`
}

export function blueprintText(nodes: number): string {
  const pairs = Array.from({ length: Math.floor(nodes / 2) }, (_none, index) => index)
  return `${head}node_templates:\n${pairs.map(pairText).join('')}`
}

const pairText = (index: number): string => `  vm_${index}: {type: bench.Host}
  service_${index}:
    type: bench.Service
    relationships:
      - {type: cloudify.relationships.contained_in, target: vm_${index}}
`

const head = `tosca_definitions_version: cloudify_dsl_1_4
plugins:
  idle: {executor: central_deployment_agent, source: idle, install: false}
node_types:
  cloudify.nodes.Root:
    interfaces:
      cloudify.interfaces.freeze:
        fs_prepare: idle.work
        fs_finalize: idle.work
      cloudify.interfaces.snapshot:
        create: idle.work
  cloudify.nodes.Compute: {derived_from: cloudify.nodes.Root}
  bench.Host: {derived_from: cloudify.nodes.Compute}
  bench.Service: {derived_from: cloudify.nodes.Root}
relationships:
  cloudify.relationships.depends_on:
    properties: {connection_type: {default: all_to_all}}
  cloudify.relationships.contained_in: {derived_from: cloudify.relationships.depends_on}
`
