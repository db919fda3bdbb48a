// Claim: what was read is written again with the same meaning, whatever characters its texts hold, and edits touch only
// what they name.
import { expect } from 'chai'
import {
  allAt,
  attributeAt,
  editAt,
  element,
  textAt,
  withAttributes,
  withChild,
  withoutChild,
} from '../../../../../src/plugins/libvirt/xml/element.ts'
import { parseXml } from '../../../../../src/plugins/libvirt/xml/parse.ts'
import { writeXml } from '../../../../../src/plugins/libvirt/xml/write.ts'

const domain = `<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand -->
<domain type='kvm' xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
  <name>a &lt;b&gt; &#x26; c</name>
  <description>two
lines</description>
  <devices>
    <disk type="file"><source file="/a b/c&apos;d.qcow2"/><target dev='vda'/></disk>
    <!-- between -->
    <disk type="block"><source dev="/dev/sdb"/><target dev='vdb'/></disk>
  </devices>
  <qemu:commandline><qemu:arg value='-snapshot'/></qemu:commandline>
  <metadata><x:y xmlns:x="urn:x"><![CDATA[1 < 2 &amp; 3]]></x:y></metadata>
  <empty></empty>
</domain>`

describe('documents survive reading and writing', () => {
  const read = parseXml(domain)

  it('names, attributes and texts are as they were meant', () => {
    expect(read.name).to.equal('domain')
    expect(read.attributes).to.deep.equal({
      type: 'kvm',
      'xmlns:qemu': 'http://libvirt.org/schemas/domain/qemu/1.0',
    })
    expect(textAt(read, 'name')).to.equal('a <b> & c')
    expect(textAt(read, 'description')).to.equal('two\nlines')
    expect(attributeAt(read, 'devices/disk/source', 'file')).to.equal("/a b/c'd.qcow2")
    expect(textAt(read, 'metadata/x:y')).to.equal('1 < 2 &amp; 3')
    expect(textAt(read, 'nothing/like/this')).to.equal(undefined)
  })

  it('white space between elements is nothing, in a text it is something', () => {
    expect(read.children.filter((child) => typeof child === 'string')).to.deep.equal([])
    expect(parseXml('<a> b </a>').children).to.deep.equal([' b '])
  })

  it('writing and reading again changes nothing', () => {
    expect(parseXml(writeXml(read))).to.deep.equal(read)
  })

  for (const text of [
    `</name><devices/><name>`,
    `'/><evil a='`,
    `" onload="x`,
    '&amp;&#10;&lt;',
    ']]><![CDATA[',
    '<!-- -->',
    'ä€𝄞',
    'tab\tline\nreturn\r',
    ' around ',
  ]) {
    it(`${JSON.stringify(text)} stays text`, () => {
      const written = writeXml(element('a', { b: text }, element('c', {}, text)))
      expect(parseXml(written)).to.deep.equal(element('a', { b: text }, element('c', {}, text)))
    })
  }

  it('a disk on as many layers as QEMU takes is read to its last', () => {
    const layers = Array.from({ length: 200 }, (_one, index) => `<backingStore><source file="/${index}"/>`)
    const disk = `<disk>${layers.join('')}${'</backingStore>'.repeat(layers.length)}</disk>`
    expect(writeXml(parseXml(disk))).to.contain('/199')
  })

  it('edits reach every element at their path and share the rest', () => {
    const edited = editAt(read, 'devices/disk', (disk) =>
      attributeAt(disk, 'target', 'dev') === 'vdb' ? null : withAttributes(disk, { type: null, snapshot: 'no' }),
    )
    expect(allAt(edited, 'devices/disk').map(({ attributes }) => attributes)).to.deep.equal([{ snapshot: 'no' }])
    expect(allAt(read, 'devices/disk')).to.have.length(2)
    expect(allAt(edited, 'metadata')[0]).to.equal(allAt(read, 'metadata')[0])
  })

  it('a child is replaced where it stands, or appended, or taken away', () => {
    const names = (from: typeof read): string[] =>
      from.children.map((child) => (typeof child === 'string' ? child : child.name))
    const renamed = withChild(read, element('name', {}, 'b'))
    expect(names(renamed)).to.deep.equal(names(read))
    expect(textAt(renamed, 'name')).to.equal('b')
    expect(names(withChild(read, element('title', {}, 't'))).at(-1)).to.equal('title')
    expect(names(withoutChild(read, 'name'))).to.not.include('name')
  })

  it('absent values leave nothing behind', () => {
    expect(element('a', { b: undefined, c: 1 }, undefined, null, 2)).to.deep.equal({
      name: 'a',
      attributes: { c: '1' },
      children: ['2'],
    })
  })
})
