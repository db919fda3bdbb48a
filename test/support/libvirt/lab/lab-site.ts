// A domain on the lab's libvirtd, for the stories.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { agent, state, virsh } from '../../../lab/libvirt/lab.ts'
import { newLabDomain, removeLabDomain } from './lab-domain.ts'
import type { Site } from '../truth/stage.ts'

const name = 'truth'
const run = promisify(execFile)

/** QEMU's own commands: libvirt has none for the speed of a backup. */
const monitor = (execute: string, given: object = {}): Promise<string> =>
  virsh('qemu-monitor-command', name, JSON.stringify({ execute, arguments: given }))

export async function labSite(): Promise<Site> {
  const { disks, folder } = await newLabDomain(name)
  return {
    socket: join(state, 'run/libvirt-sock'),
    domain: name,
    folder,
    disks,
    async hangAgent() {
      await agent(name, 'guest-exec', { path: '/bin/sh', arg: ['-c', 'sleep 1; kill -STOP $(pidof qemu-ga)'] })
      await new Promise((resolve) => setTimeout(resolve, 1500))
    },
    async slowDisk() {
      const file = join(disks, 'large.qcow2')
      await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', 'preallocation=falloc', file, '800M'])
      await virsh('attach-disk', name, file, 'vdc', '--subdriver', 'qcow2', '--live')
      return 'vdc'
    },
    async slowDown() {
      const { return: jobs } = JSON.parse(await monitor('query-block-jobs')) as {
        return: readonly { device: string }[]
      }
      if (jobs.length === 0) throw new Error('the backup is over before it could be slowed down')
      for (const { device } of jobs) await monitor('block-job-set-speed', { device, speed: 65536 })
    },
    [Symbol.asyncDispose]: () => removeLabDomain(name),
  }
}
