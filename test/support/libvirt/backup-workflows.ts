// Two domains of the fake daemon in a deployment, backed up, restored and cleared by whole workflows: in this process, or in
// one that is killed, at a fault point or right after a call had its effect on the hypervisor.
import { expect } from 'chai'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ExecutionDetails, Fermata } from '../../../src/engine/api.ts'
import { openFermata } from '../../../src/engine/open.ts'
import type { JsonObject } from '../../../src/kernel/json.ts'
import type { ProcedureName } from '../../../src/plugins/libvirt/client/procedures.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import { temporaryFolder } from '../folder.ts'
import { expectKeptBy } from '../kept-promises.ts'
import type { WorkflowOrder } from '../workflow-child.ts'
import { fakeLibvirtd, type FakeLibvirtd } from './fake-libvirtd.ts'

const program = new URL('../workflow-child.ts', import.meta.url).pathname
export const domains = ['db', 'web'] as const

/** Where a process dies: at a fault point, or when such a call has had its effect and nobody has been told. */
export interface Death {
  readonly kind: 'point' | 'call'
  readonly name: string
  readonly ordinal: number
}

export interface WorkflowCall {
  readonly workflow: string
  readonly parameters: JsonObject
}

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
  const spare: ChildProcess[] = [begun()]
  const run = async (order: Omit<WorkflowOrder, 'home' | 'deploymentId'>, then?: (child: ChildProcess) => void) => {
    const child = spare.pop() ?? begun()
    const ended = once(child, 'close')
    if (!child.stdin || !child.stdout) throw new Error('it has no pipes')
    const said = text(child.stdout)
    then?.(child)
    child.stdin.end(JSON.stringify({ home, deploymentId: 'shop', ...order } satisfies WorkflowOrder))
    // The next one is loaded meanwhile.
    spare.push(begun())
    await ended
    return (await said).split('\n').filter((line) => line !== '')
  }
  return {
    libvirtd,
    fermata,
    succeed,
    async passedBy(call) {
      const from = libvirtd.calls.length
      const lines = await run(call)
      expect(lines.pop()).to.equal('ended terminated ')
      const points = lines.map((line) => line.replace('passed ', ''))
      const calls = libvirtd.calls.slice(from).filter((name) => !harmless.test(name))
      return [...numbered('point', points), ...numbered('call', calls)]
    },
    async killed(call, { kind, name, ordinal }) {
      if (kind === 'point') return isDeath(await run({ ...call, killAt: { point: name, ordinal } }))
      const lines = await run(call, (child) => {
        const kill = async (): Promise<void> => {
          child.kill('SIGKILL')
          await once(child, 'close')
        }
        libvirtd.faults.when(name as ProcedureName, 'after', kill, { nth: ordinal })
      })
      libvirtd.faults.clear()
      return isDeath(lines)
    },
    frozen: () => domains.filter((name) => libvirtd.domain(name).isFrozen),
    contents: () => domains.map((name) => libvirtd.domain(name).content()),
    inventory: () => inventory(libvirtd),
    async [Symbol.asyncDispose]() {
      for (const child of spare) child.kill('SIGKILL')
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

function begun(): ChildProcess {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') }
  return spawn(process.execPath, [program], { env, stdio: ['pipe', 'pipe', 'inherit'] })
}

function isDeath(lines: readonly string[]): boolean {
  return !(lines.at(-1) ?? '').startsWith('ended')
}

function numbered(kind: Death['kind'], names: readonly string[]): readonly Death[] {
  const counts = new Map<string, number>()
  return names.map((name) => {
    const ordinal = (counts.get(name) ?? 0) + 1
    counts.set(name, ordinal)
    return { kind, name, ordinal }
  })
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
