// A domain on the lab's libvirtd, for the stories: made like its first guest, and gone afterwards.
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { agent, state, virsh } from '../../../lab/libvirt/lab.ts'
import { writeFile } from 'node:fs/promises'
import type { Site } from './stage.ts'

const name = 'truth'
const metadataFlags = ['--managed-save', '--snapshots-metadata', '--checkpoints-metadata'] as const

export async function labSite(): Promise<Site> {
  const [disks, folder] = [join(state, name), join(state, `${name}-new`)]
  await leaveNothing(disks, folder)
  await mkdir(disks)
  await mkdir(folder)
  for (const target of ['vda', 'vdb'])
    await copyFile(join(state, 'blank.qcow2'), join(disks, `${name}-${target}.qcow2`))
  const document = join(disks, 'domain.xml')
  await writeFile(document, documentFrom(await virsh('dumpxml', '--inactive', 'lab1'), disks))
  await virsh('define', document)
  await virsh('start', name)
  await agentAnswers()
  return {
    socket: join(state, 'run/libvirt-sock'),
    domain: name,
    folder,
    disks,
    async hangAgent() {
      await agent(name, 'guest-exec', { path: '/bin/sh', arg: ['-c', 'sleep 1; kill -STOP $(pidof qemu-ga)'] })
      await new Promise((resolve) => setTimeout(resolve, 1500))
    },
    [Symbol.asyncDispose]: () => leaveNothing(disks, folder),
  }
}

function documentFrom(xml: string, disks: string): string {
  return xml
    .replace(/<name>.*<\/name>/, `<name>${name}</name>`)
    .replace(/\s*<uuid>.*<\/uuid>/, '')
    .replace(/\s*<interface[\s\S]*?<\/interface>/g, '')
    .replace(/\s*<serial[\s\S]*?<\/serial>/g, '')
    .replace(/\s*<console[\s\S]*?<\/console>/g, '')
    .replace(/\s*<source mode='bind'[^>]*\/>/g, '')
    .replace(/file='[^']*\/lab1\.qcow2'/, `file='${join(disks, `${name}-vda.qcow2`)}'`)
    .replace(/file='[^']*\/lab1-b\.qcow2'/, `file='${join(disks, `${name}-vdb.qcow2`)}'`)
}

async function agentAnswers(): Promise<void> {
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

async function leaveNothing(...folders: readonly string[]): Promise<void> {
  await virsh('destroy', name).catch(() => undefined)
  await virsh('undefine', name, ...metadataFlags).catch(() => undefined)
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
}
