// How well a backup of 200 servers uses a cloud that takes 300 ms for each call and lets so many be under way: against the
// ideal, in which there are always that many. `node bench/openstack.ts`; needs no lab, the cloud is our fake.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFermata } from '../src/engine/open.ts'
import { realWorld } from '../src/world/real-world.ts'
import type { CloudCounts, CloudNews, CloudOrder } from './openstack-cloud.ts'
import { printRows } from './report.ts'

const servers = 200
const callTime = 300
const throttle = 16

const folder = await mkdtemp(join(tmpdir(), 'fermata-bench-'))
const order = JSON.stringify({ servers, callTime } satisfies CloudOrder)
const cloud = fork(new URL('openstack-cloud.ts', import.meta.url), [order])
try {
  const [news] = (await once(cloud, 'message')) as [CloudNews]
  await mkdir(join(folder, 'blueprint'))
  const path = join(folder, 'blueprint', 'blueprint.yaml')
  await writeFile(path, blueprintOf(news))
  await using fermata = await openFermata({ home: join(folder, 'home'), world: realWorld() })
  await fermata.blueprints.upload('bench', { path })
  await fermata.deployments.create('bench', 'bench', {})
  const run = async (workflow: string): Promise<number> => {
    const began = performance.now()
    const { status, error } = await fermata.executions.start({
      workflow,
      deploymentId: 'bench',
      parameters: workflow === 'install' ? {} : { snapshot_name: 'bench' },
      taskThreadPoolSize: servers,
    })
    if (status !== 'terminated') throw new Error(`${workflow}: ${JSON.stringify(error)}`)
    return (performance.now() - began) / 1000
  }
  await run('install')
  const before = await counts()
  const took = await run('backup')
  const after = await counts()
  const calls = after.calls - before.calls
  const ideal = (calls * callTime) / throttle / 1000
  if (after.images !== servers) throw new Error(`${after.images} images of ${servers} servers`)
  printRows(`backup of ${servers} servers, calls of ${callTime} ms, ${throttle} at once`, [
    { name: 'ours', value: took, unit: 's', ratio: ['times the ideal', took / ideal] },
    { name: `ideal for its ${calls} calls`, value: ideal, unit: 's' },
    { name: 'calls for each server', value: calls / servers, unit: 'calls' },
    { name: 'most calls at once', value: after.peak, unit: 'calls' },
  ])
  console.log(
    `figure: backup of ${servers} servers with calls of ${callTime} ms in ${took.toFixed(1)} s, ${(took / ideal).toFixed(2)} times the ideal for ${throttle} calls at once; at most ${after.peak} at once`,
  )
  process.exitCode = after.peak > throttle ? 1 : 0
} finally {
  cloud.disconnect()
  await rm(folder, { recursive: true, force: true })
}

async function counts(): Promise<CloudCounts> {
  cloud.send('count')
  const [told] = (await once(cloud, 'message')) as [CloudCounts]
  return told
}

function blueprintOf({ clientConfig, ids }: CloudNews): string {
  const config = JSON.stringify({ ...clientConfig, max_requests: throttle })
  const nodes = ids.map(
    (id, index) =>
      `  server${index}: { type: cloudify.nodes.openstack.Server, properties: { use_external_resource: true, client_config: ${config}, resource_config: { id: ${id} } } }`,
  )
  return `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, plugin:cloudify-openstack-plugin]
node_templates:
${nodes.join('\n')}
`
}
