// A home with a deployment of three tiers whose operations belong to a plugin of the blueprint. What each operation does
// beside noting that it was called, the test says with hooks; the engine, the store and the plugin loading are the real ones.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EventRecord, ExecutionDetails, Fermata, StartOptions } from '../../src/engine/api.ts'
import { openFermata } from '../../src/engine/open.ts'
import type { Json, JsonObject } from '../../src/kernel/json.ts'
import type { OperationContext } from '../../src/plugins/contract/context.ts'
import { realWorld } from '../../src/world/real-world.ts'
import type { World } from '../../src/world/world.ts'
import { temporaryFolder } from './folder.ts'
import { expectKeptPromises } from './kept-promises.ts'

/** `cut db` or `freeze vm`: operation and node. What it returns is the operation's result; what it throws, its failure. */
export type EngineHooks = Record<string, (ctx: OperationContext, inputs: JsonObject) => unknown>

interface Controls {
  readonly hooks: EngineHooks
  call(what: string, ctx: OperationContext, inputs: JsonObject): Promise<Json>
}

export interface EngineSite extends AsyncDisposable {
  readonly fermata: Fermata
  readonly home: string
  readonly folder: string
  readonly log: string[]
  readonly inputs: Record<string, JsonObject>
  readonly hooks: EngineHooks
  readonly frozen: Set<string>
  readonly armed: Set<string>
  /** Ids of node instances by node. */
  readonly ids: Readonly<Record<string, string>>
  start(workflow: string, parameters?: JsonObject, options?: Partial<StartOptions>): Promise<ExecutionDetails>
  events(execution: { readonly id: string }): Promise<readonly EventRecord[]>
  /** The state directory as a process that begins now would open it. */
  reopen(): Promise<Fermata>
}

interface SiteSettings {
  readonly blueprint?: string
  readonly hooks?: EngineHooks
  /** Snapshots can be read back; `verify db` says with what result, by default that they are usable. */
  readonly verifies?: boolean
  /** Why the promises are not checked when the site is put away: only where a test tampers with the log or its store. */
  readonly isUnchecked?: string
  /** There before the deployment is made. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Default: that of this machine. */
  readonly world?: World
  /** Operations that must not be run twice: `start`. */
  readonly unsafe?: readonly string[]
}

let count = 0

export async function engineSite(options: SiteSettings = {}): Promise<EngineSite> {
  const folder = await temporaryFolder()
  const name = `site-${++count}`
  const blueprint = join(folder.path, 'blueprint')
  await mkdir(join(blueprint, 'plugins', 'test'), { recursive: true })
  await writeFile(
    join(blueprint, 'plugins', 'test', 'plugin.ts'),
    pluginText(name, options.unsafe ?? [], options.verifies ?? false),
  )
  await writeFile(join(blueprint, 'blueprint.yaml'), options.blueprint ?? threeTiers)
  const home = join(folder.path, 'home')
  const log: string[] = []
  const inputs: Record<string, JsonObject> = {}
  const frozen = new Set<string>()
  const armed = new Set<string>()
  const hooks: EngineHooks = { ...options.hooks }
  const controls: Controls = {
    hooks,
    async call(what, ctx, given) {
      const node = ctx.node.id
      log.push(`${what} ${node}`)
      inputs[`${what} ${node}`] = given
      if (what === 'arm') armed.add(node)
      if (what === 'disarm') armed.delete(node)
      const result = await hooks[`${what} ${node}`]?.(ctx, given)
      if (what === 'freeze') frozen.add(node)
      if (what === 'thaw') frozen.delete(node)
      return (result ?? null) as Json
    },
  }
  sitesByName().set(name, controls)
  const open: Fermata[] = []
  const reopen = async (): Promise<Fermata> => {
    const fermata = await openFermata({ home, world: options.world ?? realWorld() })
    open.push(fermata)
    return fermata
  }
  const fermata = await reopen()
  await fermata.blueprints.upload('shop', { path: join(blueprint, 'blueprint.yaml') })
  for (const [key, value] of Object.entries(options.secrets ?? {})) await fermata.secrets.create(key, value)
  await fermata.deployments.create('shop', 'shop', {})
  const instances = await fermata.nodeInstances.list('shop')
  return {
    fermata,
    home,
    folder: folder.path,
    log,
    inputs,
    hooks,
    frozen,
    armed,
    ids: Object.fromEntries(instances.map(({ nodeId, id }) => [nodeId, id])),
    start: (workflow, parameters = {}, more = {}) =>
      fermata.executions.start({ workflow, deploymentId: 'shop', parameters, ...more }),
    events: ({ id }) => fermata.events.list({ executionId: id }),
    reopen,
    async [Symbol.asyncDispose]() {
      for (const one of open) await one[Symbol.asyncDispose]()
      sitesByName().delete(name)
      try {
        if (options.isUnchecked === undefined) await expectKeptPromises(home, Object.values(options.secrets ?? {}))
      } finally {
        await folder[Symbol.asyncDispose]()
      }
    },
  }
}

/** Where the plugins of all sites find their controls: they are loaded as modules of their own. */
function sitesByName(): Map<string, Controls> {
  const shared = globalThis as { fermataTestSites?: Map<string, Controls> }
  shared.fermataTestSites ??= new Map()
  return shared.fermataTestSites
}

const pluginText = (name: string, unsafe: readonly string[], verifies: boolean): string => `
import { definePlugin, operation, cutOperation, freezeOperation, thawOperation, defineWorkflow } from 'fermata'
const call = (what) => (ctx, inputs) => globalThis.fermataTestSites.get(${JSON.stringify(name)}).call(what, ctx, inputs)
const whole = (what) => operation({ run: call(what) })
const deadman = {
  kind: 'host',
  async arm(ctx, { token }) { await call('arm')(ctx, {}); return { token } },
  async disarm(ctx) { await call('disarm')(ctx, {}); return { firedAt: null } },
}
const unsafe = ${JSON.stringify(unsafe)}
const names = ['undo', 'apply', 'measure', 'suspend', 'resume', 'old_suspend', 'old_resume', 'create', 'configure', 'start', 'stop', 'delete', 'link', 'unlink']
export default definePlugin({
  name: 'test',
  operations: {
    freeze: freezeOperation({ deadman, freeze: call('freeze') }),
    thaw: thawOperation({ thaw: call('thaw') }),
    cut: cutOperation({
      // Asked only where a test is about it: it is no work.
      async check(ctx, inputs) { await globalThis.fermataTestSites.get(${JSON.stringify(name)}).hooks['check ' + ctx.node.id]?.(ctx, inputs) },
      async cut(ctx, inputs) { return { kind: 'test', providerId: ctx.operation.key, ...(await call('cut')(ctx, inputs)) } },
      async settle(ctx, receipt) { return { ...receipt, bytes: 1, digest: null, ...(await call('settle')(ctx, {})) } },
      async compare(ctx, part) { return await call('compare')(ctx, part) ?? { isSame: true, differences: [] } },
      ${verifies ? "async verify(ctx, part) { return await call('verify')(ctx, part) ?? { isUsable: true, isMissing: false, reason: null } }," : ''}
    }),
    ...Object.fromEntries(names.map((name) => [name, unsafe.includes(name) ? { ...whole(name), repeat: 'unsafe' } : whole(name)])),
  },
})
`

export const head = `tosca_definitions_version: cloudify_dsl_1_4
plugins:
  test: {executor: central_deployment_agent, source: test, install: false}
node_types:
  cloudify.nodes.Root: {}
  cloudify.nodes.Compute: {derived_from: cloudify.nodes.Root}
  test.Part:
    derived_from: cloudify.nodes.Root
    interfaces: &all
      cloudify.interfaces.lifecycle: {create: test.create, configure: test.configure, start: test.start, stop: test.stop, delete: test.delete}
      cloudify.interfaces.freeze: {fs_prepare: test.freeze, fs_finalize: test.thaw, suspend: test.suspend, resume: test.resume}
      cloudify.interfaces.snapshot: {create: test.cut, apply: test.apply, delete: test.undo}
      cloudify.interfaces.statistics: {perfomance: test.measure}
  test.Host: {derived_from: cloudify.nodes.Compute, interfaces: *all}
relationships:
  cloudify.relationships.depends_on:
    properties: {connection_type: {default: all_to_all}}
  cloudify.relationships.contained_in: {derived_from: cloudify.relationships.depends_on}
  cloudify.relationships.connected_to:
    derived_from: cloudify.relationships.depends_on
    source_interfaces: {cloudify.interfaces.relationship_lifecycle: {establish: test.link, unlink: test.unlink}}
    target_interfaces: {cloudify.interfaces.relationship_lifecycle: {establish: test.link, unlink: test.unlink}}
`

const threeTiers = `${head}node_templates:
  vm: {type: test.Host}
  db: {type: test.Part, relationships: [{type: cloudify.relationships.contained_in, target: vm}]}
  web: {type: test.Part, relationships: [{type: cloudify.relationships.connected_to, target: db}]}
`
