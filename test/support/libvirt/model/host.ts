// Everything one fake daemon knows: domains, networks, pools, saved images, and the time its works take.
import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { element, textAt, type XmlElement } from '../../../../src/plugins/libvirt/xml/element.ts'
import { Domain, type AgentState } from './domain.ts'
import { normalised, parsed } from './domain-xml.ts'
import type { HostEvent } from './events.ts'
import { parametersOf } from './job-stats.ts'
import { Networks } from './networks.ts'
import { powerOff, type SavedMemory } from './power.ts'
import { Storage } from './storage.ts'
import { noDomain, operationFailed, operationInvalid, systemError, VirError } from './vir-error.ts'
import { Works, type Work } from './works.ts'

const undefineFlags = { managedSave: 1, snapshots: 2, checkpoints: 16 } as const

export class Host {
  readonly folder: string
  /** ms that the daemon takes for a second: patience with agents and locks. */
  readonly second: number
  readonly hostname = 'fake-host'
  readonly domains = new Map<string, Domain>()
  readonly networks = new Networks(this)
  readonly storage = new Storage(this)
  readonly works = new Works()
  /** Folders without room: writing there fails as on a full disk. */
  readonly fullFolders = new Set<string>()
  readonly parametersOf = parametersOf
  readonly #listeners = new Set<(event: HostEvent) => void>()
  readonly #running = new Map<Domain, AbortController>()
  readonly #saved = new Map<string, SavedMemory>()
  #lastId = 0
  #lastSerial = 0

  constructor(folder: string, second: number) {
    this.folder = folder
    this.second = second
  }

  onEvent(listener: (event: HostEvent) => void): void {
    this.#listeners.add(listener)
  }

  tell(event: HostEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  nextId(): number {
    return ++this.#lastId
  }

  nextSerial(): number {
    return ++this.#lastSerial
  }

  newUuid(): string {
    return randomUUID()
  }

  newMac(): string {
    return `52:54:00:${[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`
  }

  /** Waits for as long as such a work takes here. @throws VirError 78 when it is aborted */
  async takes(work: Work, domain: Domain, signal?: AbortSignal): Promise<void> {
    if (signal) return this.works.take(work, signal)
    const controller = new AbortController()
    this.#running.set(domain, controller)
    try {
      return await this.works.take(work, controller.signal)
    } finally {
      this.#running.delete(domain)
    }
  }

  /** @throws VirError 55 without a job */
  abortJob(domain: Domain): void {
    const running = this.#running.get(domain)
    if (!domain.backup && !running) throw operationInvalid('no job is active on the domain')
    domain.backup?.cancel()
    running?.abort()
  }

  /** QEMU is killed: what waits in a work of this domain ends with it. */
  endWork(domain: Domain): void {
    this.#running.get(domain)?.abort()
  }

  keepSaved(path: string, saved: SavedMemory): void {
    writeFileSync(path, 'LibvirtQemudSave')
    this.#saved.set(path, saved)
  }

  /** @throws VirError 38 when there is no such file */
  savedAt(path: string): SavedMemory {
    const saved = existsSync(path) ? this.#saved.get(path) : undefined
    if (!saved) throw systemError(`Failed to open file '${path}': No such file or directory`)
    return saved
  }

  isJobRunning(domain: Domain): boolean {
    return this.#running.has(domain)
  }

  /** @throws VirError 38 when the folder of the file is full */
  mustHaveRoom(file: string): void {
    if (this.fullFolders.has(dirname(file))) throw systemError(`cannot write to '${file}': No space left on device`)
  }

  /** @throws VirError 42 */
  domain(uuid: string): Domain {
    const found = this.domains.get(uuid)
    if (!found) throw noDomain(uuid)
    return found
  }

  domainNamed(name: string): Domain {
    const found = [...this.domains.values()].find((domain) => domain.name === name)
    if (!found) throw noDomain('', name)
    return found
  }

  /** @throws VirError 9 when the name, or the uuid, is another's */
  define(xml: string, agent?: AgentState): Domain {
    const given = parsed(xml, 'domain')
    const name = textAt(given, 'name')
    if (!name) throw new VirError(21, 'missing name information')
    const uuid = textAt(given, 'uuid')
    const namesake = [...this.domains.values()].find((domain) => domain.name === name)
    // A document without a uuid is one of a new domain.
    if (namesake && uuid !== namesake.uuid) {
      throw operationFailed(`domain '${name}' already exists with uuid ${namesake.uuid}`)
    }
    const before = uuid === undefined ? undefined : this.domains.get(uuid)
    if (before && before.name !== name) {
      throw operationFailed(`domain '${before.name}' is already defined with uuid ${before.uuid}`)
    }
    const config = normalised(given, uuid ?? this.newUuid(), () => this.newMac())
    if (before) {
      before.config = config
      before.isPersistent = true
      before.tellLifecycle('definedUpdated')
      return before
    }
    const domain = this.#add(config, agent)
    domain.tellLifecycle('definedAdded')
    return domain
  }

  #add(config: XmlElement, agent?: AgentState): Domain {
    const domain = new Domain(this, config, agent)
    domain.guest.onPowerOff = () => powerOff(domain)
    this.domains.set(domain.uuid, domain)
    return domain
  }

  /** @throws VirError 55 when something hangs on it and no flag allows for that */
  undefine(domain: Domain, flags: number): void {
    if (!domain.isPersistent) throw operationInvalid('cannot undefine transient domain')
    if (domain.managedSave && (flags & undefineFlags.managedSave) === 0) {
      throw operationInvalid('Refusing to undefine while domain managed save image exists')
    }
    if (!domain.isActive) this.#mustBeFree(domain, flags)
    domain.managedSave = undefined
    domain.isPersistent = false
    domain.tellLifecycle('undefinedRemoved')
    if (!domain.isActive) this.forget(domain)
  }

  #mustBeFree(domain: Domain, flags: number): void {
    const things = [
      ['snapshots', domain.snapshots.size, undefineFlags.snapshots],
      ['checkpoints', domain.checkpoints.size, undefineFlags.checkpoints],
    ] as const
    for (const [name, count, flag] of things) {
      if (count > 0 && (flags & flag) === 0) {
        throw operationInvalid(`cannot delete inactive domain with ${count} ${name}`)
      }
    }
  }

  forget(domain: Domain): void {
    this.domains.delete(domain.uuid)
    domain.end()
    rmSync(domain.guest.folder, { recursive: true, force: true })
  }

  rename(domain: Domain, name: string): void {
    if (domain.isActive) throw operationInvalid('cannot rename active domain')
    if ([...this.domains.values()].some((one) => one !== domain && one.name === name)) {
      throw operationFailed(`domain with name '${name}' already exists`)
    }
    domain.tellLifecycle('undefinedRenamed')
    domain.name = name
    domain.config = {
      ...domain.config,
      children: domain.config.children.map((child) =>
        typeof child !== 'string' && child.name === 'name' ? element('name', {}, name) : child,
      ),
    }
    domain.tellLifecycle('definedRenamed')
  }

  /** Ends everything that goes on by itself. */
  close(): void {
    for (const domain of this.domains.values()) domain.end()
  }
}
