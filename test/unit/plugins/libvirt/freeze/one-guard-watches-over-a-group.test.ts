// Claim: guests of one process are watched over by one guard, in which each has a lease of its own, that ends with the last.
import { expect } from 'chai'
import { existsSync } from 'node:fs'
import type { GuardHandle } from '../../../../../src/plugins/guard/handle.ts'
import { isOnWatch } from '../../../../../src/plugins/guard/handle.ts'
import { isAlive } from '../../../../../src/plugins/guard/process-table.ts'
import { eventually } from '../../../../support/cli.ts'
import { fakeLibvirtd, type FakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'
import { deadman, domainNode, operations, type DomainNode } from '../../../../support/libvirt-domain-node.ts'

const long = 60_000
const names = ['one', 'two', 'three', 'four', 'five', 'six'] as const

describe('a guard beside the socket', function () {
  this.timeout(180_000)
  let libvirtd: FakeLibvirtd
  let nodes: readonly DomainNode[]

  beforeEach(async () => {
    libvirtd = await fakeLibvirtd({ domains: names.map((name) => ({ name, type: 'qemu' })) })
    nodes = names.map((name) => domainNode(libvirtd.uri, name))
  })
  afterEach(async () => {
    for (const node of nodes) await node[Symbol.asyncDispose]()
    await libvirtd.close()
  })

  const prepare = (node: DomainNode | undefined) => (node as DomainNode).context('freeze.fs_prepare')
  const arm = async (index: number, lease = long, maximum = lease): Promise<GuardHandle> =>
    (await deadman.arm(prepare(nodes[index]), { token: `t${index}`, lease, maximum })) as GuardHandle
  const armAll = (lease?: number) => Promise.all(names.map((_name, index) => arm(index, lease)))
  const freezeAll = () => Promise.all(nodes.map((node) => operations.freeze.freeze(prepare(node), {})))
  const disarm = (index: number, handle: GuardHandle) => deadman.disarm(prepare(nodes[index]), handle)
  const frozen = () => names.filter((name) => libvirtd.domain(name).isFrozen)

  it('is one process for all, and ends with the last of its watches', async () => {
    const handles = await armAll()
    expect(new Set(handles.map(({ pid }) => pid)).size).to.equal(1)
    expect(new Set(handles.map(({ record }) => record)).size).to.equal(names.length)
    const [first, ...others] = handles as [GuardHandle, ...GuardHandle[]]
    expect(await disarm(0, first)).to.deep.equal({ firedAt: null })
    expect(await disarm(0, first), 'twice').to.deep.equal({ firedAt: null })
    expect(isOnWatch(first)).to.equal(false)
    expect(existsSync(first.record)).to.equal(false)
    expect(others.every(isOnWatch)).to.equal(true)
    for (const [index, handle] of others.entries()) await disarm(index + 1, handle)
    // Other tests of this process may have left a watch that has a minute yet.
    await eventually('the guard has ended', () => !isAlive(first), 120_000)
  })

  it('ends also when nobody asks for a watch that has fired', async () => {
    const { pid, startTime, bootId } = await arm(0, 500)
    await eventually('the guard has ended', () => !isAlive({ pid, startTime, bootId }), 120_000)
  })

  it('outlasts the patience that an agent is given, also one that is thawed and frozen anew', async () => {
    const given: number[] = []
    const note = (): void => void given.push(libvirtd.domain('one').agentTimeout ?? Number.POSITIVE_INFINITY)
    libvirtd.faults.when('DOMAIN_FSFREEZE', 'before', note, { times: Number.POSITIVE_INFINITY })
    const handle = await arm(0, 20_000)
    const asked = libvirtd.calls.length
    const freeze = () => operations.freeze.freeze(prepare(nodes[0]), {})
    await freeze()
    expect(libvirtd.calls.slice(asked), 'set while it was armed').to.not.include('DOMAIN_AGENT_SET_RESPONSE_TIMEOUT')
    await freeze()
    expect(given).to.have.lengthOf(2)
    for (const patience of given) expect(patience).to.be.within(1, 20)
    await operations.thaw.thaw(prepare(nodes[0]), {})
    await disarm(0, handle)
  })

  it('thaws each when its own lease ends, also more than a daemon works on at once', async () => {
    const handles = await Promise.all(names.map((_name, index) => arm(index, index === 0 ? long : 8000)))
    await freezeAll()
    expect(frozen()).to.deep.equal(names)
    await eventually('all but the first are thawed', () => frozen().length === 1)
    expect(frozen()).to.deep.equal(['one'])
    for (const [index, handle] of handles.entries())
      expect((await disarm(index, handle)).firedAt === null).to.equal(index === 0)
    await operations.thaw.thaw((nodes[0] as DomainNode).context('freeze.fs_finalize'), {})
  })

  it('gives one of them more time, and no other', async () => {
    const handles = [await arm(0, 6000, long), await arm(1, 6000, long)] as const
    await operations.freeze.freeze(prepare(nodes[0]), {})
    await operations.freeze.freeze(prepare(nodes[1]), {})
    await deadman.extend?.(prepare(nodes[0]), handles[0], long)
    await eventually('the second is thawed', () => !libvirtd.domain('two').isFrozen)
    expect(libvirtd.domain('one').isFrozen).to.equal(true)
    expect(isOnWatch(handles[0])).to.equal(true)
    await operations.thaw.thaw((nodes[0] as DomainNode).context('freeze.fs_finalize'), {})
    for (const [index, handle] of handles.entries()) await disarm(index, handle)
  })

  it('lets a newer watch over the same guest take the place of the older', async () => {
    const older = await arm(0, 3000)
    const newer = await arm(0)
    expect(newer.pid).to.equal(older.pid)
    expect([isOnWatch(older), isOnWatch(newer)]).to.deep.equal([false, true])
    expect(await disarm(0, older)).to.deep.equal({ firedAt: null })
    expect(isOnWatch(newer)).to.equal(true)
    await disarm(0, newer)
  })

  it('thaws at once when somebody ends it', async () => {
    const handles = await armAll()
    await freezeAll()
    process.kill((handles[0] as GuardHandle).pid, 'SIGTERM')
    await eventually('all are thawed', () => frozen().length === 0)
    for (const [index, handle] of handles.entries()) expect((await disarm(index, handle)).firedAt).to.be.a('number')
  })

  it('that was killed is followed by another', async () => {
    const first = await arm(0)
    process.kill(first.pid, 'SIGKILL')
    await eventually('it is dead', () => !isAlive(first))
    const second = await arm(1)
    expect(second.pid).not.to.equal(first.pid)
    await disarm(0, first)
    await disarm(1, second)
  })
})
