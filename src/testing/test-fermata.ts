// A whole fermata for a test: a home in a temporary folder, a blueprint with plugins given as values, events to wait for.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { assemble, engineAt } from '../engine/open.ts'
import type { EventRecord, ExecutionDetails, Fermata, StartOptions } from '../engine/api.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Plugin } from '../plugins/contract/plugin.ts'
import { realWorld } from '../world/real-world.ts'
import type { World } from '../world/world.ts'

export interface TestFermataOptions {
  /** Text of the blueprint. */
  readonly blueprint: string
  readonly inputs?: JsonObject
  /** Plugins of the blueprint's `plugins` section, by their names there. */
  readonly plugins?: Readonly<Record<string, Plugin>>
  /** Path beside the blueprint -> content. */
  readonly files?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
  readonly world?: World
}

export interface TestRun {
  readonly done: Promise<ExecutionDetails>
  /** The first event that fits, of those that came already or will come. Rejects when the execution ends without one. */
  until(fits: (event: EventRecord) => boolean): Promise<EventRecord>
  cancel(): void
}

export interface TestFermata extends AsyncDisposable {
  readonly fermata: Fermata
  readonly home: string
  /** Deployment and blueprint are called `test`. */
  start(workflow: string, parameters?: JsonObject, options?: Partial<StartOptions>): TestRun
  /** Runs to the end. A failed execution is a result, not a throw. */
  run(workflow: string, parameters?: JsonObject, options?: Partial<StartOptions>): Promise<ExecutionDetails>
  events(execution: { readonly id: string }): Promise<readonly EventRecord[]>
}

/**
 * Uploads the blueprint, makes the deployment, and is ready to run workflows.
 *
 * @example
 * await using test = await testFermata({ blueprint, plugins: { lamp: plugin } })
 * expect((await test.run('backup')).status).to.equal('terminated')
 */
export async function testFermata(options: TestFermataOptions): Promise<TestFermata> {
  const folder = await mkdtemp(join(tmpdir(), 'fermata-test-'))
  const home = join(folder, 'home')
  const engine = engineAt({ home, world: options.world ?? realWorld() })
  const given = options.plugins ?? {}
  const fermata = assemble({
    ...engine,
    loadPlugin: async (planned, blueprintId) => given[planned.name] ?? engine.loadPlugin(planned, blueprintId),
  })
  const dispose = async (): Promise<void> => {
    await fermata[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const top = join(folder, 'blueprint')
    const files = { ...options.files, 'blueprint.yaml': options.blueprint }
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(top, path)), { recursive: true })
      await writeFile(join(top, path), text)
    }
    await fermata.blueprints.upload('test', { path: join(top, 'blueprint.yaml') })
    for (const [name, value] of Object.entries(options.secrets ?? {})) await fermata.secrets.create(name, value)
    await fermata.deployments.create('test', 'test', options.inputs ?? {})
  } catch (thrown) {
    await dispose()
    throw thrown
  }
  const start: TestFermata['start'] = (workflow, parameters = {}, more = {}) =>
    startRun(fermata, { workflow, deploymentId: 'test', parameters, ...more })
  return {
    fermata,
    home,
    start,
    run: (workflow, parameters, more) => start(workflow, parameters, more).done,
    events: ({ id }) => fermata.events.list({ executionId: id }),
    [Symbol.asyncDispose]: dispose,
  }
}

interface Waiter {
  fits(event: EventRecord): boolean
  resolve(event: EventRecord): void
  reject(reason: Error): void
}

function startRun(fermata: Fermata, options: StartOptions): TestRun {
  const seen: EventRecord[] = []
  const waiters = new Set<Waiter>()
  const stop = new AbortController()
  options.signal?.addEventListener('abort', () => stop.abort(), { once: true })
  const onEvent = (event: EventRecord): void => {
    seen.push(event)
    options.onEvent?.(event)
    for (const waiter of waiters) {
      if (!waiter.fits(event)) continue
      waiters.delete(waiter)
      waiter.resolve(event)
    }
  }
  const done = fermata.executions.start({ ...options, onEvent, signal: stop.signal })
  const tooLate = new Error('the execution ended without such an event')
  let hasEnded = false
  const end = (): void => {
    hasEnded = true
    for (const waiter of waiters) waiter.reject(tooLate)
    waiters.clear()
  }
  done.then(end, end)
  return {
    done,
    cancel: () => stop.abort(),
    until: (fits) =>
      new Promise((resolve, reject) => {
        const found = seen.find(fits)
        if (found) resolve(found)
        else if (hasEnded) reject(tooLate)
        else waiters.add({ fits, resolve, reject })
      }),
  }
}
