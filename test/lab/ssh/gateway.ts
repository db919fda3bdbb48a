// A second sshd on the lab's jump host, so that a gateway can go down without the others' hosts.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Target } from '../../../src/plugins/ssh/client/connection.ts'
import { jumpTarget, state } from './lab.ts'

export interface OwnGateway extends Disposable {
  readonly target: Target
  /** All of its processes end at once. */
  kill(): void
}

/** `settings` as in sshd_config: `MaxStartups=10:30:100`. */
export async function ownGateway(port: number, settings: readonly string[] = []): Promise<OwnGateway> {
  const options = ['PidFile=none', ...settings].flatMap((setting) => ['-o', setting])
  const sshd = ['/usr/sbin/sshd', '-D', '-f', join(state, 'conf/jump'), '-p', String(port), ...options]
  const child = spawn('ip', ['netns', 'exec', 'labjump', ...sshd], { stdio: 'ignore' })
  const pinned = [readFileSync(join(state, 'keys/hk_jump.pub'), 'utf8')]
  const target = jumpTarget({ port, hostKeys: { knownHosts: [], pinned, trust: 'known' } })
  while (!(await answers(target))) await new Promise((resolve) => setTimeout(resolve, 50))
  const kill = (): void => {
    for (const pid of familyOf(child.pid ?? 0)) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended before the one we came to first.
      }
    }
  }
  return {
    target,
    kill,
    [Symbol.dispose]: kill,
  }
}

function answers({ host, port }: Target): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

function familyOf(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
      parents.set(Number(name), Number(parent))
    } catch {
      // It ended while we looked.
    }
  }
  const family = parents.has(pid) ? [pid] : []
  for (const member of family) {
    for (const [child, parent] of parents) if (parent === member) family.push(child)
  }
  return family
}
