// A fermata with one deployment in the lab's cloud, and what the cloud itself says of the servers and volumes in it. What a
// test made is deleted after it.
import { expect } from 'chai'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionDetails, Fermata } from '../../../src/engine/api.ts'
import { openFermata } from '../../../src/engine/open.ts'
import type { Json, JsonObject } from '../../../src/kernel/json.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { expectKeptBy } from '../../support/kept-promises.ts'
import { objects } from '../../support/openstack/http/call.ts'
import { labSite } from '../../support/openstack/truth/lab-site.ts'
import { Stage } from '../../support/openstack/truth/stage.ts'
import { clientConfig } from './lab.ts'

export interface LabSite extends AsyncDisposable {
  readonly fermata: Fermata
  /** For what a test makes itself. */
  readonly stage: Stage
  /** Node templates: `web: { type, properties, relationships }`. */
  deploy(nodes: JsonObject): Promise<void>
  run(workflow: string, parameters?: JsonObject): Promise<ExecutionDetails>
  succeed(workflow: string, parameters?: JsonObject): Promise<ExecutionDetails>
  /** Runtime properties of the node's one instance. */
  known(node: string): Promise<Readonly<Record<string, Json>>>
}

export async function labDeployment(): Promise<LabSite> {
  const folder = await temporaryFolder()
  const stage = await Stage.open(await labSite())
  const fermata = await openFermata({ home: join(folder.path, 'home'), world: realWorld() })
  const run: LabSite['run'] = (workflow, parameters = {}) =>
    fermata.executions.start({ workflow, deploymentId: 'lab', parameters })
  return {
    fermata,
    stage,
    run,
    async deploy(nodes) {
      const path = join(folder.path, 'blueprint.yaml')
      await writeFile(
        path,
        `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, plugin:cloudify-openstack-plugin, plugin:cloudify-utilities-plugin]
node_templates: ${JSON.stringify(nodes)}
`,
      )
      await fermata.blueprints.upload('lab', { path })
      await fermata.deployments.create('lab', 'lab', {})
    },
    async succeed(workflow, parameters) {
      const done = await run(workflow, parameters)
      expect(done.status, `${workflow}: ${JSON.stringify(done.error)}`).to.equal('terminated')
      return done
    },
    async known(node) {
      const instances = await fermata.nodeInstances.list('lab')
      return instances.find(({ nodeId }) => nodeId === node)?.runtimeProperties ?? {}
    },
    async [Symbol.asyncDispose]() {
      try {
        await expectKeptBy(fermata, [clientConfig.password])
      } finally {
        await fermata[Symbol.asyncDispose]()
        await stage[Symbol.asyncDispose]()
        await folder[Symbol.asyncDispose]()
      }
    },
  }
}

/** One that is there already: only backed up, restored, suspended. */
export const external = (type: 'Server' | 'Volume', id: string): JsonObject => ({
  type: `cloudify.nodes.openstack.${type}`,
  properties: {
    client_config: clientConfig,
    use_external_resource: true,
    resource_config: { id },
    ...(type === 'Server' ? { agent_config: { install_method: 'none' } } : {}),
  },
})

/** A running server with so many volumes, made beside fermata. */
export async function serverWithVolumes(
  stage: Stage,
  count: number,
  name = 'lab',
): Promise<{ readonly server: string; readonly volumes: readonly string[] }> {
  // What is made last is deleted first, and a volume that is attached cannot be deleted.
  const volumes: string[] = []
  for (let index = 0; index < count; index++) volumes.push(await stage.volume())
  const server = await stage.server(name)
  for (const volumeId of volumes) {
    await stage.call('POST', 'compute', `/servers/${server}/os-volume_attachments`, { volumeAttachment: { volumeId } })
    await stage.settled('volume', volumeId, 'in-use')
  }
  return { server, volumes }
}

/** A running server whose disk is a volume that outlives it. */
export async function serverOnVolume(
  stage: Stage,
  name: string,
): Promise<{ readonly server: string; readonly volume: string }> {
  const volume = await stage.volume({ imageRef: stage.site.image })
  const disk = { boot_index: 0, uuid: volume, source_type: 'volume', destination_type: 'volume' }
  const wanted = { name, flavorRef: stage.site.flavor, networks: 'none', block_device_mapping_v2: [disk] }
  const { body } = await stage.call('POST', 'compute', '/servers', { server: wanted }, '2.37')
  const { id: server } = body['server'] as { readonly id: string }
  stage.owns('compute', `/servers/${server}`)
  await stage.serverIs(server, 'ACTIVE')
  return { server, volume }
}

/** `ACTIVE`, with the task when there is one; `gone`. */
export async function statusOf(stage: Stage, server: string): Promise<string> {
  const { status, body } = await stage.call('GET', 'compute', `/servers/${server}`)
  if (status === 404) return 'gone'
  const shown = (body['server'] ?? {}) as JsonObject
  const task = shown['OS-EXT-STS:task_state']
  return `${String(shown['status'])}${task === null ? '' : ` (${String(task)})`}`
}

export async function volumeOf(stage: Stage, volume: string): Promise<JsonObject> {
  const { status, body } = await stage.call('GET', 'volumev3', `/volumes/${volume}`, undefined, '3.40')
  return status === 404 ? { status: 'gone' } : (body['volume'] as JsonObject)
}

export interface Copies {
  /** Ids of what is there, and usable. */
  readonly images: readonly string[]
  readonly snapshots: readonly string[]
  readonly backups: readonly string[]
  /** Whatever is there, but is not usable: `image saving`. */
  readonly broken: readonly string[]
}

/** All copies of a server and of these volumes. */
export async function copiesOf(stage: Stage, { server, volumes }: Copied): Promise<Copies> {
  const list = async (where: 'image' | 'volumev3', path: string, name: string): Promise<readonly JsonObject[]> =>
    objects((await stage.call('GET', where, path, undefined, where === 'image' ? undefined : '3.43')).body[name])
  const images = server === undefined ? [] : await list('image', `/images?instance_uuid=${server}`, 'images')
  const ofThese = (one: JsonObject): boolean => volumes.includes(String(one['volume_id']))
  const snapshots = (await list('volumev3', '/snapshots/detail', 'snapshots')).filter(ofThese)
  const backups = (await list('volumev3', '/backups/detail', 'backups')).filter(ofThese)
  const usable = (all: readonly JsonObject[]): readonly string[] =>
    all.filter(({ status }) => status === 'active' || status === 'available').map(({ id }) => String(id))
  const broken = [...images, ...snapshots, ...backups].filter(
    ({ status }) => !['active', 'available'].includes(String(status)),
  )
  return {
    images: usable(images),
    snapshots: usable(snapshots),
    backups: usable(backups),
    broken: broken.map(({ name, status }) => `${String(name)} ${String(status)}`),
  }
}

interface Copied {
  readonly server?: string
  readonly volumes: readonly string[]
}

/** How many of each. */
export async function countsOf(stage: Stage, copied: Copied): Promise<Readonly<Record<keyof Copies, number>>> {
  const { images, snapshots, backups, broken } = await copiesOf(stage, copied)
  return { images: images.length, snapshots: snapshots.length, backups: backups.length, broken: broken.length }
}
