// Answers about domains: finding, reading, defining, starting and stopping them.
import { textAt } from '../../../../src/plugins/libvirt/xml/element.ts'
import { nothing, type Caller, type Handlers } from '../daemon/handlers.ts'
import { attachDevice, detachDevice } from '../model/devices.ts'
import type { Domain } from '../model/domain.ts'
import { paused, running } from '../model/states.ts'
import { parsed } from '../model/domain-xml.ts'
import { getMetadata, setMetadata } from '../model/metadata.ts'
import { destroy, powerOff, resume, save, start, suspend, wake } from '../model/power.ts'
import { setMemory, setProcessors } from '../model/size.ts'
import { askAgent } from '../model/agent-calls.ts'
import { invalidArgument, noDomain, operationInvalid, systemError } from '../model/vir-error.ts'

interface Named {
  readonly uuid: string
}

/** By uuid alone, as the daemon does. */
export const find = (caller: Caller, dom: Named): Domain => caller.host.domain(dom.uuid)

const listFlags = { active: 1, inactive: 2, persistent: 4, transient: 8, running: 16, paused: 32, shutOff: 64 } as const

function isListed(domain: Domain, flags: number): boolean {
  const groups: readonly (readonly [number, boolean])[][] = [
    [
      [listFlags.active, domain.isActive],
      [listFlags.inactive, !domain.isActive],
    ],
    [
      [listFlags.persistent, domain.isPersistent],
      [listFlags.transient, !domain.isPersistent],
    ],
    [
      [listFlags.running, domain.state === running],
      [listFlags.paused, domain.state === paused],
      [listFlags.shutOff, !domain.isActive],
    ],
  ]
  return groups.every((group) => {
    const asked = group.filter(([flag]) => (flags & flag) !== 0)
    return asked.length === 0 || asked.some(([, holds]) => holds)
  })
}

const reading: Handlers = {
  CONNECT_LIST_ALL_DOMAINS: ({ needResults, flags }, { host }) => {
    const found = [...host.domains.values()].filter((domain) => isListed(domain, flags))
    return { domains: needResults === 0 ? [] : found.map((domain) => domain.identity), ret: found.length }
  },
  DOMAIN_LOOKUP_BY_NAME: ({ name }, { host }) => ({ dom: host.domainNamed(name).identity }),
  DOMAIN_LOOKUP_BY_UUID: ({ uuid }, { host }) => ({ dom: host.domain(uuid).identity }),
  DOMAIN_LOOKUP_BY_ID: ({ id }, { host }) => {
    const found = [...host.domains.values()].find((domain) => domain.id === id)
    if (!found) throw noDomain(String(id))
    return { dom: found.identity }
  },
  DOMAIN_GET_STATE: ({ dom }, caller) => {
    const { state, reason } = find(caller, dom)
    return { state, reason }
  },
  DOMAIN_GET_XML_DESC: ({ dom, flags }, caller) => ({ xml: find(caller, dom).xml(flags) }),
  DOMAIN_IS_ACTIVE: ({ dom }, caller) => ({ active: Number(find(caller, dom).isActive) }),
  DOMAIN_IS_PERSISTENT: ({ dom }, caller) => ({ persistent: Number(find(caller, dom).isPersistent) }),
  DOMAIN_IS_UPDATED: () => ({ updated: 0 }),
  DOMAIN_GET_AUTOSTART: ({ dom }, caller) => ({ autostart: Number(find(caller, dom).autostart) }),
  DOMAIN_GET_CONTROL_INFO: ({ dom }, caller) => {
    const domain = find(caller, dom)
    domain.mustBeActive()
    return { state: domain.backup || caller.host.isJobRunning(domain) ? 1 : 0, details: 0, stateTime: 0n }
  },
  DOMAIN_GET_DISK_ERRORS: () => ({ errors: [], nerrors: 0 }),
  DOMAIN_GET_MESSAGES: () => ({ msgs: [] }),
  DOMAIN_GET_METADATA: ({ dom, type, uri, flags }, caller) => ({
    metadata: getMetadata(find(caller, dom), type, uri, flags),
  }),
  DOMAIN_HAS_MANAGED_SAVE_IMAGE: ({ dom }, caller) => ({ result: find(caller, dom).managedSave ? 1 : 0 }),
}

const defining: Handlers = {
  DOMAIN_DEFINE_XML: ({ xml }, { host }) => ({ dom: host.define(xml).identity }),
  DOMAIN_DEFINE_XML_FLAGS: ({ xml }, { host }) => ({ dom: host.define(xml).identity }),
  DOMAIN_UNDEFINE: ({ dom }, caller) => {
    caller.host.undefine(find(caller, dom), 0)
    return nothing
  },
  DOMAIN_UNDEFINE_FLAGS: ({ dom, flags }, caller) => {
    caller.host.undefine(find(caller, dom), flags)
    return nothing
  },
  DOMAIN_RENAME: ({ dom, newName }, caller) => {
    caller.host.rename(find(caller, dom), newName ?? '')
    return { retcode: 0 }
  },
  DOMAIN_SET_AUTOSTART: ({ dom, autostart }, caller) => {
    find(caller, dom).autostart = autostart !== 0
    return nothing
  },
  DOMAIN_SET_METADATA: async ({ dom, type, metadata, key, uri, flags }, caller) => {
    const domain = find(caller, dom)
    await domain.jobs.modify('remoteDispatchDomainSetMetadata', () =>
      setMetadata(domain, { type, metadata, key, uri }, flags),
    )
    return nothing
  },
  DOMAIN_SET_MEMORY_FLAGS: async ({ dom, memory, flags }, caller) => {
    const domain = find(caller, dom)
    await domain.jobs.modify('remoteDispatchDomainSetMemoryFlags', () => setMemory(domain, Number(memory), flags))
    return nothing
  },
  DOMAIN_SET_VCPUS_FLAGS: async ({ dom, nvcpus, flags }, caller) => {
    const domain = find(caller, dom)
    await domain.jobs.modify('remoteDispatchDomainSetVcpusFlags', () => setProcessors(domain, nvcpus, flags))
    return nothing
  },
  DOMAIN_ATTACH_DEVICE_FLAGS: async ({ dom, xml, flags }, caller) => {
    const domain = find(caller, dom)
    await domain.jobs.modify('remoteDispatchDomainAttachDeviceFlags', () => attachDevice(domain, xml, flags))
    return nothing
  },
  DOMAIN_DETACH_DEVICE_FLAGS: async ({ dom, xml, flags }, caller) => {
    const domain = find(caller, dom)
    await domain.jobs.modify('remoteDispatchDomainDetachDeviceFlags', () => detachDevice(domain, xml, flags))
    return nothing
  },
}

async function startDomain(caller: Caller, dom: Named, flags: number): Promise<Domain> {
  const domain = find(caller, dom)
  await domain.jobs.exclusive('remoteDispatchDomainCreate', () => start(domain, flags))
  return domain
}

const shutdownFlags = { acpi: 1, agent: 2 } as const

/** Returns at once; the guest ends when it is ready. */
async function shutDown(caller: Caller, dom: Named, flags: number): Promise<void> {
  const domain = find(caller, dom)
  domain.mustBeActive()
  if (flags === shutdownFlags.agent) {
    await askAgent(domain, 'remoteDispatchDomainShutdownFlags', 'guest-shutdown')
    return
  }
  if (domain.ignoresShutdown || domain.state !== running) return
  setImmediate(() => powerOff(domain))
}

/** @throws VirError 55 when it is off */
function destroyDomain(caller: Caller, dom: Named): void {
  const domain = find(caller, dom)
  caller.host.endWork(domain)
  destroy(domain)
}

const runningAndStopping: Handlers = {
  DOMAIN_SUSPEND: async ({ dom }, caller) => {
    const domain = find(caller, dom)
    await domain.jobs.modify('remoteDispatchDomainSuspend', () => suspend(domain))
    return nothing
  },
  DOMAIN_RESUME: async ({ dom }, caller) => {
    const domain = find(caller, dom)
    await domain.jobs.modify('remoteDispatchDomainResume', () => resume(domain))
    return nothing
  },
  DOMAIN_CREATE: async ({ dom }, caller) => {
    await startDomain(caller, dom, 0)
    return nothing
  },
  DOMAIN_CREATE_WITH_FLAGS: async ({ dom, flags }, caller) => ({
    dom: (await startDomain(caller, dom, flags)).identity,
  }),
  DOMAIN_CREATE_XML: ({ xml, flags }, { host }) => {
    const name = textAt(parsed(xml, 'domain'), 'name')
    const existing = [...host.domains.values()].find((domain) => domain.name === name)
    if (existing?.isActive) throw operationInvalid(`domain '${existing.name}' is already active`)
    const domain = host.define(xml)
    domain.isPersistent = existing?.isPersistent ?? false
    start(domain, flags)
    return { dom: domain.identity }
  },
  DOMAIN_SHUTDOWN: async ({ dom }, caller) => {
    await shutDown(caller, dom, 0)
    return nothing
  },
  DOMAIN_SHUTDOWN_FLAGS: async ({ dom, flags }, caller) => {
    await shutDown(caller, dom, flags)
    return nothing
  },
  DOMAIN_REBOOT: async ({ dom, flags }, caller) => {
    const domain = find(caller, dom)
    domain.mustBeActive()
    if (flags === shutdownFlags.agent) await askAgent(domain, 'remoteDispatchDomainReboot', 'guest-ping')
    domain.reboot()
    return nothing
  },
  DOMAIN_RESET: ({ dom }, caller) => {
    const domain = find(caller, dom)
    domain.mustBeActive()
    domain.reboot()
    return nothing
  },
  DOMAIN_DESTROY: ({ dom }, caller) => {
    destroyDomain(caller, dom)
    return nothing
  },
  DOMAIN_DESTROY_FLAGS: ({ dom }, caller) => {
    destroyDomain(caller, dom)
    return nothing
  },
}

const saving: Handlers = {
  DOMAIN_MANAGED_SAVE: async ({ dom }, caller) => {
    const domain = find(caller, dom)
    domain.mustBeActive()
    if (!domain.isPersistent) throw operationInvalid('cannot do managed save for transient domain')
    await domain.jobs.exclusive('remoteDispatchDomainManagedSave', async () => {
      domain.managedSave = await save(domain)
    })
    return nothing
  },
  DOMAIN_MANAGED_SAVE_REMOVE: ({ dom }, caller) => {
    const domain = find(caller, dom)
    if (!domain.managedSave) throw systemError('Failed to remove managed save file: No such file or directory')
    domain.managedSave = undefined
    return nothing
  },
  DOMAIN_SAVE_FLAGS: async ({ dom, to }, caller) => {
    const domain = find(caller, dom)
    await domain.jobs.exclusive('remoteDispatchDomainSaveFlags', async () => {
      caller.host.mustHaveRoom(to)
      caller.host.keepSaved(to, await save(domain))
    })
    return nothing
  },
  DOMAIN_RESTORE_FLAGS: ({ from, flags }, { host }) => {
    const saved = host.savedAt(from)
    const domain = host.domainNamed(textAt(saved.document, 'name') ?? '')
    if (domain.isActive) throw operationInvalid(`domain '${domain.name}' is already active`)
    if ((flags & 6) === 6) throw invalidArgument('flags running and paused are exclusive')
    wake(domain, saved, (flags & 4) !== 0 || saved.wasPaused ? paused : running)
    return nothing
  },
}

export const domainHandlers: Handlers = { ...reading, ...defining, ...runningAndStopping, ...saving }
