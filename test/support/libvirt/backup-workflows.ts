// Two domains of the fake daemon in a deployment, backed up, restored and cleared by whole workflows: in this process, or in
// one that is killed, at a fault point or right after a call had its effect on the hypervisor.
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../../../src/kernel/json.ts'
import type { ProcedureName } from '../../../src/plugins/libvirt/client/procedures.ts'
import { backupSite, type BackupSite } from '../backup-workflows.ts'
import type { Death } from '../workflow-children.ts'
import { fakeLibvirtd, type FakeLibvirtd } from './fake-libvirtd.ts'

export const domains = ['db', 'web'] as const

export interface BackupWorkflows extends BackupSite {
  readonly libvirtd: FakeLibvirtd
  /** Names of domains that stand still, seen from inside. */
  frozen(): readonly string[]
  /** What the guests have on their disks. */
  contents(): readonly string[]
  /** Everything that a backup could leave: as lines, without what is another in each run. */
  inventory(): readonly string[]
}

/** Calls that change something: a death after any other equals one before it. */
const harmless =
  /GET|LIST|LOOKUP|OPEN|CLOSE|AUTH|FEATURE|REGISTER|INFO|TIMEOUT|DOWNLOAD|STATS|EVENT|CAPABILIT|VERSION|PING|_IS_|_HAS_/

export async function backupWorkflows(properties: JsonObject): Promise<BackupWorkflows> {
  const libvirtd = await fakeLibvirtd({ domains: domains.map((name) => ({ name, disks: ['vda'] })) })
  const backupDir = join(libvirtd.host.folder, 'backups')
  mkdirSync(backupDir)
  const provider = {
    writes: () => libvirtd.calls.filter((name) => !harmless.test(name)),
    killAfter({ name, ordinal: nth }: Omit<Death, 'kind'>, kill: () => Promise<void>) {
      libvirtd.faults.when(name as ProcedureName, 'after', kill, { nth })
      return () => libvirtd.faults.clear()
    },
    close: () => libvirtd.close(),
  }
  const site = await backupSite(provider, {
    blueprint: blueprint(libvirtd.uri, { backup_dir: backupDir, ...properties }),
  })
  return {
    ...site,
    libvirtd,
    frozen: () => domains.filter((name) => libvirtd.domain(name).isFrozen),
    contents: () => domains.map((name) => libvirtd.domain(name).content()),
    inventory: () => inventory(libvirtd),
  }
}

function inventory({ host, folder }: FakeLibvirtd): readonly string[] {
  const known = [...host.domains.values()].flatMap((domain) => [
    `${domain.name} is ${domain.state}, ${domain.backup ? 'is being backed up' : 'in peace'}, frozen ${domain.isFrozen}`,
    ...domain.disks().map(({ target, path }) => `${domain.name} ${target} ${path}`),
    ...[...domain.snapshots.keys()].map((name) => `${domain.name} snapshot ${name}`),
    ...[...domain.checkpoints.keys()].map((name) => `${domain.name} checkpoint ${name}`),
    ...[...domain.blockJobs.keys()].map((name) => `${domain.name} block job ${name}`),
  ])
  const files = [folder, join(host.folder, 'backups')].flatMap((top) =>
    readdirSync(top, { recursive: true }).map((path) => `file ${String(path)}`),
  )
  return [...known, ...files].map((line) => withoutOwn(line.replaceAll(host.folder, ''))).toSorted()
}

// Of one run: instance ids, uuids, digests, times.
const withoutOwn = (line: string): string =>
  line
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, 'UUID')
    .replaceAll(/(db|web)_[a-z0-9]{6}/g, '$1_ID')
    .replaceAll(/[0-9a-f]{10,}/g, 'HEX')
    .replaceAll(/-r[0-9a-f]{8}\b/g, '-rHEX')

const blueprint = (uri: string, properties: JsonObject): string => `tosca_definitions_version: cloudify_dsl_1_3
imports:
  - http://www.getcloudify.org/spec/cloudify/4.4/types.yaml
  - https://raw.githubusercontent.com/cloudify-incubator/cloudify-utilities-plugin/1.9.5/plugin.yaml
  - https://raw.githubusercontent.com/cloudify-incubator/cloudify-libvirt-plugin/0.6.0/plugin.yaml
node_templates:
${domains.map((name) => nodeText(name, { libvirt_auth: uri, use_external_resource: true, resource_id: name, ...properties })).join('')}`

const nodeText = (name: string, properties: JsonObject): string => `  ${name}:
    type: cloudify.libvirt.domain
    properties: ${JSON.stringify({ agent_config: { install_method: 'none' }, ...properties })}
`
