// A home with a real writer process and a cut that lasts until it is told to end: fermata can be caught mid-freeze for as
// long as one likes. The writer tells in its own log when it ran; that log lies outside the home.
import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Fermata } from '../../src/engine/api.ts'
import { openFermata } from '../../src/engine/open.ts'
import type { FreezePolicy } from '../../src/plugins/contract/workflow.ts'
import { realWorld } from '../../src/world/real-world.ts'
import { eventually } from './cli.ts'
import { temporaryFolder } from './folder.ts'
import { expectKeptPromises } from './kept-promises.ts'

const program = new URL('./backup-child.ts', import.meta.url).pathname

const mostAttempts = 5

export interface ThawSite extends AsyncDisposable {
  readonly home: string
  readonly fermata: Fermata
  /** The writer's process. */
  readonly pid: number
  /** Begins a process that makes backups; `more`: see backup-child.ts. */
  child(lease: number, ...more: readonly string[]): FermataChild
  /** Lets cuts end at once from now on, or last again. */
  letCutsEnd(isSo: boolean): void
  /** Resolves when the writer has written after `moment`, and tells how long it stood still around that. */
  stoodStill(moment: number, limit: number): Promise<number>
}

/** A fermata in a process of its own. */
export interface FermataChild {
  /** Begins a backup; resolves while everything stands still and the cut lasts. */
  freeze(name: string, policy?: FreezePolicy): Promise<Frozen>
  /** Begins a backup and waits for nothing. */
  begin(name: string): void
  /** The next line it says; `gone` when there is none. `ended terminated`, or `ended failed` with the code of the fault. */
  outcome(): Promise<string>
  readonly pid: number
  /** It was ended by a signal, or by itself. */
  readonly isGone: boolean
  signal(name: NodeJS.Signals): void
  close(): Promise<void>
}

export interface Frozen {
  /** Name of the backup. */
  readonly point: string
  /** A moment at which the writer was seen to stand still. */
  readonly seenAt: number
}

export type FreezeBy = 'process' | 'script'

export async function thawSite(by: FreezeBy = 'process'): Promise<ThawSite> {
  const folder = await temporaryFolder()
  const home = join(folder.path, 'home')
  const log = join(folder.path, 'writer.log')
  const go = join(folder.path, 'go')
  const fermata = await install(folder.path, home, by)
  await eventually('the writer writes', () => existsSync(log) && momentsIn(log).length > 1, 20_000)
  const letCutsEnd = (isSo: boolean): void => (isSo ? writeFileSync(go, '') : rmSync(go, { force: true }))
  const children: FermataChild[] = []
  const pid = Number(readFileSync(join(folder.path, 'writer.pid'), 'utf8'))
  return {
    home,
    fermata,
    pid,
    letCutsEnd,
    child(lease, ...more) {
      const child = fermataChild({ home, pid, lease, more, letCutsEnd })
      children.push(child)
      return child
    },
    async stoodStill(moment, limit) {
      await eventually('the writer runs again', () => !isStopped(pid), limit)
      let moments: readonly number[] = []
      await eventually('it writes', () => ((moments = momentsIn(log)).at(-1) ?? 0) > moment, limit)
      const after = moments.findIndex((one) => one > moment)
      return (moments[after] ?? Number.NaN) - (moments[after - 1] ?? Number.NaN)
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) child.signal('SIGKILL')
      process.kill(pid, 'SIGKILL')
      // A home that is gone cannot be left in order.
      await Promise.resolve(fermata[Symbol.asyncDispose]()).catch(() => {})
      try {
        await expectKeptPromises(home)
      } finally {
        await folder[Symbol.asyncDispose]()
      }
    },
  }
}

async function install(folder: string, home: string, by: FreezeBy): Promise<Fermata> {
  const blueprint = join(folder, 'blueprint')
  mkdirSync(join(blueprint, 'plugins', 'patient'), { recursive: true })
  writeFileSync(join(blueprint, 'plugins', 'patient', 'plugin.ts'), pluginText(join(folder, 'go')))
  for (const [name, text] of Object.entries(scripts(folder))) writeFileSync(join(blueprint, name), text)
  writeFileSync(join(blueprint, 'blueprint.yaml'), blueprintText(folder, by))
  const fermata = await openFermata({ home, world: realWorld() })
  await fermata.blueprints.upload('shop', { path: join(blueprint, 'blueprint.yaml') })
  await fermata.deployments.create('shop', 'shop', {})
  const { status, error } = await fermata.executions.start({ workflow: 'install', deploymentId: 'shop' })
  expect(status, error?.message).to.equal('terminated')
  return fermata
}

interface ChildOptions {
  readonly home: string
  /** The writer's. */
  readonly pid: number
  readonly lease: number
  readonly more: readonly string[]
  letCutsEnd(isSo: boolean): void
}

function fermataChild({ home, pid, lease, more, letCutsEnd }: ChildOptions): FermataChild {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') }
  const child = spawn(process.execPath, [program, home, `${lease}ms`, ...more], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  child.stdin.on('error', () => {})
  const next = async (): Promise<string> => String((await lines.next()).value ?? 'gone')
  return {
    async freeze(name, policy = 'require') {
      // On a machine that is busy enough a lease may be over before the cut begins.
      for (let attempt = 1; ; attempt++) {
        const point = `${name}-${attempt}`
        child.stdin.write(`${point} ${policy}\n`)
        const said = await next()
        if (said === 'ended failed freeze.expired' && attempt < mostAttempts) continue
        expect(said, point).to.equal('cutting')
        if (isStopped(pid)) return { point, seenAt: Date.now() }
        expect(attempt, 'tries until the writer was seen to stand still').to.be.below(mostAttempts)
        // Or over before we looked: then this one is none of ours.
        letCutsEnd(true)
        expect(await next(), point).to.match(/^ended /)
        letCutsEnd(false)
      }
    },
    begin: (name) => void child.stdin.write(`${name}\n`),
    outcome: next,
    pid: child.pid ?? 0,
    get isGone() {
      return child.exitCode !== null || child.signalCode !== null
    },
    signal: (name) => void child.kill(name),
    async close() {
      child.stdin.end()
      await ended
    },
  }
}

export function isStopped(pid: number): boolean {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return 'Tt'.includes(text[text.lastIndexOf(')') + 2] ?? '')
}

// Whole lines only: the last one may be half written.
function momentsIn(log: string): readonly number[] {
  return readFileSync(log, 'utf8').split('\n').slice(0, -1).map(Number)
}

const scripts = (folder: string): Readonly<Record<string, string>> => ({
  'writer.mjs': `import { appendFileSync, writeFileSync } from 'node:fs'
writeFileSync(process.argv[2] + '/writer.pid', String(process.pid))
setInterval(() => appendFileSync(process.argv[2] + '/writer.log', Date.now() + '\\n'), 25)
`,
  'stop.sh': `#!/bin/sh\nkill -STOP "$(cat '${folder}/writer.pid')"\n`,
  'continue.sh': `#!/bin/sh\nkill -CONT "$(cat '${folder}/writer.pid')"\n`,
})

const pluginText = (go: string): string => `import { existsSync } from 'node:fs'
import { cutOperation, definePlugin, operation } from 'fermata'
export default definePlugin({
  name: 'patient',
  operations: {
    cut: cutOperation({
      async cut(ctx) {
        while (!existsSync(${JSON.stringify(go)})) await ctx.world.clock.sleep(50, ctx.signal)
        return { kind: 'test', providerId: ctx.operation.key }
      },
      async settle(ctx, receipt) { return { ...receipt, bytes: 1, digest: null } },
    }),
    undo: operation({ async run() {} }),
  },
})
`

const frozenBy: Readonly<Record<FreezeBy, string>> = {
  process: '',
  // The process is started as before; its own freeze gives way to scripts.
  script: `
    interfaces:
      cloudify.interfaces.freeze: {fs_prepare: stop.sh, fs_finalize: continue.sh}`,
}

const blueprintText = (folder: string, by: FreezeBy): string => `tosca_definitions_version: cloudify_dsl_1_4
imports:
  - cloudify/types/types.yaml
  - plugin:cloudify-utilities-plugin
  - plugin:fermata-local
plugins:
  patient: {executor: central_deployment_agent, source: patient, install: false}
node_types:
  test.Volume:
    derived_from: cloudify.nodes.Root
    interfaces:
      cloudify.interfaces.snapshot: {create: patient.cut, delete: patient.undo}
node_templates:
  host: {type: fermata.nodes.local.Host}
  volume:
    type: test.Volume
    relationships: [{type: cloudify.relationships.contained_in, target: host}]
  writer:
    type: fermata.nodes.local.Process
    properties:
      files: [writer.mjs]
      command: [node, writer.mjs, ${JSON.stringify(folder)}]
    relationships: [{type: cloudify.relationships.contained_in, target: host}]${frozenBy[by]}
`
