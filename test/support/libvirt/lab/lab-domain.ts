// A domain of a test's own on the lab's libvirtd, made like its first guest: with two blank disks, without network and
// console.
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { agent, state, virsh } from '../../../lab/libvirt/lab.ts'

export interface LabDomain {
  readonly name: string
  /** Where its disks lie. */
  readonly disks: string
  /** An empty folder beside. */
  readonly folder: string
}

const metadataFlags = ['--managed-save', '--snapshots-metadata', '--checkpoints-metadata'] as const

const placesOf = (name: string): LabDomain => ({
  name,
  disks: join(state, name),
  folder: join(state, `${name}-new`),
})

/** Resolves when its agent answers. What was left of an earlier one is gone then. */
export async function newLabDomain(name: string): Promise<LabDomain> {
  const domain = placesOf(name)
  await removeLabDomain(name)
  await mkdir(domain.disks)
  await mkdir(domain.folder)
  for (const target of ['vda', 'vdb']) await copyFile(join(state, 'blank.qcow2'), diskOf(domain, target))
  const document = join(domain.disks, 'domain.xml')
  await writeFile(document, documentFrom(await virsh('dumpxml', '--inactive', 'lab1'), domain))
  await virsh('define', document)
  await virsh('start', name)
  await agentAnswers(name)
  return domain
}

const diskOf = ({ name, disks }: LabDomain, target: string): string => join(disks, `${name}-${target}.qcow2`)

function documentFrom(xml: string, domain: LabDomain): string {
  return xml
    .replace(/<name>.*<\/name>/, `<name>${domain.name}</name>`)
    .replace(/\s*<uuid>.*<\/uuid>/, '')
    .replace(/\s*<interface[\s\S]*?<\/interface>/g, '')
    .replace(/\s*<serial[\s\S]*?<\/serial>/g, '')
    .replace(/\s*<console[\s\S]*?<\/console>/g, '')
    .replace(/\s*<source mode='bind'[^>]*\/>/g, '')
    .replace(/file='[^']*\/lab1\.qcow2'/, `file='${diskOf(domain, 'vda')}'`)
    .replace(/file='[^']*\/lab1-b\.qcow2'/, `file='${diskOf(domain, 'vdb')}'`)
}

export async function agentAnswers(name: string): Promise<void> {
  const end = Date.now() + 60_000
  while (Date.now() < end) {
    const isThere = await agent(name, 'guest-ping').then(
      () => true,
      () => false,
    )
    if (isThere) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`the agent of '${name}' does not answer`)
}

export async function removeLabDomain(name: string): Promise<void> {
  const { disks, folder } = placesOf(name)
  await virsh('destroy', name).catch(() => undefined)
  await virsh('undefine', name, ...metadataFlags).catch(() => undefined)
  for (const path of [disks, folder]) await rm(path, { recursive: true, force: true })
}
