// The contract suite over networks and volumes of libvirt, on the fake daemon: what is saved of them, and comes back.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from '../../src/kernel/json.ts'
import plugin from '../../src/plugins/libvirt/plugin.ts'
import { contractSuite } from '../../src/testing/index.ts'
import type { ContractNode, ContractSubject } from '../../src/testing/contract/subject.ts'
import { textAt, withChild, element } from '../../src/plugins/libvirt/xml/element.ts'
import { fakeLibvirtd, type FakeLibvirtd } from '../support/libvirt/fake-libvirtd.ts'

interface Saved {
  readonly type: 'network' | 'volume'
  readonly properties: JsonObject
  prepare(libvirtd: FakeLibvirtd): void
  change(libvirtd: FakeLibvirtd): void
  state(libvirtd: FakeLibvirtd): string
}

/** Whole backups, in a folder beside the hypervisor. */
const subjectOf = ({ type, properties, ...views }: Saved): ContractSubject => ({
  plugin,
  async node(): Promise<ContractNode> {
    const libvirtd = await fakeLibvirtd({ domains: [] })
    const folder = mkdtempSync(join(tmpdir(), 'fermata-saved-'))
    views.prepare(libvirtd)
    const task = (name: string): string => `cloudify_libvirt.${type}_tasks.${name}`
    return {
      type: `cloudify.libvirt.${type}`,
      operations: {
        'cloudify.interfaces.snapshot.create': task('snapshot_create'),
        'cloudify.interfaces.snapshot.apply': task('snapshot_apply'),
        'cloudify.interfaces.snapshot.delete': task('snapshot_delete'),
      },
      properties: {
        libvirt_auth: libvirtd.uri,
        backup_dir: folder,
        use_external_resource: true,
        resource_id: 'own',
        ...properties,
      },
      inputs: { snapshot_incremental: false },
      change: async () => views.change(libvirtd),
      state: async () => views.state(libvirtd),
      snapshots: async () => readdirSync(folder),
      async loseSnapshot(providerId) {
        const lost = readdirSync(folder).find((name) => providerId.endsWith(name))
        if (lost === undefined) throw new Error(`'${providerId}' is none of ${readdirSync(folder).join(', ')}`)
        rmSync(join(folder, lost), { recursive: true })
      },
      async [Symbol.asyncDispose]() {
        await plugin.close?.()
        await libvirtd.close()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
})

contractSuite(
  'libvirt networks, on the fake',
  subjectOf({
    type: 'network',
    properties: {},
    prepare: ({ host: { networks } }) =>
      networks.start(networks.define("<network><name>own</name><domain name='one'/></network>")),
    change({ host: { networks } }) {
      const own = networks.find('own')
      const next = `${own.config.attributes['name'] ?? ''}${textAt(own.config, 'title') ?? ''}x`
      own.config = withChild(own.config, element('title', {}, next))
      own.live = own.config
    },
    state: ({ host: { networks } }) => networks.xml(networks.find('own'), true),
  }),
)

const disk = ({ folder }: FakeLibvirtd): string => join(folder, 'own')

contractSuite(
  'libvirt volumes, on the fake',
  subjectOf({
    type: 'volume',
    properties: { params: { pool: 'disks' } },
    prepare: ({ host: { storage } }) =>
      void storage.create(storage.pool('disks'), "<volume><name>own</name><capacity unit='KiB'>64</capacity></volume>"),
    change(libvirtd) {
      const bytes = readFileSync(disk(libvirtd))
      bytes[0] = (bytes[0] ?? 0) + 1
      writeFileSync(disk(libvirtd), bytes)
    },
    state: (libvirtd) => readFileSync(disk(libvirtd)).toString('hex'),
  }),
)
