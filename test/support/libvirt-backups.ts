// A domain of the fake daemon that is backed up, as an engine would do it: cut, settle, read back, put back, delete.
import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from '../../src/kernel/json.ts'
import type { Part, PartCheck, Receipt } from '../../src/plugins/contract/operation.ts'
import {
  backupApply,
  backupCut,
  backupDelete,
  backupSettle,
  backupVerify,
} from '../../src/plugins/libvirt/backup/backup.ts'
import { backupCheck } from '../../src/plugins/libvirt/backup/check.ts'
import type { BackupPart, BackupReceipt } from '../../src/plugins/libvirt/backup/part.ts'
import { domainNode, type DomainNode } from './libvirt-domain-node.ts'
import { fakeLibvirtd, type FakeDomain, type FakeLibvirtd } from './libvirt/fake-libvirtd.ts'
import { contentOf, textOf } from './libvirt/model/image.ts'

export interface BackupCall {
  /** Of the operation; default: one of the snapshot's name. */
  readonly key?: string
  readonly inDoubt?: boolean
  readonly signal?: AbortSignal
  readonly inputs?: JsonObject
}

export interface BackupSite extends AsyncDisposable {
  readonly libvirtd: FakeLibvirtd
  readonly node: DomainNode
  /** On the hypervisor. */
  readonly folder: string
  readonly domain: ReturnType<FakeLibvirtd['domain']>
  /** What is asked before anybody is frozen. */
  check(name: string): Promise<void>
  cut(name: string, call?: BackupCall): Promise<BackupReceipt>
  settle(name: string, receipt: Receipt, call?: BackupCall): Promise<BackupPart>
  backup(name: string, call?: BackupCall): Promise<BackupPart>
  verify(part: Part): Promise<PartCheck>
  apply(part: Part, call?: BackupCall): Promise<void>
  /** Without a part: takes the cut of that name back. */
  remove(name: string, part?: Receipt, call?: BackupCall): Promise<void>
  /** What an image holds, with all that it rests on. */
  saved(part: BackupReceipt, target?: string): string
  /** Every file and folder of backups. */
  left(): readonly string[]
}

export async function backupSite(domain: Partial<FakeDomain> = {}, properties: JsonObject = {}): Promise<BackupSite> {
  const libvirtd = await fakeLibvirtd({ domains: [{ name: 'vm', disks: ['vda', 'vdb'], ...domain }], second: 50 })
  const folder = await mkdtemp(join(tmpdir(), 'fermata-backups-'))
  const node = domainNode(libvirtd.uri, 'vm', { backup_dir: folder, ...properties })
  const inputsOf = (name: string, { inputs = {} }: BackupCall) => ({
    snapshot_name: name,
    snapshot_incremental: false,
    ...inputs,
  })
  const context = (operation: string, name: string, call: BackupCall, part?: Receipt) =>
    node.context(operation, {
      details: { key: call.key ?? `run/part/${name}`, inDoubt: call.inDoubt ?? false },
      ...(call.signal ? { signal: call.signal } : {}),
      ...(part ? { part } : {}),
    })
  const site: BackupSite = {
    libvirtd,
    node,
    folder,
    get domain() {
      return libvirtd.domain('vm')
    },
    check: (name) => backupCheck(context('snapshot.create', name, {}), inputsOf(name, {})),
    async cut(name, call = {}) {
      return (await backupCut(context('snapshot.create', name, call), inputsOf(name, call))) as BackupReceipt
    },
    async settle(name, receipt, call = {}) {
      const ctx = context('snapshot.create', name, call)
      return (await backupSettle(ctx, receipt, inputsOf(name, call))) as BackupPart
    },
    async backup(name, call = {}) {
      return site.settle(name, await site.cut(name, call), call)
    },
    verify: (part) => backupVerify(context('snapshot.create', 'verify', {}, part), part),
    apply: (part, call = {}) =>
      backupApply(
        context('snapshot.apply', 'restore', { key: 'run/restore', ...call }, part),
        inputsOf('restored', call),
      ),
    remove: (name, part, call = {}) => backupDelete(context('snapshot.delete', name, call, part), inputsOf(name, call)),
    saved: ({ place, name }, target = 'vda') =>
      textOf(contentOf(join('directory' in place ? place.directory : '', name, `${target}.qcow2`))),
    left: () => readdirSync(folder, { recursive: true }).map(String),
    async [Symbol.asyncDispose]() {
      await node[Symbol.asyncDispose]()
      await libvirtd.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return site
}
