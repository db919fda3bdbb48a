import { expect } from 'chai'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '../../../src/plugins/libvirt/client/connection.ts'
import { domainState, lifecycleEvents } from '../../../src/plugins/libvirt/client/codes.ts'
import { hasCode } from '../../../src/plugins/libvirt/client/errors.ts'
import { snapshotCreate, stats } from '../../../src/plugins/libvirt/client/flags.ts'
import { openHypervisor, type Hypervisor } from '../../../src/plugins/libvirt/client/hypervisor.ts'
import { valuesOf, type Domain } from '../../../src/plugins/libvirt/client/structs.ts'
import { parseUri } from '../../../src/plugins/libvirt/client/uri.ts'
import type { Fault } from '../../../src/kernel/fault.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import { faultOf } from '../../support/fault-of.ts'
import { agent, countGuests, figure, labUri, mend, poolFolder, state as labFolder, virsh } from './lab.ts'

const world = realWorld()
const { signal } = new AbortController()
const testUri = (): string => `test+unix:///default?socket=${parseUri(labUri()).parameters.socket}`

describe('libvirt client, lab: real daemons', () => {
  let hypervisor: Hypervisor
  let dom: Domain
  before(async () => {
    await mend()
    hypervisor = openHypervisor({ uri: labUri(), world })
    const { domains } = await hypervisor.call('CONNECT_LIST_ALL_DOMAINS', {}, { signal })
    dom = domains.find(({ name }) => name === 'lab1') as Domain
  })
  after(() => hypervisor.close())

  async function agentHangs(): Promise<boolean> {
    const args = { dom, cmd: '{"execute":"guest-ping"}', timeout: 2 }
    return hypervisor.call('DOMAIN_AGENT_COMMAND', args, { signal }).then(
      () => false,
      (problem: unknown) => hasCode(problem, 'AGENT_UNRESPONSIVE', 'AGENT_COMMAND_TIMEOUT'),
    )
  }

  /** The agent stops itself, and somebody wakes it again. Resolves when it hangs. */
  async function stopAgent(length: number): Promise<void> {
    await hypervisor.call('DOMAIN_AGENT_SET_RESPONSE_TIMEOUT', { dom, timeout: 2 }, { signal })
    const script = `p=$(pidof qemu-ga); (sleep 1; kill -STOP $p; sleep ${length}; kill -CONT $p) >/dev/null 2>&1 &`
    await agent('lab1', 'guest-exec', { path: '/bin/sh', arg: ['-c', script] })
    while (!(await agentHangs()));
  }

  /** Another one is there when it resolves. */
  async function killDaemon(): Promise<void> {
    const pid = readFileSync(join(labFolder, 'libvirtd.pid'), 'utf8').trim()
    process.kill(Number(pid), 'SIGKILL')
    while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setImmediate(resolve))
    await mend()
  }

  it('say of themselves and of a guest what virsh says', async () => {
    const { library, type } = await hypervisor.versions({ signal })
    expect([library >= 9_000_000, type]).to.deep.equal([true, 'QEMU'])
    const info = await hypervisor.call('NODE_GET_INFO', {}, { signal })
    expect(await virsh('nodeinfo')).to.match(
      new RegExp(`CPU model:\\s+${info.model}[^]*Memory size:\\s+${info.memory} KiB`),
    )
    expect(await virsh('domuuid', 'lab1')).to.contain(dom.uuid)
    const { xml } = await hypervisor.call('DOMAIN_GET_XML_DESC', { dom }, { signal })
    expect(xml.trim()).to.equal((await virsh('dumpxml', 'lab1')).trim())
    const { capabilities } = await hypervisor.call('CONNECT_GET_CAPABILITIES', {}, { signal })
    expect(capabilities.trim()).to.equal((await virsh('capabilities')).trim())
    const { state } = await hypervisor.call('DOMAIN_GET_STATE', { dom }, { signal })
    expect(await virsh('domstate', 'lab1')).to.contain(domainState(state))
  })

  it('tell figures of every type, with the names that virsh shows', async () => {
    const { retStats } = await hypervisor.call(
      'CONNECT_GET_ALL_DOMAIN_STATS',
      { doms: [dom], stats: 0, flags: stats.nowait },
      { signal },
    )
    const ours = valuesOf(retStats[0]?.params ?? [])
    const shown = (await virsh('domstats', 'lab1')).match(/[\w.-]+(?==)/g) ?? []
    expect(Object.keys(ours)).to.include.members(['state.state', 'cpu.time', 'block.0.name', 'vcpu.0.time'])
    expect(Object.keys(ours).toSorted()).to.deep.equal(shown.toSorted())
    expect(typeof ours['cpu.time']).to.equal('bigint')
    const memory = await hypervisor.call('DOMAIN_MEMORY_STATS', { dom, maxStats: 16 }, { signal })
    expect(memory.stats.length).to.be.above(0)
    const { info } = await hypervisor.call('DOMAIN_GET_FSINFO', { dom }, { signal })
    expect(info.map(({ mountpoint }) => mountpoint)).to.include('/data')
    const guest = await hypervisor.call('DOMAIN_GET_GUEST_INFO', { dom, types: 0 }, { signal })
    expect(valuesOf(guest.params)).to.have.property('os.kernel-release')
  })

  it('answer hundreds of calls at once on one connection', async () => {
    const connection = await connect({ uri: labUri(), signal, world })
    const states = await Promise.all(
      Array.from({ length: 500 }, () => connection.call('DOMAIN_GET_STATE', { dom }, { signal })),
    )
    expect(new Set(states.map(({ state }) => state))).to.deep.equal(new Set([1]))
    connection.close()
  })

  it('answer what is urgent at once while the agent of a guest hangs, whatever else waits for it', async function () {
    if ((await countGuests()) < 2) {
      console.log('      !!! SKIPPED: it takes two guests (LAB_GUESTS=2)')
      this.skip()
    }
    // One that was just started has the fewest workers, and must make more in time.
    await killDaemon()
    for (const guest of ['lab1', 'lab2']) await virsh('domfsthaw', guest)
    const { dom: other } = await hypervisor.call('DOMAIN_LOOKUP_BY_NAME', { name: 'lab2' }, { signal })
    await hypervisor.warm({ signal })
    await hypervisor.call('DOMAIN_FSFREEZE', { dom: other, mountpoints: [] }, { signal })
    await stopAgent(12)
    let ended = 0
    const frozen = Promise.allSettled(
      Array.from({ length: 20 }, () =>
        hypervisor.call('DOMAIN_FSFREEZE', { dom, mountpoints: [] }, { signal }).finally(() => ended++),
      ),
    )
    const took = async (work: Promise<unknown>): Promise<number> => {
      const begun = performance.now()
      await work
      return performance.now() - begun
    }
    try {
      const state = await took(hypervisor.call('DOMAIN_GET_STATE', { dom }, { signal }))
      const urgent = await took(hypervisor.urgent.call('DOMAIN_GET_STATE', { dom }, { signal }))
      const thaw = await took(hypervisor.urgent.call('DOMAIN_FSTHAW', { dom: other, mountpoints: [] }, { signal }))
      figure(
        `while 20 freezes hang: state ${state.toFixed(0)} ms, urgent state ${urgent.toFixed(0)} ms, thaw of another guest ${thaw.toFixed(0)} ms`,
      )
      expect(ended, 'freezes that were waited for').to.equal(0)
    } finally {
      const outcomes = await frozen
      while (await agentHangs());
      // What was asked while it hung it does once it wakes.
      await virsh('domfsthaw', 'lab1')
      // Which of them libvirt asks first, it decides itself; the last may find the agent awake.
      const faults = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Fault] : []))
      const unanswered = faults.filter(({ code }) => code === 'libvirt.agent_unresponsive')
      expect(unanswered).to.not.be.empty
      expect(new Set(unanswered.map(({ effect }) => effect))).to.deep.equal(new Set(['unknown']))
    }
  })

  it('take volumes up and give them back byte for byte', async () => {
    const pool = await hypervisor.call('STORAGE_POOL_LOOKUP_BY_NAME', { name: 'labpool' }, { signal })
    const content = randomBytes(3 * 1024 * 1024 + 17)
    const xml = `<volume><name>client.raw</name><capacity>${content.length}</capacity><target><format type='raw'/></target></volume>`
    const { vol } = await hypervisor.call('STORAGE_VOL_CREATE_XML', { ...pool, xml }, { signal })
    try {
      async function* source(): AsyncGenerator<Buffer> {
        for (let at = 0; at < content.length; at += 1_000_000) yield content.subarray(at, at + 1_000_000)
      }
      expect(await hypervisor.upload(vol, source(), { signal })).to.equal(content.length)
      const file = readFileSync(join(poolFolder, 'client.raw'))
      expect(file.subarray(0, content.length).equals(content)).to.equal(true)
      const parts: Buffer[] = []
      const length = BigInt(content.length)
      for await (const part of hypervisor.download(vol, { signal, length })) parts.push(part)
      expect(Buffer.concat(parts).equals(content)).to.equal(true)
      const refused = await faultOf(hypervisor.upload(vol, source(), { signal, length: 1000n }))
      expect(refused).to.include({ code: 'libvirt.call_failed', effect: 'unknown' })
    } finally {
      await hypervisor.call('STORAGE_VOL_DELETE', { vol }, { signal })
    }
    expect(existsSync(join(poolFolder, 'client.raw'))).to.equal(false)
  })

  it('play the driver for tests: events, snapshots, errors', async () => {
    const test = openHypervisor({ uri: testUri(), world })
    const { domains } = await test.call('CONNECT_LIST_ALL_DOMAINS', {}, { signal })
    const one = domains[0] as Domain
    const seen: number[] = []
    await test.events.listen('lifecycle', { uuid: one.uuid, onEvent: ({ event }) => seen.push(event), signal })
    await test.call('DOMAIN_SUSPEND', { dom: one }, { signal })
    await test.call('DOMAIN_RESUME', { dom: one }, { signal })
    const xml = '<domainsnapshot><name>s</name></domainsnapshot>'
    const { snap } = await test.call('DOMAIN_SNAPSHOT_CREATE_XML', { dom: one, xml }, { signal })
    const { snapshots } = await test.call('DOMAIN_LIST_ALL_SNAPSHOTS', { dom: one }, { signal })
    expect(snapshots).to.deep.equal([snap])
    expect(seen.slice(0, 2)).to.deep.equal([lifecycleEvents.suspended, lifecycleEvents.resumed])
    const cases = [
      [
        faultOf(test.call('DOMAIN_BACKUP_BEGIN', { dom: one, backup_xml: '<domainbackup/>' }, { signal })),
        'NO_SUPPORT',
      ],
      [faultOf(test.call('DOMAIN_LOOKUP_BY_NAME', { name: 'none' }, { signal })), 'NO_DOMAIN'],
      [faultOf(test.call('DOMAIN_DEFINE_XML', { xml: '<domain' }, { signal })), 'XML_DETAIL'],
      [
        faultOf(test.call('DOMAIN_SNAPSHOT_CREATE_XML', { dom: one, xml, flags: snapshotCreate.diskOnly }, { signal })),
        'INVALID_ARG',
      ],
    ] as const
    for (const [fault, code] of cases) expect(hasCode(await fault, code), code).to.equal(true)
    await test.close()
  })

  it('that were killed are reached again once they are back, and what was under way is in doubt', async () => {
    const gap = Promise.withResolvers<string>()
    await hypervisor.events.listen('lifecycle', { onEvent() {}, onGap: gap.resolve, signal })
    const cmd = JSON.stringify({ execute: 'guest-fsfreeze-status' })
    await stopAgent(6)
    const underWay = faultOf(hypervisor.call('DOMAIN_AGENT_COMMAND', { dom, cmd, timeout: 60 }, { signal }))
    const read = hypervisor.call('DOMAIN_GET_STATE', { dom }, { signal })
    expect((await read).state).to.equal(1)
    const killed = killDaemon()
    expect(await underWay).to.include({ code: 'libvirt.connection_lost', effect: 'unknown' })
    await gap.promise
    await killed
    expect((await hypervisor.call('DOMAIN_GET_STATE', { dom }, { signal })).state).to.equal(1)
    expect((await hypervisor.urgent.call('DOMAIN_GET_STATE', { dom }, { signal })).state).to.equal(1)
  })
})
