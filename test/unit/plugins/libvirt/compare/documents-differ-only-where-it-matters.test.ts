// Claim: two documents of libvirt that mean the same are the same, whatever order or unit they are written in; each value
// that is not the same is named by a path that leads to it, and no password is shown.
import { expect } from 'chai'
import { compareDocuments } from '../../../../../src/plugins/libvirt/compare/compare-documents.ts'
import { leavesOf } from '../../../../../src/plugins/libvirt/compare/leaves.ts'
import { parseXml } from '../../../../../src/plugins/libvirt/xml/parse.ts'

const leaves = (xml: string, passing: readonly string[] = []) => leavesOf(parseXml(xml), passing)
const paths = (left: string, right: string, passing: readonly string[] = []): readonly string[] =>
  compareDocuments({
    blueprint: undefined,
    live: leaves(left, passing),
    backup: leaves(right, passing),
  }).differences.map(({ path }) => path)

describe('documents differ only where it matters', () => {
  for (const [what, left, right] of [
    ['the order of attributes', "<a x='1' y='2'/>", "<a y='2' x='1'/>"],
    ['the order of elements', '<a><b>1</b><c>2</c></a>', '<a><c>2</c><b>1</b></a>'],
    ['the order of what has a name', host('1', '2'), host('2', '1')],
    ['the unit of a size', "<a><memory unit='KiB'>1024</memory></a>", "<a><memory unit='MiB'>1</memory></a>"],
    ['white space', '<a> <b> x </b> </a>', '<a><b>x</b></a>'],
  ] as const)
    it(`${what} does not`, () => {
      expect(paths(left, right)).to.deep.equal([])
    })

  it('a value, an element and an attribute do, and are found', () => {
    expect(paths("<a><b c='1'>x</b></a>", "<a><b c='2'>y</b><d/></a>")).to.deep.equal(['/a/b', '/a/b/@c', '/a/d'])
    expect(paths(host('1', '2'), host('1', '3'))).to.deep.equal([
      "/dhcp/host[@mac='2']/@ip",
      "/dhcp/host[@mac='2']/@mac",
      "/dhcp/host[@mac='3']/@ip",
      "/dhcp/host[@mac='3']/@mac",
    ])
    const disk = (file: string): string => `<d><disk><source file='${file}'/><target dev='vda'/></disk></d>`
    expect(paths(disk('/a'), disk('/b'))).to.deep.equal(["/d/disk[target/@dev='vda']/source/@file"])
  })

  it('how often something is there does, also without a name', () => {
    expect(paths('<a><b>x</b></a>', '<a><b>x</b><b>x</b></a>')).to.deep.equal(['/a/b[2]'])
  })

  it('what is only of the moment does not, by its path', () => {
    const passing = ['/a/@connections', '/a/b']
    expect(paths("<a connections='1'><b><c/></b></a>", "<a connections='2'/>", passing)).to.deep.equal([])
  })

  it('a password is compared and never shown', () => {
    const [declared, live, backup] = ['one', 'two', 'three'].map((word) =>
      leaves(`<d><graphics type='vnc' passwd='${word}'/></d>`),
    )
    const found = compareDocuments({ blueprint: declared, live, backup: backup ?? new Map() })
    expect(found.differences).to.deep.equal([
      { path: "/d/graphics[@type='vnc']/@passwd", kind: 'conflict', blueprint: '***', live: '***', backup: '***' },
    ])
  })

  it('what only the blueprint says otherwise leaves backup and live the same', () => {
    const [same, other] = [leaves('<a><b>1</b></a>'), leaves('<a><b>2</b></a>')]
    const found = compareDocuments({ blueprint: other, live: same, backup: same })
    expect([found.isSame, found.differences[0]?.kind]).to.deep.equal([true, 'redeclared'])
  })
})

function host(...macs: readonly string[]): string {
  return `<dhcp>${macs.map((mac) => `<host mac='${mac}' ip='10.0.0.${mac}'/>`).join('')}</dhcp>`
}
