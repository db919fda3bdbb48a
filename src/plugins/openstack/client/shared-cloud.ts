// A cloud for one user of it: the shared session, with the signal and the log of whoever works with it now.
import { Fault } from '../../../kernel/fault.ts'
import type { Json } from '../../../kernel/json.ts'
import type { World } from '../../../world/world.ts'
import type { OperationLog } from '../../contract/context.ts'
import { orAborted } from '../../http/shared-work.ts'
import { addressOf, offers, regionOf } from './catalog.ts'
import type { Answer, Cloud, CloudRequest, ListRequest, ServiceName } from './cloud.ts'
import type { Grant } from './identity.ts'
import { compareVersions, isWithin, microversionsIn, type Microversions } from './microversions.ts'
import { pagesOf } from './pages.ts'
import { noMicroversion, requested } from './requests.ts'
import type { Session } from './session.ts'

type Asked = Map<ServiceName, Promise<Microversions | null>>

/** What services speak does not change while we work with them. */
const known = new WeakMap<Session, Asked>()

export class SharedCloud implements Cloud {
  readonly name: string
  readonly projectId: string
  readonly userId: string
  readonly region: string | null
  readonly signal: AbortSignal
  readonly world: World
  readonly log: OperationLog
  readonly #session: Session
  readonly #grant: Grant & { readonly projectId: string }

  constructor(
    session: Session,
    grant: Grant & { readonly projectId: string },
    { signal, log }: { readonly signal: AbortSignal; readonly log: OperationLog },
  ) {
    this.#session = session
    this.#grant = grant
    this.name = `${new URL(session.settings.authUrl).host}, project ${grant.projectId}`
    this.projectId = grant.projectId
    this.userId = grant.userId
    this.region = regionOf(grant, session.settings)
    this.signal = signal
    this.world = session.world
    this.log = log
  }

  async request<Body = Json>(request: CloudRequest): Promise<Answer<Body>> {
    const { service, microversion } = request
    if (microversion !== undefined) {
      const versions = await this.microversions(service)
      if (versions === null || !isWithin(microversion, versions)) throw noMicroversion(service, microversion, versions)
    }
    const signal = request.signal ? AbortSignal.any([this.signal, request.signal]) : this.signal
    return requested<Body>(this.#session, { ...request, signal }, this.log)
  }

  async find<Body = Json>(request: Omit<CloudRequest, 'method'>): Promise<Body | undefined> {
    try {
      return (await this.request<Body>({ ...request, method: 'GET' })).body
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'openstack.not_found') return undefined
      throw thrown
    }
  }

  pages<Item = Json>(request: ListRequest, collection: string): AsyncIterable<Item> {
    return pagesOf<Item>((one) => this.request(one), request, collection)
  }

  offers(service: ServiceName): boolean {
    return offers(service, this.#grant, this.#session.settings)
  }

  microversions(service: ServiceName): Promise<Microversions | null> {
    const asked: Asked = known.get(this.#session) ?? new Map()
    known.set(this.#session, asked)
    const answer = asked.get(service) ?? this.#askVersions(service)
    asked.set(service, answer)
    // What could not be asked is asked again.
    answer.catch(() => asked.delete(service))
    return orAborted(answer, this.signal)
  }

  async supports(service: ServiceName, version: string): Promise<boolean> {
    const versions = await this.microversions(service)
    return versions !== null && isWithin(version, versions)
  }

  async bestVersion(service: ServiceName, newest: string): Promise<string | undefined> {
    const versions = await this.microversions(service)
    if (versions === null || compareVersions(newest, versions.min) < 0) return undefined
    return compareVersions(newest, versions.max) < 0 ? newest : versions.max
  }

  until(signal: AbortSignal): Cloud {
    return new SharedCloud(this.#session, this.#grant, {
      signal: AbortSignal.any([this.signal, signal]),
      log: this.log,
    })
  }

  async #askVersions(service: ServiceName): Promise<Microversions | null> {
    const { root, major } = addressOf(service, this.#grant, this.#session.settings)
    const request = { service, method: 'GET', path: '/', url: root, signal: this.#session.lifetime } as const
    const { body } = await requested(this.#session, request, this.log)
    return microversionsIn(body, major)
  }
}
