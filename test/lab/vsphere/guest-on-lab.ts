// A guest of a machine of the lab: a real file system that can be looked at from outside, whatever the plugin believes of it.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Ref } from '../../../src/plugins/vsphere/client/value.ts'
import { guests, startGuest, stopGuest } from './lab.ts'
import { nameOf, newMachine, removeMachine } from './machine-on-lab.ts'

const run = promisify(execFile)

/** Users of every guest; `web` is not root, and has no sudo. */
export const guestUsers = {
  root: { username: 'root', password: 'guest-passw0rd' },
  web: { username: 'web', password: 'web-passw0rd' },
} as const

export interface LabGuest extends AsyncDisposable {
  /** Of its first process. */
  readonly pid: number
  /** Runs a script as root; what it prints. It must not wait for what stands still. */
  sh(script: string): Promise<string>
  /** Whether a writer to /data is held up by the kernel. */
  isFrozen(): Promise<boolean>
}

/** Where no guest can be had, tests of them are left out, and say why. */
export function describeGuests(title: string, tests: (this: Mocha.Suite) => void): void {
  if (guests === 'yes') describe(title, tests)
  else describe.skip(`${title}: ${guests}`, () => {})
}

export async function labGuest(ref: Ref): Promise<LabGuest> {
  const { pid, problem } = await startGuest(ref.id)
  if (pid === undefined) throw new Error(problem ?? 'the lab has no guests')
  const sh = async (script: string): Promise<string> => {
    const inside = ['--target', String(pid), '--mount', '--pid', '--uts', '--ipc', '--root', '--wd=/']
    const { stdout } = await run('/usr/bin/nsenter', [...inside, '--', '/bin/sh', '-c', script], {
      env: { PATH: '/bin' },
      timeout: 60_000,
    })
    return stdout.trim()
  }
  return {
    pid,
    sh,
    isFrozen: async () => (await sh(look)) === 'frozen',
    [Symbol.asyncDispose]: async () => void (await stopGuest(ref.id)),
  }
}

export interface MachineWithGuest {
  ref: Ref
  name: string
  /** Another, when the machine was started anew. */
  guest: LabGuest
}

/** One for all tests of the suite that calls this; it is there when they run. */
export function machineWithGuest(): MachineWithGuest {
  const machine = {} as MachineWithGuest
  before(async () => {
    machine.ref = await newMachine()
    machine.name = await nameOf(machine.ref)
    machine.guest = await labGuest(machine.ref)
  })
  after(async () => {
    await machine.guest[Symbol.asyncDispose]()
    await removeMachine(machine.ref)
  })
  return machine
}

// The writer is gone by itself when the file system goes on. Kernels that do not tell where it waits show it asleep for long.
const look = `touch /data/look >/dev/null 2>&1 </dev/null & p=$!
asleep=0
while kill -0 $p 2>/dev/null; do
  read -r where <"/proc/$p/wchan" || :
  case $where in *rwsem*) echo frozen; exit ;; esac
  read -r line <"/proc/$p/stat" || break
  case \${line##*) } in D*) asleep=$((asleep + 1)) ;; Z*) break ;; *) asleep=0 ;; esac
  [ $asleep -gt 100 ] && { echo frozen; exit; }
  sleep 0.01
done
echo runs`
