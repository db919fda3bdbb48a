import { expect } from 'chai'
import { openHypervisor, type Hypervisor } from '../../../../../src/plugins/libvirt/client/hypervisor.ts'
import type { Volume } from '../../../../../src/plugins/libvirt/client/structs.ts'
import { fakeLibvirtd, type FakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { scriptedDaemon, signal, world } from './scripted-daemon.ts'

const vol: Volume = { pool: 'disks', name: 'v', key: '/v' }
const content = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7) % 251))

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function all(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

interface Site extends AsyncDisposable {
  readonly libvirtd: FakeLibvirtd
  readonly hypervisor: Hypervisor
  readonly vol: Volume
}

async function site(): Promise<Site> {
  const libvirtd = await fakeLibvirtd()
  const hypervisor = openHypervisor({ uri: libvirtd.uri, world })
  const pool = await hypervisor.call('STORAGE_POOL_LOOKUP_BY_NAME', { name: 'disks' }, { signal })
  const xml = `<volume><name>v</name><capacity>${content.length}</capacity><target><format type='raw'/></target></volume>`
  const made = await hypervisor.call('STORAGE_VOL_CREATE_XML', { ...pool, xml }, { signal })
  return {
    libvirtd,
    hypervisor,
    vol: made.vol,
    async [Symbol.asyncDispose]() {
      await hypervisor.close()
      await libvirtd.close()
    },
  }
}

describe('libvirt client: contents of volumes', () => {
  it('go up in pieces of any size and come down the same, whole or a part', async () => {
    await using one = await site()
    expect(await one.hypervisor.upload(one.vol, pieces(content, 700_001), { signal })).to.equal(content.length)
    expect((await all(one.hypervisor.download(one.vol, { signal }))).equals(content)).to.equal(true)
    const part = await all(one.hypervisor.download(one.vol, { signal, offset: 1000n, length: 5000n }))
    expect(part.equals(content.subarray(1000, 6000))).to.equal(true)
  })

  it('have connections of their own, which are gone afterwards', async () => {
    await using one = await site()
    const before = one.libvirtd.connections.size
    const [first, second] = [one.hypervisor.download(one.vol, { signal }), one.hypervisor.download(one.vol, { signal })]
    const begun = [first[Symbol.asyncIterator](), second[Symbol.asyncIterator]()]
    await Promise.all(begun.map((iterator) => iterator.next()))
    expect(one.libvirtd.connections.size).to.equal(before + 2)
    await one.hypervisor.call('CONNECT_GET_HOSTNAME', {}, { signal })
    for (const iterator of begun) await iterator.return?.()
    while (one.libvirtd.connections.size > before) await new Promise((resolve) => setImmediate(resolve))
  })

  it('that the daemon has something against fail with its words', async () => {
    await using one = await site()
    const many = one.hypervisor.upload(one.vol, pieces(content, 262_120), { signal, length: 1000n })
    expect(await faultOf(many)).to.include({ effect: 'unknown' })
    const missing = all(one.hypervisor.download({ ...one.vol, name: 'none', key: '/none' }, { signal }))
    expect(await faultOf(missing)).to.include({ code: 'libvirt.not_found', effect: 'none' })
  })

  it('that end early, in whatever way, are never taken for whole', async () => {
    await using daemon = await scriptedDaemon()
    const hypervisor = openHypervisor({ uri: daemon.uri, world })
    const data = Buffer.alloc(100, 1)
    const ends = ['lost', 'ended', 'failed', 'garbage'] as const
    for (const [index, way] of ends.entries()) {
      const failure = faultOf(all(hypervisor.download(vol, { signal })))
      const call = await daemon.call(index + 1)
      call.answer()
      call.peer.send({ ...call.frame, type: 3, status: 2 }, (to) => to.raw(data))
      if (way === 'lost') call.peer.socket.end()
      if (way === 'ended') call.peer.send({ ...call.frame, type: 3, status: 0 })
      if (way === 'failed') call.peer.send({ ...call.frame, type: 3, status: 1 }, (to) => to.i32(38))
      if (way === 'garbage') call.peer.socket.write(Buffer.from('00000001', 'hex'))
      const problem = await failure
      expect(problem.effect, way).to.equal('none')
      expect(problem.code, way).to.match(/^libvirt\.(connection_lost|stream_broken)$/)
    }
    await hypervisor.close()
  })

  it('of which more comes than was asked for are refused, before memory is full of them', async () => {
    await using daemon = await scriptedDaemon()
    const hypervisor = openHypervisor({ uri: daemon.uri, world })
    const failure = faultOf(all(hypervisor.download(vol, { signal, length: 150n })))
    const call = await daemon.call(1)
    call.answer()
    for (let time = 0; time < 2; time++)
      call.peer.send({ ...call.frame, type: 3, status: 2 }, (to) => to.raw(Buffer.alloc(100, 1)))
    const problem = await failure
    expect([problem.code, problem.effect]).to.deep.equal(['libvirt.stream_broken', 'none'])
    expect(problem.message).to.contain('more than the 150 bytes that were asked for')
    await hypervisor.close()
  })

  it('are given up when their reader or their source gives up', async () => {
    await using daemon = await scriptedDaemon()
    const hypervisor = openHypervisor({ uri: daemon.uri, world })
    const over = new AbortController()
    const down = all(hypervisor.download(vol, { signal: over.signal })).catch((problem: Error) => problem)
    const call = await daemon.call(1)
    call.answer()
    over.abort(new Error('enough'))
    expect(await down).to.equal(over.signal.reason)
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(10)
      throw new Error('the source broke')
    }
    const up = hypervisor.upload(vol, broken(), { signal }).catch((problem: Error) => problem)
    ;(await daemon.call(2)).answer()
    expect(await up).to.have.property('message', 'the source broke')
    const isAborted = (): boolean => daemon.messages.some(({ type, status }) => type === 3 && status === 1)
    while (!isAborted()) await new Promise((resolve) => setImmediate(resolve))
    await hypervisor.close()
  })

  it('are taken no faster than they are read', async () => {
    await using daemon = await scriptedDaemon()
    const hypervisor = openHypervisor({ uri: daemon.uri, world })
    const chunks = hypervisor.download(vol, { signal })[Symbol.asyncIterator]()
    const first = chunks.next()
    const call = await daemon.call(1)
    call.answer()
    const data = Buffer.alloc(262_120, 5)
    const count = 200
    for (let index = 0; index < count; index++)
      call.peer.send({ ...call.frame, type: 3, status: 2 }, (to) => to.raw(data))
    call.peer.send({ ...call.frame, type: 3, status: 2 })
    await first
    // Nobody reads on: most of it stays where it is.
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(call.peer.socket.writableLength).to.be.above((count * data.length) / 2)
    let bytes = data.length
    for (;;) {
      const asked = chunks.next()
      if (bytes === count * data.length) {
        while (!daemon.messages.some(({ type }) => type === 3)) await new Promise((resolve) => setImmediate(resolve))
        call.peer.send({ ...call.frame, type: 3, status: 0 })
      }
      const { value, done } = await asked
      if (done === true) break
      bytes += value.length
    }
    expect(bytes).to.equal(count * data.length)
    await hypervisor.close()
  })
})
