import { expect } from 'chai'
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { labCable, labHost, labMount, onLabHost, type LabMount } from '../../support/ssh-lab.ts'
import { figure } from './lab.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { setTimeout as sleep } from 'node:timers/promises'

const hosts = [8, 9, 10, 11, 12]
const rounds = 4
const lease = 3000
const tolerance = 2000
const program = fileURLToPath(new URL('../../support/ssh-freezer.ts', import.meta.url))

interface Frozen {
  readonly folder: string
  readonly pid: number
}

interface Freezer {
  readonly child: ChildProcess
  readonly frozen: readonly Frozen[]
}

describe('hosts that stand still', function () {
  this.timeout(180_000)
  let mounts: readonly LabMount[] = []

  before(async () => {
    mounts = await Promise.all(hosts.map((number) => labMount(number)))
  })
  after(async () => {
    await Promise.all(hosts.map((number) => labCable(number, 'join')))
    await Promise.all(mounts.map((mount) => mount[Symbol.asyncDispose]()))
  })

  async function freezer(folder: string): Promise<Freezer> {
    const properties = hosts.map((number, index) => ({ ...labHost(number), mountpoints: [mounts[index]?.path ?? ''] }))
    const child = spawn(process.execPath, [program, JSON.stringify({ lease, hosts: properties })], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: folder },
    })
    for await (const line of createInterface({ input: child.stdout })) {
      return { child, frozen: JSON.parse(line) as Frozen[] }
    }
    throw new Error('the process that freezes ended before it had frozen anything')
  }

  /** How long each stood still after it was armed, by the host's own marker; and that it runs. */
  async function heldFor({ frozen }: Freezer): Promise<readonly number[]> {
    return Promise.all(
      hosts.map(async (number, index) => {
        const marker = await onLabHost(number, `cd ${frozen[index]?.folder} && cat fired outcome`)
        const [[, , begun = NaN] = [], [fired = NaN, end = NaN, code = NaN] = []] = marker
          .trim()
          .split('\n')
          .map((line) => line.split(' ').map(Number))
        expect(code, marker).to.equal(0)
        expect(end, marker).to.be.at.least(fired)
        expect(await mounts[index]?.isFrozen(), `h${number} stands still`).to.equal(false)
        await onLabHost(number, `rm -rf ${frozen[index]?.folder} && rm -rf "$(dirname ${frozen[index]?.folder})"`)
        return (end - begun) * 10
      }),
    )
  }

  async function rehearse(what: string, harm: (child: ChildProcess) => Promise<void>, repair: () => Promise<void>) {
    const held: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      await using folder = await temporaryFolder()
      const freezing = await freezer(folder.path)
      await harm(freezing.child)
      // What is waited for is the host's own clock: nothing on this side tells when it is over.
      await sleep(lease + tolerance)
      await repair()
      held.push(...(await heldFor(freezing)))
      freezing.child.kill('SIGKILL')
    }
    const late = held.filter((length) => length > lease + tolerance)
    const longest = Math.max(...held)
    figure(
      `${what}: ${held.length - late.length} of ${held.length} thawed within lease + 2 s; lease ${lease} ms, longest ${longest} ms`,
    )
    expect(held).to.have.lengthOf(rounds * hosts.length)
    expect(late).to.deep.equal([])
    expect(Math.min(...held)).to.be.at.least(lease)
  }

  it('go on within the lease and two seconds when fermata is killed', () =>
    rehearse(
      'fermata killed',
      async (child) => void child.kill('SIGKILL'),
      async () => {},
    ))

  it('go on within the lease and two seconds when fermata is stopped', () =>
    rehearse(
      'fermata stopped',
      async (child) => void child.kill('SIGSTOP'),
      async () => {},
    ))

  it('go on within the lease and two seconds when the network is cut', () =>
    rehearse(
      'network cut',
      async () => void (await Promise.all(hosts.map((number) => labCable(number, 'cut')))),
      async () => void (await Promise.all(hosts.map((number) => labCable(number, 'join')))),
    ))
})
