// Two domains of the fake daemon in a deployment, backed up, restored and cleared by whole workflows: in this process, or in
// one that is killed, at a fault point or right after a call had its effect on the hypervisor.
import { expect } from 'chai'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionDetails, Fermata } from '../../../src/engine/api.ts'
import { openFermata } from '../../../src/engine/open.ts'
import type { JsonObject } from '../../../src/kernel/json.ts'
import type { ProcedureName } from '../../../src/plugins/libvirt/client/procedures.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import { temporaryFolder } from '../folder.ts'
import { expectKeptBy } from '../kept-promises.ts'
import { numbered, workflowChildren, type Death, type WorkflowCall } from '../workflow-children.ts'
import { fakeLibvirtd, type FakeLibvirtd } from './fake-libvirtd.ts'

export const domains = ['db', 'web'] as const

export interface BackupWorkflows extends AsyncDisposable {
  readonly libvirtd: FakeLibvirtd
  readonly fermata: Fermata
  /** In this process; must succeed. */
  succeed(call: WorkflowCall): Promise<ExecutionDetails>
  /** In a process of its own; every place that it passed. */
  passedBy(call: WorkflowCall): Promise<readonly Death[]>
  /** In a process of its own; false: it ended, well or not, before it came to that place. */
  killed(call: WorkflowCall, death: Death): Promise<boolean>
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
  const folder = await temporaryFolder()
  const libvirtd = await fakeLibvirtd({ domains: domains.map((name) => ({ name, disks: ['vda'] })) })
  const backupDir = join(libvirtd.host.folder, 'backups')
  mkdirSync(backupDir)
  const home = join(folder.path, 'home')
  const fermata = await openFermata({ home, world: realWorld() })
  // In a folder of its own: all of it is taken.
  mkdirSync(join(folder.path, 'blueprint'))
  const path = join(folder.path, 'blueprint', 'blueprint.yaml')
  writeFileSync(path, blueprint(libvirtd.uri, { backup_dir: backupDir, ...properties }))
  await fermata.blueprints.upload('shop', { path })
  await fermata.deployments.create('shop', 'shop', {})
  const succeed = async (call: WorkflowCall): Promise<ExecutionDetails> => {
    const done = await fermata.executions.start({ deploymentId: 'shop', ...call })
    expect(done.status, JSON.stringify(done.error)).to.equal('terminated')
    return done
  }
  await succeed({ workflow: 'install', parameters: {} })
  const children = workflowChildren({ home, deploymentId: 'shop' })
  return {
    libvirtd,
    fermata,
    succeed,
    async passedBy(call) {
      const from = libvirtd.calls.length
      const points = await children.passedBy(call)
      const calls = libvirtd.calls.slice(from).filter((name) => !harmless.test(name))
      return [...numbered('point', points), ...numbered('call', calls)]
    },
    async killed(call, death) {
      if (death.kind === 'point') return children.killedAt(call, death)
      const { name, ordinal: nth } = death
      const isKilled = await children.killedBy(call, (kill) =>
        libvirtd.faults.when(name as ProcedureName, 'after', kill, { nth }),
      )
      libvirtd.faults.clear()
      return isKilled
    },
    frozen: () => domains.filter((name) => libvirtd.domain(name).isFrozen),
    contents: () => domains.map((name) => libvirtd.domain(name).content()),
    inventory: () => inventory(libvirtd),
    async [Symbol.asyncDispose]() {
      children.close()
      try {
        await expectKeptBy(fermata)
      } finally {
        await fermata[Symbol.asyncDispose]()
        await libvirtd.close()
        await folder[Symbol.asyncDispose]()
      }
    },
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
