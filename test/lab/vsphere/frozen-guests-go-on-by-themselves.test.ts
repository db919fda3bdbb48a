// Guests that were frozen through the tools of a vCenter go on when the lease ends, whatever becomes of who froze them.
import { expect } from 'chai'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Ref } from '../../../src/plugins/vsphere/client/value.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { describeGuests, guestUsers, labGuest, type LabGuest } from './guest-on-lab.ts'
import { calm, connectionConfig, figure, machines, runTools } from './lab.ts'
import { newMachine, removeMachine } from './machine-on-lab.ts'

const count = 5
const lease = 3000
const tolerance = 2000
const program = fileURLToPath(new URL('../../support/vsphere-freezer.ts', import.meta.url))

interface Frozen {
  readonly folder: string
}

describeGuests('lab: frozen guests of a vCenter', function () {
  this.timeout(120_000)
  let refs: readonly Ref[] = []
  let guests: readonly LabGuest[] = []

  before(async () => {
    for (let made = 0; made < count; made += 1) refs = [...refs, await newMachine()]
    guests = await Promise.all(refs.map((ref) => labGuest(ref)))
  })
  after(async () => {
    await Promise.all(guests.map((guest) => guest[Symbol.asyncDispose]()))
    for (const ref of refs) await removeMachine(ref)
  })
  afterEach(calm)

  async function freezer(
    folder: string,
  ): Promise<{ readonly child: ChildProcess; readonly frozen: readonly Frozen[] }> {
    const properties = { connection_config: connectionConfig, guest_credentials: guestUsers.root }
    const given = { lease, properties, machines: refs.map(({ id }) => id) }
    const child = spawn(process.execPath, [program, JSON.stringify(given)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: folder },
    })
    for await (const line of createInterface({ input: child.stdout })) {
      return { child, frozen: JSON.parse(line) as Frozen[] }
    }
    throw new Error('the process that freezes ended before it had frozen anything')
  }

  /** By the guest's own clock, from arming to the end of the thaw. */
  async function heldFor(guest: LabGuest, folder: string): Promise<number> {
    // The marker comes when the deadman has thawed; nobody but the guest knows when that is.
    const marker = await guest.sh(`cd ${folder} && while [ ! -e outcome ]; do sleep 0.05; done; cat fired outcome`)
    const [[, , begun = NaN] = [], [, end = NaN, code = NaN] = []] = marker
      .split('\n')
      .map((line) => line.split(' ').map(Number))
    expect(code, marker).to.equal(0)
    expect(await guest.isFrozen()).to.equal(false)
    await guest.sh(`rm -rf ${folder}`)
    return (end - begun) * 10
  }

  async function rehearse(what: string, rounds: number, harm: (child: ChildProcess) => Promise<void>): Promise<void> {
    const held: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      await using folder = await temporaryFolder()
      const { child, frozen } = await freezer(folder.path)
      const ended = once(child, 'close')
      await harm(child)
      held.push(...(await Promise.all(guests.map((guest, index) => heldFor(guest, frozen[index]?.folder ?? '')))))
      child.kill('SIGKILL')
      await ended
    }
    const late = held.filter((length) => length > lease + tolerance)
    figure(
      `vSphere guests, ${what}: ${held.length - late.length} of ${held.length} thawed within lease + 2 s; lease ${lease} ms, longest ${Math.max(...held)} ms`,
    )
    expect(late).to.deep.equal([])
    expect(held).to.have.lengthOf(rounds * count)
    expect(Math.min(...held)).to.be.at.least(lease)
  }

  it('go on within the lease and two seconds when fermata is killed', () =>
    rehearse('fermata killed', 2, async (child) => {
      child.kill('SIGKILL')
    }))

  it('go on when the tools in them are gone meanwhile', () =>
    rehearse('tools gone', 1, async () => {
      const names = (await machines()).filter(({ ref }) => refs.some(({ id }) => id === ref)).map(({ name }) => name)
      await Promise.all(names.map((name) => runTools(name, false)))
    }))
})
