// A whole project of Compute Engine on one loopback port, with the server that gives its tokens and a little of Cloud
// Monitoring: states over time, operations, refusals and traps, as its documentation tells them. Nothing of it was seen on a
// real project.
//
//   await using cloud = await fakeGcp({ quotas: { snapshots: 5 } })
//   cloud.clientConfig                      what a blueprint's client_config takes: auth, project, zone, endpoint
//   cloud.addInstance({ name: 'web', disks: [{ name: 'data', content: 'x' }] })      runs at once, with its boot disk
//   cloud.addDisk({ name: 'free' })         attached to nobody
//   cloud.write('web', 'text', 'data')      its guest writes; cloud.contents('web'): what lies on each device
//   cloud.instance('web'), .disk(), .snapshot(), .machineImage(), .thing('networks', 'net')     by name; none: an Error
//   cloud.state.instances / disks / snapshots / machineImages / things / operations        Maps, to look and to meddle
//   cloud.state.quotas.snapshots = 0        at any time; .copiesPerHour: of one disk or instance, 6 as in the real one
//   cloud.state.listLag = 50                lists tell of new things only after so many ms
//   cloud.calls, cloud.writes, cloud.count(WHICH)        the log; names are `POST /zones/:zone/instances/:name/suspend`
//   cloud.fail(WHICH, { status: 500, afterEffect: true, nth: 2, times: 3, retryAfter: 1, delay: 50, drop: 'after', isHanging })
//                                           WHICH: such a name, or a RegExp for it or for the path with names in it
//   cloud.hold('snapshot:uploading')        an operation stands still at a step: await held.reached; ...; held.release()
//                                           Steps: instance:provisioning|stopping|staging|suspending|deleting
//                                           disk:creating|deleting|attaching|detaching|resizing snapshot:creating|uploading|deleting
//                                           image:creating|uploading|deleting networks:creating|deleting ...
//   cloud.break('disk:creating', { nth, times, id, reason: 'QUOTA_EXCEEDED: ...' })      the operation ends with this error
//   cloud.expireTokens()                    401 with the next call
//   await cloud.idle()                      no operation is under way
import type { JsonObject } from '../../kernel/json.ts'
import type { Planted, Trouble, Which } from '../fake-http/troubles.ts'
import type { BreakOptions, Held } from '../fake-http/work.ts'
import { Front, type LoggedCall } from './http/front.ts'
import {
  State,
  type FakeDisk,
  type FakeInstance,
  type FakeMachineImage,
  type FakeSnapshot,
  type Quotas,
} from './model/state.ts'
import { addDisk, diskRoutes } from './services/disks.ts'
import { attach, instanceRoutes, newInstance } from './services/instances.ts'
import { imageRoutes } from './services/machine-images.ts'
import { thingNamed, thingRoutes } from './services/things.ts'
import { accountKeys, Tokens } from './services/tokens.ts'

export interface FakeGcpOptions {
  /** How long each step of an operation takes, in ms. Default: 1. */
  readonly stepTime?: number
  readonly quotas?: Partial<Quotas>
  /** Most items on a page of a list. Default: 500. */
  readonly pageSize?: number
  readonly listLag?: number
  /** Default: 6, as in the real one. */
  readonly copiesPerHour?: number
  readonly port?: number
  readonly now?: () => number
}

export interface FakeDiskOptions {
  readonly name: string
  readonly content?: string
  readonly sizeGb?: number
  readonly deviceName?: string
  readonly labels?: Readonly<Record<string, string>>
}

export interface FakeInstanceOptions {
  readonly name: string
  /** Of its boot disk, which bears its name. */
  readonly content?: string
  /** Beside its boot disk. */
  readonly disks?: readonly FakeDiskOptions[]
  readonly status?: FakeInstance['status']
}

const zone = 'europe-west1-b'
const place = `zones/${zone}`
const projectId = 'shop-project'
const email = 'fermata@shop-project.iam.gserviceaccount.com'

export class FakeGcp implements AsyncDisposable {
  readonly state: State
  readonly tokens: Tokens
  readonly zone = zone
  readonly projectId = projectId
  readonly #front: Front

  constructor(front: Front, state: State, tokens: Tokens) {
    this.#front = front
    this.state = state
    this.tokens = tokens
  }

  get origin(): string {
    return this.#front.origin
  }

  get account() {
    return {
      type: 'service_account',
      project_id: projectId,
      private_key_id: 'key-1',
      private_key: accountKeys().privateKey,
      client_email: email,
      token_uri: `${this.origin}/token`,
    }
  }

  get clientConfig() {
    return { auth: this.account, zone, network: 'default', endpoint: this.origin }
  }

  addDisk({ name, content = '', sizeGb = 10, labels = {} }: FakeDiskOptions): FakeDisk {
    return addDisk(this.state, place, { name, sizeGb, labels: { ...labels } }, { content, status: 'READY' })
  }

  addInstance({ name, content = '', disks = [], status = 'RUNNING' }: FakeInstanceOptions): FakeInstance {
    const instance = newInstance(this.state, place, { name })
    const all = [{ name, content, deviceName: 'boot' }, ...disks]
    for (const [index, one] of all.entries()) {
      this.addDisk(one)
      attach(this.state, instance, {
        disk: one.name,
        deviceName: one.deviceName ?? one.name,
        boot: index === 0,
        autoDelete: index === 0,
        mode: 'READ_WRITE',
      })
    }
    instance.status = status
    return instance
  }

  instance(name: string): FakeInstance {
    return named(this.state.instances.values(), name)
  }

  disk(name: string): FakeDisk {
    return named(this.state.disks.values(), name)
  }

  snapshot(name: string): FakeSnapshot {
    return named(this.state.snapshots.values(), name)
  }

  machineImage(name: string): FakeMachineImage {
    return named(this.state.machineImages.values(), name)
  }

  thing(collection: string, name: string): JsonObject {
    return thingNamed(this.state, collection, name)
  }

  /** What its guest wrote; default: on its boot disk. */
  write(instanceName: string, text: string, deviceName?: string): void {
    const { disks } = this.instance(instanceName)
    const one = deviceName === undefined ? disks[0] : disks.find((disk) => disk.deviceName === deviceName)
    if (one === undefined) throw new Error(`instance ${instanceName} has no ${deviceName ?? 'disk'}`)
    this.disk(one.disk).content = text
  }

  /** By device. */
  contents(instanceName: string): Record<string, string> {
    const { disks } = this.instance(instanceName)
    return Object.fromEntries(disks.map(({ deviceName, disk }) => [deviceName, this.disk(disk).content]))
  }

  get calls(): readonly LoggedCall[] {
    return this.#front.calls
  }

  /** Those that change something. */
  get writes(): readonly LoggedCall[] {
    return this.calls.filter(
      ({ method, name, service }) =>
        service === 'compute' && method !== 'GET' && !name.endsWith('/wait') && !name.endsWith('/listInstances'),
    )
  }

  count(which: Which): number {
    return this.#front.count(which)
  }

  fail(which: Which, trouble: Trouble): Planted {
    return this.#front.troubles.plant(which, trouble)
  }

  clearTroubles(): void {
    this.#front.troubles.clear()
  }

  hold(step: string, id?: string): Held {
    return this.state.work.hold(step, id)
  }

  break(step: string, options?: BreakOptions): void {
    this.state.work.break(step, options)
  }

  expireTokens(): void {
    this.tokens.expire()
  }

  idle(): Promise<void> {
    return this.state.work.idle()
  }

  async close(): Promise<void> {
    this.state.work.close()
    await this.#front.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

export async function fakeGcp(options: FakeGcpOptions = {}): Promise<FakeGcp> {
  const { stepTime = 1, pageSize = 500, listLag = 0, copiesPerHour = 6, port = 0, now = Date.now } = options
  const state = new State({ projectId, stepTime, listLag, copiesPerHour, now })
  Object.assign(state.quotas, options.quotas)
  const tokens = new Tokens(email, projectId)
  const front = new Front(projectId, tokens)
  diskRoutes(front, state, pageSize)
  instanceRoutes(front, state, pageSize)
  imageRoutes(front, state, pageSize)
  thingRoutes(front, state, pageSize)
  await front.open(port)
  state.origin = front.origin
  state.things.set('global/networks/default', {
    id: '1',
    name: 'default',
    selfLink: state.link('global/networks/default'),
    autoCreateSubnetworks: true,
  })
  return new FakeGcp(front, state, tokens)
}

function named<Value extends { readonly name: string }>(values: Iterable<Value>, name: string): Value {
  const [found, other] = [...values].filter((one) => one.name === name)
  if (found === undefined || other !== undefined)
    throw new Error(`the project has ${other ? 'several' : 'no'} '${name}'`)
  return found
}
