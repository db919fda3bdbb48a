// The lab of real sshd hosts behind a gateway (test/lab/ssh), as tests use it: who is there, and a file system to freeze.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import type { JsonObject } from '../../src/kernel/json.ts'

const run = promisify(execFile)
export const labState = process.env['LAB_STATE'] ?? '/tmp/lab-ssh'

export const labFiles = {
  hostKey: `${labState}/keys/host`,
  jumpKey: `${labState}/keys/jump`,
  knownHosts: `${labState}/known_hosts`,
}
export const jumpAddress = '10.254.0.2'
export const labAddress = (number: number): string => `10.254.1.${number}`

/** False: the lab does not run here (`test/lab/ssh/up` starts it, as root). */
export const isLabUp = (): boolean => existsSync(`${labState}/ssh_config`) && existsSync('/run/netns/labjump')

/** Properties of a fermata.nodes.ssh.Host. */
export function labHost(number: number): JsonObject {
  const { hostKey, jumpKey, knownHosts } = labFiles
  const usual = { user: 'root', port: 22, known_hosts: [knownHosts] }
  return { ip: labAddress(number), key: hostKey, ...usual, jumps: [{ ip: jumpAddress, key: jumpKey, ...usual }] }
}

/** Runs a shell command on a host by OpenSSH, which is not what is tested. It is ended after some seconds. */
export async function onLabHost(number: number, command: string): Promise<string> {
  const { stdout } = await run('ssh', ['-F', `${labState}/ssh_config`, `h${number}`, command], { timeout: 15_000 })
  return stdout
}

/** Cuts the cable of a host (`cut`), or puts it back (`join`). */
export async function labCable(number: number, what: 'cut' | 'join'): Promise<void> {
  await run('ip', ['-n', `labh${number}`, 'link', 'set', 'eth0', what === 'cut' ? 'down' : 'up'])
}

export interface LabMount extends AsyncDisposable {
  readonly path: string
  isFrozen(): Promise<boolean>
}

let count = 0

/** A file system of its own on the host, on a loop device; nobody else is touched when it stands still. */
export async function labMount(number: number): Promise<LabMount> {
  const name = `fermata-test-${process.pid}-${(count += 1)}`
  const [image, path] = [`/tmp/${name}.img`, `/tmp/${name}`]
  await onLabHost(
    number,
    `truncate -s 16M ${image} && mkfs.ext4 -q ${image} && mkdir -p ${path} && mount -o loop ${image} ${path}`,
  )
  return {
    path,
    // A write waits as long as the file system stands still, and is gone by itself afterwards.
    isFrozen: async () => {
      const look = `setsid touch ${path}/look >/dev/null 2>&1 </dev/null & p=$!; n=0; while kill -0 $p 2>/dev/null; do n=$((n+1)); [ $n -gt 15 ] && { echo frozen; exit; }; sleep 0.05; done; echo runs`
      return (await onLabHost(number, look)).trim() === 'frozen'
    },
    async [Symbol.asyncDispose]() {
      await onLabHost(
        number,
        `fsfreeze -u ${path} 2>/dev/null; sleep 0.2; umount -l ${path}; rm -rf ${image} ${path}; true`,
      )
    },
  }
}
