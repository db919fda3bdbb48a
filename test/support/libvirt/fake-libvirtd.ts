// A libvirtd in this process for tests: it speaks the RPC protocol over a unix socket (and TCP on request), keeps domains,
// guests, disks, snapshots, backups, networks and pools, and behaves as libvirt 9.0.0 was seen to behave. What it holds is
// reachable beside the protocol, so that a test looks from outside and turns what it likes.
//
//   await using libvirtd = await fakeLibvirtd({ domains: [{ name: 'vm', disks: ['vda'], writer: 5 }], second: 50 })
//   libvirtd.uri                                   qemu+unix:///system?socket=…
//   libvirtd.domain('vm').agent = 'hung'           or 'absent', 'connected'
//   libvirtd.domain('vm').isFrozen                 what the guest's kernel says, whoever froze it
//   libvirtd.domain('vm').agentProcess.freezeHookFails = true      also freezeHookTakes (ms), blocked (names of commands)
//   libvirtd.domain('vm').guest.sh('fsfreeze --freeze /data')      a shell in the guest
//   libvirtd.domain('vm').writer.last, .content('vda')             what the guest wrote, what its disk holds
//   libvirtd.faults.drop('DOMAIN_BACKUP_BEGIN', 'after')           also fail, hold, when, loseEvents, …
//   const letGo = libvirtd.hold('backup')          works: save snapshot revert backup commit
//   libvirtd.host.fullFolders.add(folder)          writing there fails as on a full disk
//   libvirtd.host.undefine(domain, 19)             behind the client's back
//   await libvirtd.restart()                       clients are cut off, domains live on
//   libvirtd.calls                                 names of procedures as they came
//
// `second` is how many ms the daemon takes for a second: patience with agents and with locks (30 of them).
// Scripts that are started by guest-exec are really run, in the guest's folder, which plays its root: paths below /run, /tmp,
// /dev/shm, /var, /etc and /data, and the mount table, are those of the guest; `fsfreeze` freezes the guest's file systems.
// What it does not play: processes in a guest's memory do not come back from a saved image; pull backups; migration.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProcedureName } from '../../../src/plugins/libvirt/client/procedures.ts'
import { writeXml } from '../../../src/plugins/libvirt/xml/write.ts'
import { ClientConnection, type Daemon } from './daemon/client-connection.ts'
import { Faults } from './daemon/faults.ts'
import type { DaemonSettings, Handlers } from './daemon/handlers.ts'
import { domainDocument, type AgentState, type Domain } from './model/domain.ts'
import { Host } from './model/host.ts'
import { blankImage, writeImage, type ImageFormat } from './model/image.ts'
import { start, suspend } from './model/power.ts'
import type { Work } from './model/works.ts'
import { connectionHandlers } from './procedures/connection.ts'
import { domainHandlers } from './procedures/domains.ts'
import { figureHandlers } from './procedures/figures.ts'
import { guestHandlers } from './procedures/guests.ts'
import { jobHandlers } from './procedures/jobs.ts'
import { networkHandlers } from './procedures/networks.ts'
import { savedStateHandlers } from './procedures/saved-states.ts'
import { storageHandlers } from './procedures/storage.ts'

export interface FakeDomain {
  readonly name: string
  readonly uuid?: string
  /** Targets of its disks; default: one, vda, as qcow2. */
  readonly disks?: readonly (string | { readonly target: string; readonly format: ImageFormat })[]
  /** Default: kvm. */
  readonly type?: 'kvm' | 'qemu'
  /** Instead of a document made here. */
  readonly xml?: string
  /** Default: running. */
  readonly state?: 'running' | 'paused' | 'shut off'
  readonly agent?: AgentState
  /** ms between records that the guest writes; default: it writes when told to. */
  readonly writer?: number
}

export interface FakeLibvirtdOptions {
  readonly domains?: readonly (string | FakeDomain)[]
  /** ms; default 1000. */
  readonly second?: number
  readonly auth?: DaemonSettings['auth']
  /** Also listens on a TCP port of the loopback. */
  readonly tcp?: boolean
  /** Calls of one connection that are worked on at once; default 5. */
  readonly maxRequests?: number
}

export interface FakeLibvirtd extends AsyncDisposable {
  readonly uri: string
  readonly socket: string
  /** Undefined unless asked for. */
  readonly tcpPort: number | undefined
  readonly host: Host
  readonly faults: Faults
  /** Procedures as they were called. */
  readonly calls: readonly ProcedureName[]
  readonly connections: ReadonlySet<ClientConnection>
  /** Where its disks lie; the active pool `disks`. */
  readonly folder: string
  domain(name: string): Domain
  addDomain(domain: string | FakeDomain): Domain
  /** Holds works of this kind; call what it returns to let them go. */
  hold(work: Work): () => void
  /** Breaks every connection, as a pulled plug. */
  drop(): void
  /** Cuts everybody off and listens no more; domains live on. */
  stop(): Promise<void>
  listen(): Promise<void>
  restart(): Promise<void>
  close(): Promise<void>
}

const handlers: Handlers = {
  ...connectionHandlers,
  ...domainHandlers,
  ...figureHandlers,
  ...guestHandlers,
  ...savedStateHandlers,
  ...jobHandlers,
  ...networkHandlers,
  ...storageHandlers,
}

const diskCapacity = 1024 * 1024

export async function fakeLibvirtd(options: FakeLibvirtdOptions = {}): Promise<FakeLibvirtd> {
  const root = mkdtempSync(join(tmpdir(), 'fermata-libvirtd-'))
  const folder = join(root, 'disks')
  mkdirSync(folder)
  const host = new Host(root, options.second ?? 1000)
  const daemon = new FakeDaemon(host, options, folder)
  host.storage.start(
    host.storage.define(`<pool type='dir'><name>disks</name><target><path>${folder}</path></target></pool>`),
  )
  for (const domain of options.domains ?? []) daemon.addDomain(domain)
  await daemon.listen()
  return daemon
}

class FakeDaemon implements FakeLibvirtd, Daemon {
  readonly host: Host
  readonly faults = new Faults()
  readonly handlers = handlers
  readonly settings: DaemonSettings
  readonly maxRequests: number
  readonly keepAliveInterval: number
  readonly socket: string
  readonly folder: string
  readonly calls: ProcedureName[] = []
  readonly connections = new Set<ClientConnection>()
  tcpPort: number | undefined
  readonly #wantsTcp: boolean
  #servers: Server[] = []
  #lastCallback = 8

  constructor(host: Host, options: FakeLibvirtdOptions, folder: string) {
    this.host = host
    this.folder = folder
    this.socket = join(host.folder, 'libvirt-sock')
    this.maxRequests = options.maxRequests ?? 5
    this.keepAliveInterval = 5 * host.second
    this.#wantsTcp = options.tcp ?? false
    this.settings = {
      auth: options.auth ?? 'none',
      drivers: ['qemu:///system', 'qemu:///session'],
    }
    host.onEvent((event) => {
      for (const connection of this.connections) connection.tell(event)
    })
  }

  get uri(): string {
    return `qemu+unix:///system?socket=${this.socket}`
  }

  nextCallbackId(): number {
    return ++this.#lastCallback
  }

  note(procedure: ProcedureName): void {
    this.calls.push(procedure)
  }

  domain(name: string): Domain {
    return this.host.domainNamed(name)
  }

  addDomain(given: string | FakeDomain): Domain {
    const wanted = typeof given === 'string' ? { name: given } : given
    const domain = this.host.define(wanted.xml ?? this.#documentOf(wanted), wanted.agent)
    if (wanted.state !== 'shut off') start(domain, 0)
    if (wanted.state === 'paused') suspend(domain)
    if (wanted.writer !== undefined) domain.writer.start(wanted.writer)
    return domain
  }

  #documentOf({ name, uuid, type, disks = ['vda'] }: FakeDomain): string {
    const made = disks.map((disk) => {
      const { target, format } = typeof disk === 'string' ? { target: disk, format: 'qcow2' as const } : disk
      const path = join(this.folder, `${name}-${target}.${format}`)
      writeImage(path, blankImage(format, diskCapacity))
      return { target, format, path }
    })
    this.host.storage.pool('disks').refresh()
    return writeXml(domainDocument(name, uuid ?? this.host.newUuid(), made, type))
  }

  hold(work: Work): () => void {
    return this.host.works.hold(work)
  }

  drop(): void {
    for (const connection of this.connections) connection.drop()
  }

  async listen(): Promise<void> {
    rmSync(this.socket, { force: true })
    await this.#listenOn((server, ready) => server.listen(this.socket, ready))
    if (!this.#wantsTcp) return
    const server = await this.#listenOn((one, ready) => one.listen(this.tcpPort ?? 0, '127.0.0.1', ready))
    this.tcpPort = (server.address() as AddressInfo).port
  }

  async #listenOn(begin: (server: Server, ready: () => void) => void): Promise<Server> {
    const server = createServer((socket) => {
      const connection = new ClientConnection(this, socket)
      this.connections.add(connection)
      socket.on('close', () => this.connections.delete(connection))
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      begin(server, resolve)
    })
    this.#servers.push(server)
    return server
  }

  async stop(): Promise<void> {
    this.drop()
    const servers = this.#servers
    this.#servers = []
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.listen()
  }

  async close(): Promise<void> {
    this.host.close()
    await this.stop()
    rmSync(this.host.folder, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
