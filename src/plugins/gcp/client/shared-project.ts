// A project for one user of it: the shared session, with the signal and the log of whoever works with it now.
import type { Duration } from '../../../kernel/duration.ts'
import { Fault, fault } from '../../../kernel/fault.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import type { World } from '../../../world/world.ts'
import type { OperationLog } from '../../contract/context.ts'
import { operationLimit, untilDone, type Operation } from './operations.ts'
import type { Change, Project, ProjectRequest, ReadRequest } from './project.ts'
import { requested } from './requests.ts'
import type { Session } from './session.ts'

export class SharedProject implements Project {
  readonly name: string
  readonly id: string
  readonly zone: string | undefined
  readonly region: string | undefined
  readonly network: string
  readonly signal: AbortSignal
  readonly world: World
  readonly log: OperationLog
  readonly #session: Session

  constructor(
    session: Session,
    id: string,
    { signal, log }: { readonly signal: AbortSignal; readonly log: OperationLog },
  ) {
    const { endpoint, zone, region, network } = session.settings
    this.#session = session
    this.name = `${new URL(endpoint).host}, project ${id}`
    this.id = id
    this.zone = zone
    this.region = region
    this.network = network
    this.signal = signal
    this.world = session.world
    this.log = log
  }

  async request<Body = Json>(request: ProjectRequest): Promise<Body> {
    const signal = request.signal ? AbortSignal.any([this.signal, request.signal]) : this.signal
    return requested<Body>(this.#session, { ...request, signal, projectId: this.id }, this.log)
  }

  async find<Body = Json>(request: ReadRequest): Promise<Body | undefined> {
    try {
      return await this.request<Body>({ ...request, method: 'GET' })
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'gcp.not_found') return undefined
      throw thrown
    }
  }

  async *pages<Item = Json>(request: ReadRequest, items = 'items'): AsyncIterable<Item> {
    const seen = new Set<string>()
    for (let query = request.query; ;) {
      const body = await this.request({ ...request, method: 'GET', query })
      const found = isJsonObject(body) ? (body[items] ?? []) : undefined
      if (!Array.isArray(found)) throw badList(request, `it has no list '${items}'`)
      yield* found as readonly Item[]
      const next = isJsonObject(body) ? body['nextPageToken'] : undefined
      if (typeof next !== 'string' || next === '') return
      if (seen.has(next)) throw badList(request, 'its pages go round in circles')
      seen.add(next)
      query = { ...request.query, pageToken: next }
    }
  }

  begin({ limit: _limit, method = 'POST', ...change }: Change): Promise<Operation> {
    return this.request<Operation>({ ...change, method })
  }

  async change(change: Change): Promise<Operation> {
    return this.done(await this.begin(change), change.limit)
  }

  done(operation: Operation, limit: Duration = operationLimit): Promise<Operation> {
    const { world, signal, log } = this
    const request = <Body>(one: ProjectRequest): Promise<Body> => this.request<Body>(one)
    return untilDone({ world, signal, log, request }, operation, limit)
  }

  until(signal: AbortSignal): Project {
    return new SharedProject(this.#session, this.id, {
      signal: AbortSignal.any([this.signal, signal]),
      log: this.log,
    })
  }
}

function badList({ path }: ReadRequest, reason: string): Fault {
  return fault('gcp.bad_answer', { details: { call: `GET ${path}`, reason }, effect: 'none' })
}
