// Everything that the fake project holds, and what is under way in it.
import { randomUUID } from 'node:crypto'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import { Broken, Work } from '../../fake-http/work.ts'
import { exists, notFound, Refusal, type Answer, type Call } from '../http/answer.ts'

export interface Thing {
  readonly id: string
  readonly name: string
  /** `zones/Z`, `regions/R`, `global`. */
  readonly place: string
  readonly madeAt: number
  readonly serial: number
  labels: Record<string, string>
  labelFingerprint: string
}

export interface FakeDisk extends Thing {
  status: 'CREATING' | 'READY' | 'FAILED' | 'DELETING'
  sizeGb: number
  readonly type: string
  content: string
  /** Who has it attached. */
  readonly users: Set<string>
  readonly shown: JsonObject
}

export interface FakeSnapshot extends Thing {
  status: 'CREATING' | 'UPLOADING' | 'READY' | 'FAILED' | 'DELETING'
  readonly sourceDisk: string
  readonly sourceDiskId: string
  readonly sizeGb: number
  readonly description: string
  readonly isFlushed: boolean
  content: string
}

export interface Attached {
  readonly deviceName: string
  boot: boolean
  autoDelete: boolean
  readonly mode: string
  /** The name of a disk of the same zone. */
  readonly disk: string
}

export interface FakeInstance extends Thing {
  status: 'PROVISIONING' | 'STAGING' | 'RUNNING' | 'STOPPING' | 'TERMINATED' | 'SUSPENDING' | 'SUSPENDED'
  machineType: string
  disks: Attached[]
  boots: number
  shown: JsonObject
  isGuestReady: boolean
}

export interface FakeMachineImage extends Thing {
  status: 'CREATING' | 'UPLOADING' | 'READY' | 'INVALID'
  readonly sourceInstance: string
  readonly description: string
  readonly disks: readonly (Attached & { readonly sizeGb: number; content: string })[]
  readonly properties: JsonObject
}

export interface FakeOperation {
  readonly name: string
  readonly place: string
  readonly type: string
  readonly target: string
  status: 'RUNNING' | 'DONE'
  error: { readonly code: string; readonly message: string; readonly status: number } | undefined
  readonly warnings: readonly JsonObject[]
  readonly ended: Promise<void>
  readonly end: () => void
}

export interface Quotas {
  instances: number
  disks: number
  snapshots: number
  machineImages: number
  networks: number
  firewalls: number
  addresses: number
}

export interface StateOptions {
  readonly projectId: string
  readonly stepTime: number
  readonly listLag: number
  readonly copiesPerHour: number
  readonly now: () => number
}

export class State {
  readonly projectId: string
  readonly work: Work
  readonly now: () => number
  listLag: number
  /** Of one disk, or one instance. */
  copiesPerHour: number
  readonly quotas: Quotas = {
    instances: 1000,
    disks: 1000,
    snapshots: 5000,
    machineImages: 1000,
    networks: 100,
    firewalls: 100,
    addresses: 100,
  }
  readonly disks = new Map<string, FakeDisk>()
  readonly snapshots = new Map<string, FakeSnapshot>()
  readonly instances = new Map<string, FakeInstance>()
  readonly machineImages = new Map<string, FakeMachineImage>()
  /** Networks, firewalls and the like, by `place/collection/name`. */
  readonly things = new Map<string, JsonObject>()
  readonly operations = new Map<string, FakeOperation>()
  /** For the answer of a request that comes a second time. */
  readonly #byRequest = new Map<string, FakeOperation>()
  readonly #copied = new Map<string, number[]>()
  origin = ''
  #serial = 0

  constructor({ projectId, stepTime, listLag, copiesPerHour, now }: StateOptions) {
    this.projectId = projectId
    this.work = new Work(stepTime)
    this.listLag = listLag
    this.copiesPerHour = copiesPerHour
    this.now = now
  }

  identity(name: string, place: string, labels: Json | undefined): Thing {
    this.#serial += 1
    const id = String(4_000_000_000_000_000_000n + BigInt(this.#serial))
    const own = typeof labels === 'object' && labels !== null && !Array.isArray(labels) ? labels : {}
    for (const [key, value] of Object.entries(own)) {
      const isFine = /^[a-z][a-z0-9_-]{0,62}$/.test(key) && /^[a-z0-9_-]{0,63}$/.test(String(value))
      if (!isFine) throw new Refusal(400, 'invalid', `Invalid value for label ${key}: '${String(value)}'`)
    }
    return {
      id,
      name,
      place,
      madeAt: this.now(),
      serial: this.#serial,
      labels: { ...own } as Record<string, string>,
      labelFingerprint: randomUUID(),
    }
  }

  link(path: string): string {
    return `${this.origin}/compute/v1/projects/${this.projectId}/${path}`
  }

  /** @throws Refusal */
  newName(body: JsonObject, taken: ReadonlyMap<string, unknown>, key: (name: string) => string): string {
    const name = body['name']
    if (typeof name !== 'string' || !/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
      throw new Refusal(400, 'invalid', `Invalid value for field 'resource.name': '${String(name)}'`)
    }
    if (taken.has(key(name))) throw exists(key(name))
    return name
  }

  needRoom(kind: keyof Quotas, used: number): void {
    const limit = this.quotas[kind]
    if (used < limit) return
    throw new Refusal(403, 'quotaExceeded', `Quota '${kind.toUpperCase()}' exceeded.  Limit: ${limit}.0 globally.`)
  }

  /** @throws Refusal: too many within an hour */
  countCopy(of: string): void {
    const now = this.now()
    const recent = (this.#copied.get(of) ?? []).filter((at) => now - at < 3_600_000)
    if (recent.length >= this.copiesPerHour) {
      throw new Broken(
        `RESOURCE_OPERATION_RATE_EXCEEDED: Operation rate exceeded for resource '${of}'. Too frequent operations from the source resource.`,
      )
    }
    this.#copied.set(of, [...recent, now])
  }

  found<Value>(map: ReadonlyMap<string, Value>, key: string): Value {
    const value = map.get(key)
    if (value === undefined) throw notFound(key)
    return value
  }

  /** In lists a thing is seen only after a while. */
  isListed({ madeAt }: Pick<Thing, 'madeAt'>): boolean {
    return this.now() - madeAt >= this.listLag
  }

  /**
   * Answers with an operation, and works on. What `begin` throws is refused at once; what `act` throws is told in the
   * operation. A request that comes again with its id is answered with the operation that it began, and nothing else is done.
   */
  operation(
    call: Call,
    about: { readonly place: string; readonly type: string; readonly target: string; readonly warning?: string },
    begin: () => () => Promise<void>,
  ): Answer {
    const requestId = call.query.get('requestId')
    const known = requestId === null ? undefined : this.#byRequest.get(requestId)
    if (known !== undefined) return { status: 200, body: this.shownOperation(known) }
    const act = begin()
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    const warnings = about.warning === undefined ? [] : [{ code: 'FIELD_VALUE_OVERRIDEN', message: about.warning }]
    const operation: FakeOperation = {
      ...about,
      name: `operation-${randomUUID()}`,
      status: 'RUNNING',
      error: undefined,
      warnings,
      ended,
      end,
    }
    this.operations.set(operation.name, operation)
    if (requestId !== null) this.#byRequest.set(requestId, operation)
    this.work.begin(async () => {
      try {
        await act()
      } catch (thrown) {
        if (!(thrown instanceof Broken) && !(thrown instanceof Refusal)) throw thrown
        operation.error = errorOf(thrown)
      }
      operation.status = 'DONE'
      end()
    })
    return { status: 200, body: this.shownOperation(operation) }
  }

  shownOperation({ name, place, type, target, status, error, warnings }: FakeOperation): JsonObject {
    const [kind, where] = place.split('/')
    return {
      kind: 'compute#operation',
      name,
      operationType: type,
      targetLink: this.link(target),
      status,
      progress: status === 'DONE' ? 100 : 0,
      ...(kind === 'zones' ? { zone: this.link(`zones/${where}`) } : {}),
      ...(kind === 'regions' ? { region: this.link(`regions/${where}`) } : {}),
      ...(warnings.length > 0 ? { warnings: [...warnings] } : {}),
      ...(error === undefined
        ? {}
        : {
            error: { errors: [{ code: error.code, message: error.message }] },
            httpErrorStatusCode: error.status,
            httpErrorMessage: 'BAD REQUEST',
          }),
    }
  }
}

/** What breaks may say `CODE: words`, or `CODE 503: words`. */
function errorOf(thrown: Broken | Refusal): {
  readonly code: string
  readonly message: string
  readonly status: number
} {
  if (thrown instanceof Refusal) {
    const code = thrown.reason.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
    return { code, message: thrown.message, status: thrown.status }
  }
  const [, code = 'INTERNAL_ERROR', status = '', message = thrown.message] =
    /^([A-Z_]+)(?: (\d+))?: (.*)$/s.exec(thrown.message) ?? []
  return { code, message, status: Number(status || (code === 'INTERNAL_ERROR' ? 503 : 400)) }
}
