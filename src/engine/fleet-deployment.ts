// A deployment for hosts that no blueprint describes: one node for all that are reached the same way, an instance for each
// host, so that thousands of them are no thousands of nodes.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from '../kernel/json.ts'
import type { InventoryHost } from '../plugins/contract/fleet.ts'
import type { Engine } from './engine.ts'
import { blueprintsOf } from './blueprints.ts'
import { deploymentsOf } from './deployments.ts'
import type { FleetLogin } from './fleet-api.ts'
import { checkHosts, loginProperties, ownProperties } from './fleet-login.ts'
import { loadPrepared } from './plans.ts'

/** Resolves with the id of the deployment, and of its blueprint. */
export async function fleetDeployment(
  engine: Engine,
  hosts: readonly InventoryHost[],
  login: FleetLogin,
): Promise<string> {
  checkHosts(hosts)
  const groups = alike(hosts)
  const id = `fleet-${engine.world.randomText(8, 'abcdefghijklmnopqrstuvwxyz0123456789')}`
  const folder = await mkdtemp(join(tmpdir(), 'fermata-fleet-'))
  try {
    await writeFile(join(folder, 'blueprint.yaml'), JSON.stringify(blueprintFor(groups, login)))
    await blueprintsOf(engine).upload(id, { path: join(folder, 'blueprint.yaml') })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await deploymentsOf(engine).create(id, id, {})
    await nameHosts(engine, id, groups)
  } catch (thrown) {
    await deploymentsOf(engine)
      .delete(id)
      .catch(() => {})
    await blueprintsOf(engine)
      .delete(id)
      .catch(() => {})
    throw thrown
  }
  return id
}

type Groups = ReadonlyMap<string, readonly InventoryHost[]>

/** Node -> its hosts: those with the same user and port. */
function alike(hosts: readonly InventoryHost[]): Groups {
  const nodes = new Map<string, string>()
  const groups = new Map<string, InventoryHost[]>()
  for (const host of hosts) {
    const way = `${host.user ?? ''} ${host.port ?? ''}`
    const node = nodes.get(way) ?? (nodes.size === 0 ? 'host' : `host_${nodes.size + 1}`)
    nodes.set(way, node)
    groups.set(node, [...(groups.get(node) ?? [])])
    groups.get(node)?.push(host)
  }
  return groups
}

function blueprintFor(groups: Groups, login: FleetLogin): JsonObject {
  const templates = [...groups].map(([node, [first, ...others]]) => [
    node,
    {
      type: 'fermata.nodes.ssh.Host',
      properties: { ...loginProperties(login), ...ownProperties(first) },
      capabilities: { scalable: { properties: { default_instances: others.length + 1 } } },
    },
  ])
  return {
    tosca_definitions_version: 'cloudify_dsl_1_4',
    description: 'Hosts that were named on the command line',
    imports: ['cloudify/types/types.yaml', 'plugin:fermata-ssh'],
    node_templates: Object.fromEntries(templates) as JsonObject,
  }
}

/** Gives each instance the address of its host. */
async function nameHosts(engine: Engine, deploymentId: string, groups: Groups): Promise<void> {
  const { instances } = await loadPrepared(engine, deploymentId)
  const left = new Map([...groups].map(([node, hosts]) => [node, hosts.values()]))
  const rows = instances.flatMap(({ id, nodeId }) => {
    const host = left.get(nodeId)?.next().value
    if (!host) return []
    const properties = { ip: host.address, fleet_name: host.name ?? host.address }
    return [[JSON.stringify(properties), deploymentId, id]]
  })
  const sql = 'update node_instances set runtime_properties = ? where deployment_id = ? and id = ?'
  await engine.store.commit([{ sql, rows, expect: rows.length }])
}
