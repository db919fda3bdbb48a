import { expect } from 'chai'
import { emptyImage, sizeOfImage } from '../../../../../src/plugins/libvirt/backup/empty-image.ts'

const cluster = 65_536
const [mebi, tebi] = [2n ** 20n, 2n ** 40n]

describe('an empty image', () => {
  it('has its tables where its header says, and counts each cluster once', () => {
    const { head, length } = emptyImage(64n * mebi)
    expect(head.subarray(0, 4).toString('latin1')).to.equal('QFI\xfb')
    expect(
      [head.readUInt32BE(4), head.readUInt32BE(20), head.readUInt32BE(100)],
      'version, bits, header',
    ).to.deep.equal([3, 16, 104])
    expect(head.readBigUInt64BE(8), 'backing file').to.equal(0n)
    const [first, refcounts] = [Number(head.readBigUInt64BE(40)), Number(head.readBigUInt64BE(48))]
    expect([head.readUInt32BE(36), first, refcounts]).to.deep.equal([1, 3 * cluster, cluster])
    const block = Number(head.readBigUInt64BE(refcounts))
    const counts = Array.from({ length: length / cluster }, (_none, index) => head.readUInt16BE(block + index * 2))
    expect(counts).to.deep.equal([1, 1, 1, 1])
    expect(head.length).to.be.at.most(length)
  })

  for (const [size, entries, clusters] of [
    [1n, 1, 4],
    [512n * mebi, 1, 4],
    [512n * mebi + 1n, 2, 4],
    [4n * tebi, 8192, 4],
    [4n * tebi + 1n, 8193, 5],
    [2048n * tebi, 4_194_304, 515],
  ] as const)
    it(`of ${size} bytes has ${entries} entries and ${clusters} clusters`, () => {
      const { head, length } = emptyImage(size)
      expect([head.readUInt32BE(36), length / cluster]).to.deep.equal([entries, clusters])
      expect(sizeOfImage(head)).to.equal(size)
    })

  it('is not made larger than QEMU opens', () => {
    expect(() => emptyImage(2048n * tebi + 1n)).to.throw(RangeError, 'larger than QEMU opens')
  })

  it('is told from other files', () => {
    expect(sizeOfImage(Buffer.alloc(64))).to.equal(undefined)
    expect(sizeOfImage(Buffer.from('QFI\xfb', 'latin1'))).to.equal(undefined)
  })
})
