// Workflows on servers of an OpenStack cloud that no blueprint describes: each has a deployment of its own, which knows the way
// to the cloud and nothing else, and stays for the next time.
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fault } from '../kernel/fault.ts'
import { blueprintsOf } from './blueprints.ts'
import { deploymentsOf } from './deployments.ts'
import type { Engine } from './engine.ts'
import { executionControlOf } from './executions.ts'
import type { OpenstackServers, ServerCloud } from './openstack-servers-api.ts'

export function openstackServersOf(engine: Engine): OpenstackServers {
  return {
    async run({ on = {}, instance, parameters, ...options }) {
      const deploymentId = 'deploymentId' in on ? on.deploymentId : await deploymentFor(engine, instance, on)
      return executionControlOf(engine).start({ ...options, deploymentId, parameters: { ...parameters, instance } })
    },
  }
}

async function deploymentFor(engine: Engine, instance: string, on: ServerCloud): Promise<string> {
  const id = deploymentIdOf(instance, on)
  await unlessThere(async () => {
    if (!(await isThere(engine, 'blueprints', id))) await upload(engine, id, on)
  })
  await unlessThere(async () => {
    if (!(await isThere(engine, 'deployments', id))) await deploymentsOf(engine).create(id, id, {})
  })
  return id
}

/** Readable, and another one for each server of each cloud: work on one of them does not keep the others waiting. */
function deploymentIdOf(instance: string, { cloud = '' }: ServerCloud): string {
  const readable = instance
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 40)
  const digest = createHash('sha256')
    .update(JSON.stringify([cloud, instance]))
    .digest('hex')
    .slice(0, 8)
  return ['openstack', readable, digest].filter((piece) => piece !== '').join('-')
}

async function isThere(engine: Engine, table: 'blueprints' | 'deployments', id: string): Promise<boolean> {
  return (await engine.store.read(`select id from ${table} where id = ?`, [id])).length > 0
}

async function upload(engine: Engine, id: string, { cloud }: ServerCloud): Promise<void> {
  const blueprint = {
    tosca_definitions_version: 'cloudify_dsl_1_4',
    description: 'The way to a cloud, for workflows on one of its servers',
    imports: ['cloudify/types/types.yaml', 'plugin:cloudify-openstack-plugin'],
    node_templates: {
      cloud: {
        type: 'fermata.nodes.openstack.Access',
        properties: { client_config: cloud === undefined ? {} : { cloud } },
      },
    },
  }
  const folder = await mkdtemp(join(tmpdir(), 'fermata-openstack-'))
  try {
    const path = join(folder, 'blueprint.yaml')
    await writeFile(path, JSON.stringify(blueprint))
    await blueprintsOf(engine).upload(id, { path })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

// Another process may make it at the same time, and then it is the same.
async function unlessThere(make: () => Promise<void>): Promise<void> {
  try {
    await make()
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'usage.exists') throw thrown
  }
}
