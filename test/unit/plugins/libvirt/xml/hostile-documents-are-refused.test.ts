// Claim: documents that are broken, endless, or declare something of their own are refused as a whole, in words that
// quote nothing of them; and what XML cannot express is never written.
import { expect } from 'chai'
import { Fault } from '../../../../../src/kernel/fault.ts'
import { element } from '../../../../../src/plugins/libvirt/xml/element.ts'
import { parseXml } from '../../../../../src/plugins/libvirt/xml/parse.ts'
import { writeXml } from '../../../../../src/plugins/libvirt/xml/write.ts'

function refusal(work: () => unknown): Fault {
  try {
    work()
  } catch (thrown) {
    expect(thrown).to.be.instanceOf(Fault)
    return thrown as Fault
  }
  throw new Error('it was accepted')
}

const bomb = `<!DOCTYPE a [<!ENTITY a0 "ha">${Array.from({ length: 30 }, (_, i) => `<!ENTITY a${i + 1} "&a${i};&a${i};">`).join('')}]><a>&a30;</a>`

const hostile: Readonly<Record<string, string>> = {
  'nothing at all': '',
  'no XML': 'sesame',
  'an element that does not end': '<a><password>sesame</password>',
  'the wrong end': '<a>sesame</b>',
  'text after the end': '<a/>sesame',
  'two top elements': '<a/><sesame/>',
  'an attribute twice': `<a b='sesame' b='2'/>`,
  'an attribute without a value': '<a sesame/>',
  'an entity bomb': bomb,
  'an entity of its own': '<!DOCTYPE a [<!ENTITY x "sesame">]><a>&x;</a>',
  'a file as an entity': '<!doctype a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
  'an entity that nobody declared': '<a>sesame&foo;</a>',
  'a character that does not exist': '<a>sesame&#x110000;</a>',
  'the character zero': '<a>sesame&#0;</a>',
  'a name of the language': '<__proto__ sesame="1"/>',
  'an attribute of the language': '<a __proto__="sesame"/>',
  'no end of depth': `${'<a>'.repeat(20_000)}sesame${'</a>'.repeat(20_000)}`,
  'more than a daemon could send': `<a>${'sesame'.repeat(1_000_000)}</a>`,
}

describe('hostile documents are refused', () => {
  for (const [what, text] of Object.entries(hostile)) {
    it(what, () => {
      const fault = refusal(() => parseXml(text, "domain 'vm'"))
      expect(fault.code).to.equal('libvirt.bad_xml')
      expect(fault.message).to.match(/^the XML of domain 'vm' cannot be used: /)
      expect(JSON.stringify(fault)).to.not.contain('sesame')
    })
  }

  for (const [what, text] of Object.entries({ 'a zero': '\0', 'a bell': '\u0007', 'half of a pair': '\ud834' })) {
    it(`${what} is not written`, () => {
      expect(refusal(() => writeXml(element('a', {}, `b${text}`))).code).to.equal('libvirt.bad_xml')
      expect(refusal(() => writeXml(element('a', { b: text }))).code).to.equal('libvirt.bad_xml')
    })
  }

  for (const name of ['', 'a b', '1a', 'a>b', 'a/', "a'", 'a:b:c', '!--']) {
    it(`'${name}' is not written as a name`, () => {
      expect(refusal(() => writeXml(element(name))).code).to.equal('libvirt.bad_xml')
      expect(refusal(() => writeXml(element('a', { [name]: '1' }))).code).to.equal('libvirt.bad_xml')
    })
  }
})
