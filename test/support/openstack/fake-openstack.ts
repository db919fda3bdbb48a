// A whole OpenStack cloud on one loopback port: Keystone, Nova, Glance, Cinder, Neutron, a little of Designate and Manila, with their states over time, their
// microversions, their refusals and their traps, as they were seen on a real one.
//
//   await using cloud = await fakeOpenstack({ quotas: { volumes: 5 } })
//   cloud.clientConfig                       what a blueprint's client_config takes: auth_url, username, password, ...
//   const server = cloud.addServer({ name: 'web', volumes: [{ name: 'data' }] })   runs at once; {isFromVolume: true}: on a volume
//   server.write('text', 'vdb')              its guest writes; server.contents, server.status, server.taskState, server.boots
//   cloud.server('web'), .volume(), .snapshot(), .backup(), .image()     one by name or id; none or several: an Error
//   cloud.state.servers / volumes / snapshots / backups / images / groups / groupSnapshots     Maps by id, to look and to meddle
//   cloud.state.things('networks')           kept as they are shown: flavors, keypairs, ports, routers, floatingips, ...
//   cloud.state.quotas.volumes = 0           at any time; cloud.state.newest.volume = 39: an older cloud
//   cloud.calls, cloud.writes, cloud.count(WHICH)    the log; names are `compute POST /servers/:id/action createImage`
//   cloud.fail(WHICH, { status: 500, afterEffect: true, nth: 2, times: 3, retryAfter: 1, delay: 50, drop: 'after', isHanging })
//                                            WHICH: such a name, or a RegExp for it or for the path with ids in it
//   cloud.hold('server:image_uploading')     work stands still at a step: await held.reached; ...; held.release(). Steps:
//                                            server:TASK_STATE server:rotating image:saving volume:STATUS snapshot:creating|deleting
//                                            backup:creating|restoring|deleting group[_snapshot]:creating|deleting
//   cloud.break('backup:creating', { nth, times, id, reason })   the step fails, and its thing ends as it does in a real cloud
//   cloud.stop('compute' | 'volume' | 'backup' | 'image'), cloud.start(...)      calls are accepted, nothing goes on
//   cloud.expireTokens()                     401 with the next call; cloud.state.tokens.life for new ones
//   await cloud.idle()                       no work is under way
import type { Planted, Trouble, Which } from '../../../src/testing/fake-http/troubles.ts'
import { Work, type BreakOptions, type Held } from '../../../src/testing/fake-http/work.ts'
import { Front, type LoggedCall } from './http/front.ts'
import { Routes } from './http/routes.ts'
import { furnish } from './model/furnish.ts'
import { FakeServer } from './model/server.ts'
import { defaultQuotas, State, type Quotas, type Worker } from './model/state.ts'
import type { FakeBackup, FakeImage, FakeSnapshot, FakeThing, FakeVolume } from './model/things.ts'
import { backupRoutes } from './services/cinder/backups.ts'
import { groupRoutes } from './services/cinder/groups.ts'
import { addVolume } from './services/cinder/making.ts'
import { restOfCinderRoutes } from './services/cinder/rest.ts'
import { snapshotRoutes } from './services/cinder/snapshots.ts'
import { volumeRoutes } from './services/cinder/volumes.ts'
import { dnsRoutes } from './services/dns.ts'
import { identityRoutes } from './services/identity.ts'
import { identityThingRoutes } from './services/identity-things.ts'
import { imageRoutes, newImage } from './services/image.ts'
import { networkRoutes } from './services/neutron/network.ts'
import { actionRoutes } from './services/nova/actions.ts'
import { attachmentRoutes } from './services/nova/attachments.ts'
import { connect } from './services/nova/boot-volumes.ts'
import { restOfNovaRoutes } from './services/nova/rest.ts'
import { serverRoutes } from './services/nova/servers.ts'
import { shareRoutes } from './services/share.ts'
import { versionRoutes } from './services/versions.ts'

export interface FakeOpenstackOptions {
  /** How long each step of what goes on takes, in ms. Default: 1. */
  readonly stepTime?: number
  readonly quotas?: Partial<Quotas>
  /** Newest microversions. Default: 2.93 and 3.70, of Zed. */
  readonly newest?: { readonly compute?: number; readonly volume?: number }
  /** Most items on a page of a list. Default: 1000. */
  readonly pageSize?: number
  /** Default: true. Diagnostics, flavors and the like are refused to others. */
  readonly isAdmin?: boolean
  readonly region?: string
  readonly port?: number
  /** What the cloud takes for the time, in ms. */
  readonly now?: () => number
}

export interface FakeServerOptions {
  readonly name?: string
  /** Its disk is a volume. */
  readonly isFromVolume?: boolean
  /** Content of its first disk. */
  readonly content?: string
  readonly volumes?: readonly FakeVolumeOptions[]
  readonly metadata?: Readonly<Record<string, string>>
  readonly status?: 'ACTIVE' | 'SHUTOFF' | 'SUSPENDED' | 'PAUSED'
}

export interface FakeVolumeOptions {
  readonly name?: string
  readonly content?: string
  readonly size?: number
  readonly metadata?: Readonly<Record<string, string>>
}

export class FakeOpenstack implements AsyncDisposable {
  readonly state: State
  readonly region: string
  readonly #front: Front

  constructor(front: Front, state: State, region: string) {
    this.#front = front
    this.state = state
    this.region = region
  }

  get origin(): string {
    return this.#front.origin
  }

  get authUrl(): string {
    return `${this.origin}/identity/v3`
  }

  get clientConfig() {
    const { user, project } = this
    return {
      auth_url: this.authUrl,
      username: user.name,
      password: user.password,
      project_name: project.name,
      user_domain_name: 'Default',
      project_domain_name: 'Default',
      region_name: this.region,
    }
  }

  get user() {
    const [first] = this.state.tokens.users
    if (!first) throw new Error('the cloud has no users')
    return first
  }

  get project() {
    const [first] = this.state.tokens.projects
    if (!first) throw new Error('the cloud has no projects')
    return first
  }

  /** The image that is there from the beginning: `cirros`. */
  get baseImage(): FakeImage {
    return this.image('cirros')
  }

  get calls(): readonly LoggedCall[] {
    return this.#front.calls
  }

  /** Those that change something; tokens do not count. */
  get writes(): readonly LoggedCall[] {
    return this.calls.filter(({ method, service }) => method !== 'GET' && service !== 'identity')
  }

  /** Most calls at one time. */
  get peak(): number {
    return this.#front.log.peak
  }

  count(which: Which): number {
    return this.#front.count(which)
  }

  fail(which: Which, trouble: Trouble = { status: 500 }): Planted {
    return this.#front.troubles.plant(which, trouble)
  }

  clearFailures(): void {
    this.#front.troubles.clear()
  }

  hold(step: string, id?: string): Held {
    return this.state.work.hold(step, id)
  }

  break(step: string, options?: BreakOptions): void {
    this.state.work.break(step, options)
  }

  stop(worker: Worker): void {
    this.state.work.stop(worker)
  }

  start(worker: Worker): void {
    this.state.work.start(worker)
  }

  expireTokens(): void {
    this.state.tokens.expireAll()
  }

  idle(): Promise<void> {
    return this.state.work.idle()
  }

  server(nameOrId: string): FakeServer {
    return one('server', this.state.servers.values(), nameOrId)
  }

  volume(nameOrId: string): FakeVolume {
    return one('volume', this.state.volumes.values(), nameOrId)
  }

  snapshot(nameOrId: string): FakeSnapshot {
    return one('snapshot', this.state.snapshots.values(), nameOrId)
  }

  backup(nameOrId: string): FakeBackup {
    return one('backup', this.state.backups.values(), nameOrId)
  }

  image(nameOrId: string): FakeImage {
    return one('image', this.state.images.values(), nameOrId)
  }

  /** Runs at once, with what its guest has on its disks. */
  addServer({
    name = 'vm',
    isFromVolume = false,
    content = 'new',
    volumes = [],
    ...more
  }: FakeServerOptions = {}): FakeServer {
    const { state } = this
    const server = new FakeServer(
      {
        id: state.id(),
        name,
        projectId: this.project.id,
        userId: this.user.id,
        flavorId: 'small',
        imageId: isFromVolume ? null : this.baseImage.id,
        created: state.seconds(),
        serial: state.serial(),
      },
      (id) => state.volumes.get(id),
    )
    const states = {
      ACTIVE: ['active', 1],
      SHUTOFF: ['stopped', 4],
      SUSPENDED: ['suspended', 4],
      PAUSED: ['paused', 3],
    } as const
    const [vmState, powerState] = states[more.status ?? 'ACTIVE']
    Object.assign(server, { vmState, powerState, taskState: null, host: 'fake', launchedAt: state.micros(), boots: 1 })
    Object.assign(server.metadata, more.metadata)
    state.servers.set(server.id, server)
    if (isFromVolume) {
      const root = this.addVolume({ name: `${name}-root`, content })
      root.bootable = true
      root.imageMetadata = { image_id: this.baseImage.id, image_name: 'cirros' }
      connect(state, server, root, { bootIndex: 0, deleteOnTermination: false, tag: null })
    } else {
      server.disk = content
    }
    for (const options of volumes) {
      connect(state, server, this.addVolume(options), { bootIndex: null, deleteOnTermination: false, tag: null })
    }
    return server
  }

  /** Available at once. */
  addVolume({ name = 'volume', content = '', size = 1, metadata = {} }: FakeVolumeOptions = {}): FakeVolume {
    const volume = addVolume(this.state, { name, size, metadata, projectId: this.project.id, userId: this.user.id })
    volume.content = content
    volume.status = 'available'
    return volume
  }

  /** Active at once. */
  addImage(name: string, content = '', properties: Readonly<Record<string, string>> = {}): FakeImage {
    const image = newImage(this.state, this.project.id, {
      name,
      disk_format: 'qcow2',
      container_format: 'bare',
      ...properties,
    })
    image.content = Buffer.from(content)
    image.status = 'active'
    return image
  }

  addThing(collection: string, thing: FakeThing): FakeThing {
    this.state.things(collection).set(thing.id, thing)
    return thing
  }

  async close(): Promise<void> {
    this.state.work.close()
    await this.#front.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

export async function fakeOpenstack(options: FakeOpenstackOptions = {}): Promise<FakeOpenstack> {
  const { stepTime = 1, quotas, newest, pageSize = 1000, region = 'fake', now = () => Date.now() } = options
  const state = new State({
    work: new Work<Worker>(stepTime),
    quotas: { ...defaultQuotas, ...quotas },
    newest: { compute: newest?.compute ?? 93, volume: newest?.volume ?? 70 },
    pageSize,
    now,
  })
  furnish(state, options.isAdmin ?? true)
  const routes = new Routes()
  versionRoutes(routes, state)
  identityRoutes(routes, state, { region })
  for (const add of [
    identityThingRoutes,
    serverRoutes,
    actionRoutes,
    attachmentRoutes,
    restOfNovaRoutes,
    imageRoutes,
    volumeRoutes,
    snapshotRoutes,
    backupRoutes,
    groupRoutes,
    restOfCinderRoutes,
    networkRoutes,
    dnsRoutes,
    shareRoutes,
  ]) {
    add(routes, state)
  }
  const front = new Front(state, routes)
  await front.open(options.port ?? 0)
  const cloud = new FakeOpenstack(front, state, region)
  cloud.addImage('cirros', 'new').visibility = 'public'
  return cloud
}

function one<Thing extends { readonly id: string; readonly name: string | null }>(
  kind: string,
  things: Iterable<Thing>,
  nameOrId: string,
): Thing {
  const all = [...things]
  const found = all.filter(({ id, name }) => id === nameOrId || name === nameOrId)
  const [first] = found
  if (first && found.length === 1) return first
  throw new Error(
    `${found.length} of the ${kind}s are ${nameOrId}: ${all.map(({ name, id }) => name ?? id).join(', ')}`,
  )
}
