// Claim: of slow calls four are sent as they come, four more each after the daemon has shown that it has a worker to spare,
// and all others wait: however many of them hang, somebody is there for a thaw.
import { expect } from 'chai'
import { openHypervisor, type Hypervisor } from '../../../../../src/plugins/libvirt/client/hypervisor.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { scriptedDaemon, signal, someDomain as dom, world, type ScriptedDaemon } from './scripted-daemon.ts'

const shows = 'DOMAIN_GET_METADATA'
const freezes = 'DOMAIN_FSFREEZE'

interface Site extends AsyncDisposable {
  readonly daemon: ScriptedDaemon
  readonly hypervisor: Hypervisor
}

async function warmed(): Promise<Site> {
  const daemon = await scriptedDaemon((call) => {
    if (call.name !== 'CONNECT_GET_URI') return true
    call.answer({ uri: 'qemu:///system' })
    return false
  })
  const hypervisor = openHypervisor({ uri: daemon.uri, world })
  await hypervisor.warm({ signal })
  return {
    daemon,
    hypervisor,
    async [Symbol.asyncDispose]() {
      await hypervisor.close()
      await daemon[Symbol.asyncDispose]()
    },
  }
}

const freeze = ({ hypervisor }: Site, given: AbortSignal = signal) =>
  hypervisor.call(freezes, { dom, mountpoints: [] }, { signal: given })

/** When all that is sent by now has come. */
async function names({ daemon, hypervisor }: Site): Promise<readonly string[]> {
  await hypervisor.urgent.call('CONNECT_GET_URI', {}, { signal })
  return daemon.calls.map(({ name }) => name)
}

describe('libvirt client: slow calls of a hypervisor', () => {
  it('are eight at once, of which the last four wait for a worker each', async () => {
    await using site = await warmed()
    const { daemon } = site
    const over = new AbortController()
    const work = Array.from({ length: 12 }, () => freeze(site, over.signal).catch(() => {}))
    const first = (await daemon.call(4)).peer
    const asked = await daemon.call(5)
    expect(await names(site)).to.deep.equal([...Array<string>(4).fill(freezes), shows])
    expect(asked.peer).to.not.equal(first)
    const nobody = { name: 'nobody', uuid: '00000000-0000-0000-0000-000000000000', id: -1 }
    expect(asked.args['dom']).to.deep.equal(nobody)
    const answered = new Set<unknown>()
    for (let further = 1; further <= 4; further += 1) {
      const open = daemon.calls.filter((call) => call.name === shows && !answered.has(call))
      expect(open).to.have.length(1)
      for (const call of open) {
        answered.add(call)
        // Whatever it says, a worker has said it.
        call.fail(42, 'Domain not found')
      }
      while (daemon.calls.filter(({ name }) => name === shows).length <= further)
        await new Promise((resolve) => setImmediate(resolve))
      const sent = daemon.calls.filter(({ name, peer }) => name === freezes && peer === asked.peer)
      expect(sent).to.have.length(further)
    }
    expect((await names(site)).filter((name) => name === freezes)).to.have.length(8)
    over.abort()
    await Promise.all(work)
  })

  it('wait no longer when one before them was given up, and say when nobody answers', async () => {
    await using site = await warmed()
    const { daemon } = site
    const held = Array.from({ length: 4 }, () => freeze(site))
    await daemon.call(4)
    const enough = new AbortController()
    const unsent = freeze(site, enough.signal).catch((problem: Error) => problem)
    const next = freeze(site)
    await daemon.call(5)
    enough.abort(new Error('enough'))
    expect(await unsent).to.equal(enough.signal.reason)
    // The next one asks for itself.
    ;(await daemon.call(6)).answer({ metadata: '' })
    expect((await daemon.call(7)).name).to.equal(freezes)
    for (const call of daemon.calls.filter(({ name }) => name === freezes)) call.answer({ filesystems: 1 })
    expect(await Promise.all([...held, next])).to.deep.equal(Array(5).fill({ filesystems: 1 }))
  })

  it('that wait for a worker are not sent when their connection is lost', async () => {
    await using site = await warmed()
    const { daemon } = site
    const held = Array.from({ length: 4 }, () => faultOf(freeze(site)))
    await daemon.call(4)
    const waiting = freeze(site)
    ;(await daemon.call(5)).peer.socket.destroy()
    // It did nothing there: it asks once more, over a new connection.
    ;(await daemon.call(6)).answer({ metadata: '' })
    ;(await daemon.call(7)).answer({ filesystems: 2 })
    expect(await waiting).to.deep.equal({ filesystems: 2 })
    for (const call of daemon.calls.slice(0, 4)) call.peer.socket.destroy()
    expect((await Promise.all(held)).map(({ effect }) => effect)).to.deep.equal(Array(4).fill('unknown'))
  })
})
