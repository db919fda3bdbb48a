import { expect } from 'chai'
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '../../../src/kernel/json.ts'
import { asFault } from '../../../src/kernel/fault.ts'
import { onHypervisor } from '../../../src/plugins/libvirt/freeze/hypervisor-deadman.ts'
import { sshServer } from '../../support/ssh-server.ts'
import { deadman, domainNode, operations } from '../../support/libvirt-domain-node.ts'
import { agent, figure, inGuest, labUri, longestGap, writeEvery, written, writesOn } from './lab.ts'

const guest = 'lab1'
const lease = 3000
const tolerance = 2000
const program = fileURLToPath(new URL('../../support/libvirt-freezer.ts', import.meta.url))

/**
 * A second after the freeze began, which it has answered by then, the agent stands still, too, and goes on long after the
 * lease. The file comes before the file systems are frozen.
 */
const hangLater =
  "setsid sh -c 'until [ -e /run/qga.state.isfrozen ]; do sleep 0.1; done; sleep 1; kill -STOP $(pidof qemu-ga); sleep 8; kill -CONT $(pidof qemu-ga)' </dev/null >/dev/null 2>&1 &"

interface Freezer {
  readonly child: ChildProcess
  readonly handle: JsonObject
}

describe('guests that stand still', function () {
  this.timeout(300_000)

  before(() => writeEvery(guest, 0.05))
  after(() => writeEvery(guest, 0.25))

  async function freezer(kind: 'guest' | 'host'): Promise<Freezer> {
    const child = spawn(process.execPath, [program, JSON.stringify({ uri: labUri(), domain: guest, lease, kind })], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    for await (const line of createInterface({ input: child.stdout })) {
      return { child, handle: JSON.parse(line) as JsonObject }
    }
    throw new Error('the process that freezes ended before it had frozen anything')
  }

  /** How long the guest's writer stood still, by the guest's own clock. Afterwards its agent is in order again. */
  async function held(kind: 'guest' | 'host', harm: (child: ChildProcess) => void): Promise<number> {
    const before = await writesOn(guest)
    const { child, handle } = await freezer(kind)
    harm(child)
    const still = written(guest).at(-1)
    // Until the writer goes on, nobody does anything.
    await writesOn(guest)
    expect(written(guest).at(-1)?.number).to.be.above(still?.number ?? NaN)
    const gap = longestGap(guest, before.number)
    child.kill('SIGKILL')
    await using node = domainNode(labUri(), guest)
    await operations.thaw.thaw(node.context('freeze.fs_finalize'), {})
    expect(await agent(guest, 'guest-fsfreeze-status')).to.equal('thawed')
    const { firedAt } = await deadman.disarm(node.context('freeze.fs_prepare'), handle)
    expect(firedAt, 'the deadman says that it fired').to.be.a('number')
    return gap
  }

  async function rehearse(what: string, kind: 'guest' | 'host', rounds: number, harm: (child: ChildProcess) => void) {
    const gaps: number[] = []
    for (let round = 0; round < rounds; round += 1) gaps.push(await held(kind, harm))
    const late = gaps.filter((gap) => gap > lease + tolerance)
    figure(
      `${what}, deadman in the ${kind}: ${gaps.length - late.length} of ${gaps.length} thawed within lease + 2 s; lease ${lease} ms, longest ${Math.max(...gaps)} ms`,
    )
    expect(gaps).to.have.lengthOf(rounds)
    expect(late).to.deep.equal([])
  }

  it('go on within the lease and two seconds when fermata is killed', () =>
    rehearse('fermata killed', 'guest', 20, (child) => void child.kill('SIGKILL')))

  it('go on within the lease and two seconds when fermata is killed, by a guard beside the socket', () =>
    rehearse('fermata killed', 'host', 10, (child) => void child.kill('SIGKILL')))

  it('go on within the lease and two seconds when fermata is stopped', () =>
    rehearse('fermata stopped', 'guest', 5, (child) => void child.kill('SIGSTOP')))

  it('go on when even their agent hangs', async () => {
    await inGuest(guest, hangLater)
    expect(await held('guest', (child) => void child.kill('SIGKILL'))).to.be.below(lease + tolerance)
  })

  it('go on by a script on a hypervisor over SSH, where the guest itself carries none', async () => {
    await using server = await sshServer()
    const socket = new URL(labUri()).searchParams.get('socket') ?? '/run/libvirt/libvirt-sock'
    const uri = `qemu+ssh://root@127.0.0.1:${server.port}/system?socket=${socket}`
    const access = { key: server.userKey.private, host_key: server.hostKey.public, use_agent: false }
    await using node = domainNode(uri, guest, { libvirt_ssh: access })
    const before = await writesOn(guest)
    const prepare = () => node.context('freeze.fs_prepare')
    expect(await onHypervisor.probe?.(prepare())).to.include({ kind: 'guest', reason: null })
    const handle = await onHypervisor.arm(prepare(), { token: 'over ssh', lease })
    await operations.freeze.freeze(prepare(), {})
    await writesOn(guest)
    expect(longestGap(guest, before.number)).to.be.within(lease / 2, lease + tolerance)
    await operations.thaw.thaw(node.context('freeze.fs_finalize'), {})
    const { firedAt } = await deadman.disarm(prepare(), handle)
    expect(firedAt).to.be.a('number')
    await using other = domainNode(uri, 'nobody', { libvirt_ssh: access })
    const problem = await Promise.resolve(onHypervisor.probe?.(other.context('freeze.fs_prepare'))).catch(asFault)
    expect(problem).to.have.property('code', 'libvirt.missing')
  })
})
