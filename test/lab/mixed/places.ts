// What the members of `blueprints/mixed` hold, seen from outside: records here and in the guest, notes of the machine; how each is
// damaged, and what copies of it there are.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { refOf } from '../../../src/plugins/vsphere/machine/machine.ts'
import { inGuest, poolFolder, virsh } from '../libvirt/lab.ts'
import { machines } from '../vsphere/lab.ts'
import { change, copiesOf, removeCopies, removeMachine, stateOf } from '../vsphere/machine-on-lab.ts'

export interface Place {
  /** As somebody who did not mean it. */
  damage(): Promise<void>
  /** Copies, and what they rest on. */
  copies(): Promise<readonly string[]>
}

const guest = 'lab1'

const namesOf = async (...command: readonly string[]): Promise<readonly string[]> =>
  (await virsh(...command, guest, '--name')).split('\n').filter((name) => name.trim() !== '')
const disks = (): readonly string[] => readdirSync(poolFolder).filter((name) => name.startsWith(guest))
/** As snapshots of the blueprint's node are called, and the layers that they make. */
const isOurs = (name: string): boolean => /(^|\.)records_vm_\w{6}-/.test(name)

/** What a test that failed has left, once the guest has the disks that it had before. */
export async function forgetSnapshots(): Promise<void> {
  for (const name of (await namesOf('snapshot-list')).filter(isOurs))
    await virsh('snapshot-delete', guest, name, '--metadata')
  for (const name of disks().filter(isOurs)) rmSync(join(poolFolder, name))
}

/** `backups`: where full backups of it go. */
export function guestPlace(backups: string): Place & { kept(): Promise<string> } {
  return {
    damage: async () => void (await inGuest(guest, 'echo damaged > /data/records && sync')),
    kept: () => inGuest(guest, 'cat /data/records'),
    copies: async () => [
      ...(await namesOf('snapshot-list')).filter(isOurs),
      ...(await namesOf('checkpoint-list')),
      ...readdirSync(backups),
      ...disks().filter(isOurs),
    ],
  }
}

/** Another machine of that name may have come in its place. */
export function machinePlace(name: string): Place & { look(): Promise<string>; remove(): Promise<void> } {
  const ref = async () => {
    const found = (await machines()).find((one) => one.name === name)
    if (found === undefined) throw new Error(`the vCenter has no machine ${name}`)
    return refOf(found.ref)
  }
  return {
    damage: async () => change(await ref()),
    look: async () => stateOf(await ref()),
    remove: async () => {
      await removeCopies(await ref())
      await removeMachine(await ref())
    },
    copies: async () => copiesOf(await ref()),
  }
}

/** `folder`: of the plugin `local` for the deployment. */
export function directoryPlace(folder: string): Place & { sent(): string; holds(name: string, text: string): boolean } {
  const file = join(folder, 'data', 'sent.log')
  const snapshots = join(folder, 'snapshots', 'data')
  return {
    damage: async () => writeFileSync(file, 'damaged\n'),
    sent: () => (existsSync(file) ? readFileSync(file, 'utf8') : ''),
    copies: async () => (existsSync(snapshots) ? readdirSync(snapshots, { recursive: true, encoding: 'utf8' }) : []),
    /** Whether the backup of that name holds these records and no others. */
    holds(name, text) {
      const manifest = readFileSync(join(snapshots, 'snapshots', name, 'manifest.json'), 'utf8')
      const { entries } = JSON.parse(manifest) as { entries: readonly { path: string; digest?: string }[] }
      const digest = entries.find(({ path }) => path === 'sent.log')?.digest
      return digest === `sha256:${createHash('sha256').update(text).digest('hex')}`
    },
  }
}
