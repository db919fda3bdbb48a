// A domain of the lab for the contract suite. It is used again for the next case when nothing is left of the last one.
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inGuest, labUri, virsh } from '../../../lab/libvirt/lab.ts'
import type { ContractDomain } from '../contract-site.ts'
import { agentAnswers, newLabDomain, removeLabDomain } from './lab-domain.ts'

const name = 'contract'
const marker = '/data/contract'
let disks: string | undefined

const powers = { running: 'running', paused: 'suspended', 'shut off': 'stopped' } as const

/** Milliseconds, one after the other. In each a guest that runs makes more writes than a frozen one may still have had under way. */
const looks = [500, 300]
const stray = 3

/** Writes that the disk has seen. */
async function writes(): Promise<number> {
  const text = await virsh('domblkstat', name, 'vda')
  const count = Number(/wr_req (\d+)/.exec(text)?.[1])
  if (Number.isNaN(count)) throw new Error(`no count of writes in '${text}'`)
  return count
}

async function isClean(): Promise<boolean> {
  const [power, sources, snapshots, checkpoints] = await Promise.all([
    virsh('domstate', name),
    virsh('domblklist', name),
    virsh('snapshot-list', name, '--name'),
    virsh('checkpoint-list', name, '--name'),
  ]).catch(() => ['gone', '', '', ''])
  const isOnBase = disks !== undefined && sources?.includes(`${disks}/${name}-vda.qcow2`)
  return power?.trim() === 'running' && isOnBase === true && `${snapshots}${checkpoints}`.trim() === ''
}

/** What virsh lists, one a line, with spaces after it. */
async function namesOf(...args: readonly string[]): Promise<readonly string[]> {
  const lines = (await virsh(...args, '--name')).split('\n')
  return lines.map((line) => line.trim()).filter((line) => line !== '')
}

const snapshotNames = (): Promise<readonly string[]> => namesOf('snapshot-list', name)

/** Takes back what a case made, as far as that goes; the rest makes the next one begin anew. */
async function tidy(backupDir: string): Promise<void> {
  await virsh('domfsthaw', name).catch(() => undefined)
  for (const snapshot of await snapshotNames().catch(() => [])) {
    await virsh('snapshot-delete', name, snapshot).catch(() => undefined)
  }
  for (const checkpoint of await namesOf('checkpoint-list', name).catch(() => [])) {
    await virsh('checkpoint-delete', name, checkpoint).catch(() => undefined)
  }
  await virsh('domjobabort', name).catch(() => undefined)
  await leavePools(backupDir)
  await rm(backupDir, { recursive: true, force: true })
}

/** Pools that a cut made for its folder and that nobody settled. */
async function leavePools(folder: string): Promise<void> {
  for (const pool of await namesOf('pool-list', '--all')) {
    if (!(await virsh('pool-dumpxml', pool)).includes(`<path>${folder}`)) continue
    await virsh('pool-destroy', pool).catch(() => undefined)
    await virsh('pool-undefine', pool).catch(() => undefined)
  }
}

export async function domainOnLab(): Promise<ContractDomain> {
  if (!(await isClean())) disks = (await newLabDomain(name)).disks
  await agentAnswers(name)
  await inGuest(name, `echo 0.05 > /run/interval; echo begin > ${marker}; sync`)
  const backupDir = `${disks}-new/backups`
  await mkdir(backupDir, { recursive: true })
  return {
    uri: labUri(),
    name,
    backupDir,
    lease: 4000,
    async isFrozen() {
      // What a busy machine had under way comes once; a guest that runs goes on writing.
      for (const look of looks) {
        const before = await writes()
        await new Promise((resolve) => setTimeout(resolve, look))
        if ((await writes()) <= before + stray) return true
      }
      return false
    },
    power: async () => powers[(await virsh('domstate', name)).trim() as keyof typeof powers],
    async change() {
      await agentAnswers(name)
      await inGuest(name, `echo changed >> ${marker}; sync`)
    },
    async state() {
      await agentAnswers(name)
      return inGuest(name, `cat ${marker}`)
    },
    snapshotNames,
    loseSnapshot: async (snapshot) => void (await virsh('snapshot-delete', name, snapshot)),
    backupFolders: () => readdir(backupDir),
    loseBackup: (folder) => rm(join(backupDir, folder), { recursive: true }),
    [Symbol.asyncDispose]: () => tidy(backupDir),
  }
}

/** After the last case. */
export async function removeDomainOnLab(): Promise<void> {
  disks = undefined
  await removeLabDomain(name)
}
