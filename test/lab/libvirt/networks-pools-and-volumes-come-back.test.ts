// Claim: networks, pools, volumes and images of a blueprint are made on a real hypervisor, outlive what is done to them by
// hand as far as a restore may go, and leave nothing when they go.
import { expect } from 'chai'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionDetails, Fermata } from '../../../src/engine/api.ts'
import { openFermata } from '../../../src/engine/open.ts'
import type { JsonObject } from '../../../src/kernel/json.ts'
import { attributeAt } from '../../../src/plugins/libvirt/xml/element.ts'
import { parseXml } from '../../../src/plugins/libvirt/xml/parse.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import { temporaryFolder, type TemporaryFolder } from '../../support/folder.ts'
import { expectKeptPromises } from '../../support/kept-promises.ts'
import { labUri, state, virsh } from './lab.ts'

const name = `fermata-n${process.pid}`
const folder = join(state, `${name}-pool`)
const backups = join(state, 'backup', name)
const subnet = `10.254.${process.pid % 250}`
const host = (last: number): JsonObject => ({ mac: `52:54:00:00:00:0${last}`, ip: `${subnet}.${last}` })

const common = { libvirt_auth: labUri(), backup_dir: backups }
const pooled = { relationships: [{ type: 'cloudify.relationships.depends_on', target: 'images' }] }
const nodes = {
  lan: {
    type: 'cloudify.libvirt.network',
    properties: {
      ...common,
      params: {
        name,
        dev: `v${process.pid}`,
        dns: false,
        forwards: [{ mode: 'open' }],
        ips: [
          {
            address: `${subnet}.1`,
            netmask: '255.255.255.0',
            dhcp: { start: `${subnet}.100`, end: `${subnet}.200`, hosts: [host(2), host(3)] },
          },
        ],
      },
    },
  },
  images: { type: 'cloudify.libvirt.pool', properties: { ...common, params: { name, path: folder } } },
  raw: {
    type: 'cloudify.libvirt.volume',
    properties: { ...common, params: { name: 'raw', pool: name, capacity: 2, url: 'seed.img', zero_wipe: true } },
    ...pooled,
  },
  image: {
    type: 'cloudify.libvirt.volume',
    properties: { ...common, params: { name: 'image', pool: name, capacity: 4, format: 'qcow2' } },
    ...pooled,
  },
  seed: {
    type: 'cloudify.libvirt.ISO9660',
    properties: { libvirt_auth: labUri(), params: { pool: name, files: { 'user-data': '#cloud-config\n' } } },
    ...pooled,
  },
  guest: {
    type: 'cloudify.libvirt.domain',
    properties: { libvirt_auth: labUri(), use_external_resource: true, resource_id: 'lab1', start_timeout: 60 },
    relationships: [{ type: 'cloudify.libvirt.relationships.connected_to', target: 'labnet' }],
  },
  labnet: {
    type: 'cloudify.libvirt.network',
    properties: { libvirt_auth: labUri(), use_external_resource: true, resource_id: 'labnet' },
  },
}

describe('networks, pools and volumes come back', function () {
  this.timeout(180_000)
  let place: TemporaryFolder
  let fermata: Fermata

  before(async () => {
    place = await temporaryFolder()
    fermata = await openFermata({ home: join(place.path, 'home'), world: realWorld() })
    const path = join(place.path, 'blueprint.yaml')
    await writeFile(join(place.path, 'seed.img'), Buffer.alloc(1024 * 1024, 'as it was '))
    await writeFile(
      path,
      `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-libvirt-plugin', 'plugin:cloudify-utilities-plugin']
node_templates: ${JSON.stringify(nodes)}
`,
    )
    await fermata.blueprints.upload('net', { path })
    await fermata.deployments.create('net', 'net', {})
  })

  after(async () => {
    await fermata[Symbol.asyncDispose]()
    await expectKeptPromises(join(place.path, 'home'))
    await place[Symbol.asyncDispose]()
    for (const command of ['net-destroy', 'net-undefine', 'pool-destroy', 'pool-undefine'])
      await virsh(command, name).catch(() => {})
    for (const path of [folder, backups]) await rm(path, { recursive: true, force: true })
  })

  const own = async (): Promise<string> => {
    const all = await fermata.nodeInstances.list('net')
    return all
      .filter(({ nodeId }) => !['guest', 'labnet'].includes(nodeId))
      .map(({ id }) => id)
      .join(',')
  }

  async function succeed(workflow: string, parameters: JsonObject = {}): Promise<ExecutionDetails> {
    const ended = await fermata.executions.start({ workflow, deploymentId: 'net', parameters })
    expect(ended.status, JSON.stringify(ended.error)).to.equal('terminated')
    return ended
  }

  const only = async (): Promise<JsonObject> => ({ include_instances: (await own()).split(',') })
  const rawFile = join(folder, 'raw')
  const digest = async (path: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
  const network = async (...flags: string[]) => parseXml(await virsh('net-dumpxml', ...flags, name))
  const endOfRange = async (): Promise<string | undefined> =>
    attributeAt(await network('--inactive'), 'ip/dhcp/range', 'end')

  it('they are made as the blueprint says, and a guest has its address', async () => {
    await succeed('install')
    expect(await virsh('net-info', name)).to.match(/Active: +yes\s+Persistent: +yes\s+Autostart: +yes/)
    expect(await virsh('pool-info', name)).to.match(/State: +running[^]*Autostart: +yes/)
    expect((await readFile(rawFile)).subarray(0, 10).toString()).to.equal('as it was ')
    expect(await virsh('vol-dumpxml', 'image', name)).to.contain("<format type='qcow2'/>")
    const iso = (await readdir(folder)).find((file) => file.endsWith('.iso')) ?? ''
    expect((await readFile(join(folder, iso))).toString('latin1', 16 * 2048 + 1, 16 * 2048 + 6)).to.equal('CD001')
    const [guest] = (await fermata.nodeInstances.list('net')).filter(({ nodeId }) => nodeId === 'guest')
    expect(guest?.runtimeProperties['ip']).to.match(/^10\.255\./)
  })

  for (const [kind, isIncremental] of [
    ['snapshots', true],
    ['backups', false],
  ] as const) {
    it(`${kind} bring them back, whatever was done to them by hand`, async () => {
      const before = { raw: await digest(rawFile), uuid: (await virsh('net-uuid', name)).trim() }
      const named = { snapshot_name: kind, snapshot_incremental: isIncremental }
      await succeed('backup', { ...named, ...(await only()) })
      await fermata.backups.verify(kind)

      await virsh('net-destroy', name)
      await virsh('net-undefine', name)
      // Snapshots lie in the pool itself.
      if (!isIncremental) await virsh('pool-destroy', name)
      if (!isIncremental) await virsh('pool-undefine', name)
      await writeFile(rawFile, Buffer.alloc(2 * 1024 * 1024, 'written over '))
      await succeed('restore', { ...named, ...(await only()) })

      expect((await virsh('net-uuid', name)).trim()).to.equal(before.uuid)
      expect(await virsh('net-info', name)).to.match(/Active: +yes\s+Persistent: +yes\s+Autostart: +yes/)
      expect(await virsh('pool-info', name)).to.match(/State: +running/)
      expect(await digest(rawFile)).to.equal(before.raw)
    })
  }

  it('what was changed by hand is told value by value, and put right', async () => {
    const host3 = `<host mac='52:54:00:00:00:03' ip='${subnet}.3'/>`
    await virsh('net-update', name, 'delete', 'ip-dhcp-host', '--xml', host3, '--live', '--config')
    const { parts } = await fermata.backups.compare('backups')
    expect(
      Object.values(parts).flatMap((part) => part?.differences.map(({ path, kind }) => `${path} ${kind}`)),
    ).to.include(`/network/ip[@address='${subnet}.1']/dhcp/host[@mac='52:54:00:00:00:03']/@ip drifted`)
    const bridge = attributeAt(await network(), 'bridge', 'name') ?? ''
    const index = await readFile(`/sys/class/net/${bridge}/ifindex`, 'utf8')
    await succeed('restore', { snapshot_name: 'backups', snapshot_incremental: false, ...(await only()) })
    expect(await virsh('net-dumpxml', name)).to.contain(`ip='${subnet}.3'`)
    expect(await readFile(`/sys/class/net/${bridge}/ifindex`, 'utf8'), 'it was not started anew').to.equal(index)

    const changed = (await virsh('net-dumpxml', '--inactive', name)).replace(`${subnet}.200`, `${subnet}.150`)
    await writeFile(join(place.path, 'changed.xml'), changed)
    await virsh('net-define', join(place.path, 'changed.xml'))
    expect(await endOfRange()).to.equal(`${subnet}.150`)
    await succeed('restore', { snapshot_name: 'backups', snapshot_incremental: false, ...(await only()) })
    expect(await endOfRange()).to.equal(`${subnet}.200`)
    expect(attributeAt(await network(), 'ip/dhcp/range', 'end')).to.equal(`${subnet}.200`)
    const again = await fermata.backups.compare('backups')
    for (const [id, part] of Object.entries(again.parts))
      expect(part, id).to.deep.equal({ isSame: true, differences: [] })
  })

  it('nothing is left when they go', async () => {
    for (const kind of ['snapshots', 'backups'])
      await succeed('remove_backup', {
        snapshot_name: kind,
        snapshot_incremental: kind === 'snapshots',
        ...(await only()),
      })
    expect(await readdir(backups)).to.deep.equal([])
    await succeed('uninstall')
    expect(await virsh('net-list', '--all', '--name')).not.to.contain(name)
    expect(await virsh('pool-list', '--all', '--name')).not.to.contain(name)
    expect(existsSync(folder)).to.equal(false)
    expect(await virsh('net-list', '--name')).to.contain('labnet')
  })
})
