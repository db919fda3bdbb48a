// A domain of the fake daemon for the contract suite.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ContractDomain } from './contract-site.ts'
import { fakeLibvirtd } from './fake-libvirtd.ts'
import { deleteSnapshot } from './model/snapshot-history.ts'
import { findSnapshot } from './model/snapshots.ts'
import { paused, running } from './model/states.ts'

const targets = ['vda', 'vdb'] as const

export async function domainOnFake(): Promise<ContractDomain> {
  const libvirtd = await fakeLibvirtd({ domains: [{ name: 'contract', disks: targets }] })
  const domain = libvirtd.domain('contract')
  const backupDir = join(libvirtd.host.folder, 'backups')
  mkdirSync(backupDir)
  domain.writer.write()
  return {
    uri: libvirtd.uri,
    name: 'contract',
    backupDir,
    lease: 3000,
    isFrozen: async () => domain.isFrozen,
    power: async () => (domain.state === running ? 'running' : domain.state === paused ? 'suspended' : 'stopped'),
    change: async () => {
      if (!domain.writer.write()) throw new Error('the guest stands still')
    },
    state: async () => targets.map((target) => domain.content(target)).join('\n'),
    snapshotNames: async () => [...domain.snapshots.keys()],
    loseSnapshot: (name) => deleteSnapshot(domain, findSnapshot(domain, name), 0),
    backupFolders: async () => readdirSync(backupDir),
    loseBackup: async (folder) => rmSync(join(backupDir, folder), { recursive: true }),
    [Symbol.asyncDispose]: () => libvirtd.close(),
  }
}
