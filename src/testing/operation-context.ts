// Builds the OperationContext that an operation is called with in tests of plugins: real world, temporary folders, and a
// record of everything the operation logged, sent and saved. It stands in for the engine, never for a plugin.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fault } from '../kernel/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { Secret } from '../kernel/secret.ts'
import type {
  InstanceView,
  NodeView,
  OperationContext,
  OperationDetails,
  OperationLog,
  Subject,
} from '../plugins/contract/context.ts'
import { once, until } from '../lifecycle/operation-context.ts'
import { realWorld } from '../world/real-world.ts'
import type { World } from '../world/world.ts'

const defaultPause = 1000

export interface OperationContextOptions {
  readonly node?: Partial<NodeView>
  readonly instance?: Partial<InstanceView>
  readonly operation?: Partial<OperationDetails>
  readonly relationship?: NonNullable<OperationContext['relationship']>
  readonly host?: Subject
  readonly execution?: Partial<OperationContext['execution']>
  readonly deployment?: string
  readonly blueprint?: string
  /** Path below the blueprint's folder -> content. */
  readonly files?: Readonly<Record<string, string>>
  /** An existing folder to take blueprint files from, instead of `files`. */
  readonly blueprintFolder?: string
  readonly secrets?: Readonly<Record<string, string>>
  /** What the catalog holds of the instance. */
  readonly part?: Json
  readonly bracket?: NonNullable<OperationContext['bracket']>
  readonly signal?: AbortSignal
  readonly world?: World
  /** What `ctx.evaluate` does; default: gives the value back. */
  readonly evaluate?: (value: Json) => Promise<Json>
  /** Reused as the plugin's state directory, to play a second process; default: a new one. */
  readonly stateDirectory?: string
  /** Called with each log line as it comes. */
  readonly onLog?: (record: LogRecord) => void
}

export interface LogRecord {
  readonly level: keyof OperationLog
  readonly text: string
}

export interface TestSubject extends Subject {
  /** Copies of the runtime properties, one for each `save`. */
  readonly saves: readonly JsonObject[]
}

export interface TestContext extends OperationContext, TestSubject {
  readonly logs: readonly LogRecord[]
  /** `INFO: text`, as the event log prints them. */
  readonly lines: readonly string[]
  readonly events: readonly string[]
  /** The folder that holds all others of this context; gone after `cleanUp`. */
  readonly folder: string
  cleanUp(): Promise<void>
}

/** A node with one instance, for an end of a relationship or a host. */
export function subject(node: Partial<NodeView> = {}, instance: Partial<InstanceView> = {}): TestSubject {
  const saves: JsonObject[] = []
  const type = node.type ?? 'cloudify.nodes.Root'
  const id = node.id ?? 'server'
  const view: InstanceView = {
    id: `${id}_x1y2z3`,
    nodeId: id,
    index: 1,
    hostId: undefined,
    relationships: [],
    runtimeProperties: {},
    ...instance,
  }
  return {
    node: { id, type, typeHierarchy: ['cloudify.nodes.Root', type], properties: {}, ...node },
    instance: view,
    saves,
    save: async () => {
      saves.push(structuredClone(view.runtimeProperties))
    },
  }
}

/**
 * A context for one attempt of one operation. Call `cleanUp` after the test.
 *
 * @example
 * const ctx = operationContext({ files: { 'scripts/hello.sh': 'echo hello' }, node: { properties: { size: 3 } } })
 */
export function operationContext(options: OperationContextOptions = {}): TestContext {
  const folder = mkdtempSync(join(tmpdir(), 'fermata-test-'))
  const stateDirectory = options.stateDirectory ?? join(folder, 'state')
  mkdirSync(stateDirectory, { recursive: true })
  const blueprintFolder = options.blueprintFolder ?? writeBlueprint(folder, options.files ?? {})
  const world = options.world ?? realWorld()
  const signal = options.signal ?? new AbortController().signal
  const operation = operationDetails(options.operation)
  const blueprint = { id: options.blueprint ?? 'examples' }
  const logs: LogRecord[] = []
  const events: string[] = []
  return {
    ...subject(options.node, options.instance),
    ...(options.relationship === undefined ? {} : { relationship: options.relationship }),
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.part === undefined ? {} : { part: options.part }),
    ...(options.bracket === undefined ? {} : { bracket: options.bracket }),
    operation,
    execution: { id: 'execution-1', workflow: 'suspend', ...options.execution },
    deployment: { id: options.deployment ?? 'examples' },
    blueprint,
    log: recordingLog(logs, options.onLog),
    event: (text) => void events.push(text),
    signal,
    world,
    stateDirectory,
    blueprintFile: (path) => existingFile(blueprintFolder, path, blueprint.id),
    secret: (name) => secretNamed(options.secrets ?? {}, name),
    evaluate: options.evaluate ?? (async (value) => value),
    once: (effect) => once(effect, operation),
    until: (read, isDone, every) => until(read, isDone, { every: every ?? defaultPause, world, signal }),
    retry: (message, after) => {
      throw fault('operation.retry', { details: { message }, after })
    },
    logs,
    get lines() {
      return logs.map(({ level, text }) => `${level.toUpperCase()}: ${text}`)
    },
    events,
    folder,
    cleanUp: () => rm(folder, { recursive: true, force: true }),
  }
}

function operationDetails(given: Partial<OperationDetails> = {}): OperationDetails {
  const name = given.name ?? 'cloudify.interfaces.lifecycle.suspend'
  return { key: `execution-1/${name}/server_x1y2z3`, attempt: 1, maxAttempts: 1, inDoubt: false, ...given, name }
}

function writeBlueprint(folder: string, files: Readonly<Record<string, string>>): string {
  const top = join(folder, 'blueprint')
  mkdirSync(top)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(top, path)), { recursive: true })
    writeFileSync(join(top, path), content)
  }
  return top
}

function recordingLog(logs: LogRecord[], onLog: ((record: LogRecord) => void) | undefined): OperationLog {
  const record =
    (level: keyof OperationLog) =>
    (text: string): void => {
      logs.push({ level, text })
      onLog?.({ level, text })
    }
  return { debug: record('debug'), info: record('info'), warning: record('warning'), error: record('error') }
}

async function existingFile(top: string, path: string, blueprint: string): Promise<string> {
  const found = join(top, path)
  const isFile = await stat(found).then(
    (entry) => entry.isFile(),
    () => false,
  )
  if (!isFile) throw fault('script.not_found', { details: { path, blueprint } })
  return found
}

async function secretNamed(secrets: Readonly<Record<string, string>>, name: string): Promise<Secret> {
  const value = secrets[name]
  if (value === undefined) throw fault('secret.missing', { details: { name } })
  return new Secret(value)
}
