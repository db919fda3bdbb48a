import { expect } from 'chai'
import { encodeFrame, FrameReader, longestFrame, type Frame } from '../../../../../src/plugins/libvirt/client/frames.ts'
import { simulatedWorld } from '../../../../../src/world/simulated-world.ts'

const header = { program: 0x20008086, procedure: 212, type: 1, status: 0 }
const message = (serial: number, length: number): Buffer =>
  encodeFrame({ ...header, serial }, (to) => to.raw(Buffer.alloc(length, serial)))
const plain = (frames: readonly Frame[]): object[] =>
  frames.map(({ payload, ...rest }) => ({ ...rest, payload: payload.toString('hex') }))

describe('libvirt client: messages', () => {
  it('are 28 bytes and their payload, as libvirt has them', () => {
    expect(message(7, 4).toString('hex')).to.equal(
      '000000202000808600000001000000d4000000010000000700000000' + '07070707',
    )
  })

  it('come byte by byte, or many at once', () => {
    const bytes = Buffer.concat([message(1, 0), message(2, 5), message(3, 70_000), message(4, 0)])
    const slow = new FrameReader()
    const single = [...bytes].flatMap((byte) => [...slow.take(Buffer.from([byte]))])
    const together = [...new FrameReader().take(bytes)]
    expect(single.map(({ serial, payload }) => [serial, payload.length])).to.deep.equal([
      [1, 0],
      [2, 5],
      [3, 70_000],
      [4, 0],
    ])
    expect(plain(together)).to.deep.equal(plain(single))
  })

  it('that say they are shorter than their header, or longer than any, are refused before more is read', () => {
    for (const length of [0, 27, longestFrame + 1, 0xffffffff]) {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(length)
      expect(() => [...new FrameReader().take(bytes)], String(length)).to.throw(`says it has ${length} bytes`)
    }
    const longest = Buffer.alloc(4)
    longest.writeUInt32BE(longestFrame)
    expect([...new FrameReader().take(longest)]).to.deep.equal([])
  })

  it('cost no more the more pieces they come in', () => {
    const bytes = message(1, 16_000_000)
    const reader = new FrameReader()
    const frames: Frame[] = []
    const begun = performance.now()
    for (let at = 0; at < bytes.length; at += 1000) frames.push(...reader.take(bytes.subarray(at, at + 1000)))
    expect(frames.map(({ payload }) => payload.length)).to.deep.equal([16_000_000])
    // Put together again at each piece it would be a hundred gigabytes.
    expect(performance.now() - begun).to.be.below(5000)
  })

  it('cut at random places are the same messages', () => {
    const random = simulatedWorld(6)
    const lengths = Array.from({ length: 200 }, () => Number(random.randomText(3, '0123456789')))
    const bytes = Buffer.concat(lengths.map((length, index) => message(index + 1, length)))
    const reader = new FrameReader()
    const frames: Frame[] = []
    for (let at = 0; at < bytes.length;) {
      const piece = Number(random.randomText(3, '0123456789')) + 1
      frames.push(...reader.take(bytes.subarray(at, at + piece)))
      at += piece
    }
    expect(frames.map(({ payload }) => payload.length)).to.deep.equal(lengths)
    expect(frames.every(({ payload, serial }) => payload.every((byte) => byte === serial))).to.equal(true)
  })
})
