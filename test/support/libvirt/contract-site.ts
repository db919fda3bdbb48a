// Domains for the contract suite: what it needs of one, whoever plays the hypervisor, and the node that the plugin sees.
import type { JsonObject } from '../../../src/kernel/json.ts'
import type { PowerState } from '../../../src/plugins/contract/operation.ts'
import plugin from '../../../src/plugins/libvirt/plugin.ts'
import type { ContractNode, ContractSubject } from '../../../src/testing/contract/subject.ts'

/** A running domain with an agent that answers, seen from outside. */
export interface ContractDomain extends AsyncDisposable {
  readonly uri: string
  readonly name: string
  /** On the hypervisor, for backups; empty. */
  readonly backupDir: string
  /** How long deadmen are given, in ms. */
  readonly lease: number
  /** What the guest's kernel does, whatever its agent believes. */
  isFrozen(): Promise<boolean>
  power(): Promise<PowerState>
  change(): Promise<void>
  /** What the guest has on its disks. */
  state(): Promise<string>
  snapshotNames(): Promise<readonly string[]>
  /** Behind the plugin's back, with its data. */
  loseSnapshot(name: string): Promise<void>
  backupFolders(): Promise<readonly string[]>
  loseBackup(folder: string): Promise<void>
}

export type NewDomain = () => Promise<ContractDomain>

const taskOf = (name: string): string => `cloudify_libvirt.domain_tasks.${name}`

function nodeOf(domain: ContractDomain, properties: JsonObject, operations: Readonly<Record<string, string>>) {
  return {
    operations: Object.fromEntries(
      Object.entries(operations).map(([name, task]) => [`cloudify.interfaces.${name}`, taskOf(task)]),
    ),
    type: 'cloudify.libvirt.domain',
    properties: {
      libvirt_auth: domain.uri,
      use_external_resource: true,
      resource_id: domain.name,
      backup_dir: domain.backupDir,
      ...properties,
    },
    lease: domain.lease,
    isFrozen: () => domain.isFrozen(),
    power: () => domain.power(),
    async [Symbol.asyncDispose]() {
      await plugin.close?.()
      await domain[Symbol.asyncDispose]()
    },
  } satisfies ContractNode
}

const freezing = {
  'freeze.fs_prepare': 'fs_prepare',
  'freeze.fs_finalize': 'fs_finalize',
  'freeze.suspend': 'suspend',
  'freeze.resume': 'resume',
  'statistics.perfomance': 'perfomance',
} as const

const saving = {
  'snapshot.create': 'snapshot_create',
  'snapshot.apply': 'snapshot_apply',
  'snapshot.delete': 'snapshot_delete',
} as const

/** Freeze, deadman, power and figures. */
export const freezingSubject = (newDomain: NewDomain, deadman: 'guest' | 'host'): ContractSubject => ({
  plugin,
  node: async () => nodeOf(await newDomain(), { deadman }, freezing),
})

/** Snapshots inside the disks, or as layers above them. */
export const snapshotSubject = (newDomain: NewDomain, mode: 'internal' | 'external'): ContractSubject => ({
  plugin,
  async node() {
    const domain = await newDomain()
    return {
      ...nodeOf(domain, { snapshot_mode: mode }, saving),
      change: () => domain.change(),
      state: () => domain.state(),
      snapshots: () => domain.snapshotNames(),
      loseSnapshot: async (providerId: string) => {
        const names = await domain.snapshotNames()
        const name = names.find((one) => providerId.endsWith(one))
        if (name === undefined) throw new Error(`'${providerId}' names none of ${names.join(', ')}`)
        await domain.loseSnapshot(name)
      },
    }
  },
})

/** Backups, whole or in chains. */
export const backupSubject = (newDomain: NewDomain, chain: 'full' | 'incremental'): ContractSubject => ({
  plugin,
  async node() {
    const domain = await newDomain()
    return {
      ...nodeOf(domain, { backup_chain: chain }, saving),
      inputs: { snapshot_incremental: false },
      change: () => domain.change(),
      state: () => domain.state(),
      snapshots: () => domain.backupFolders(),
      loseSnapshot: async (providerId: string) => {
        const folders = await domain.backupFolders()
        const folder = folders.find((one) => providerId.endsWith(one))
        if (folder === undefined) throw new Error(`'${providerId}' names none of ${folders.join(', ')}`)
        await domain.loseBackup(folder)
      },
    }
  },
})
