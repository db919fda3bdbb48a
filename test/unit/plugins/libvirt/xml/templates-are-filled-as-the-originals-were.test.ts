// Claim: values, loops and conditions of templates are filled as the original filled them, values stay values, and what
// is not understood is refused instead of left standing.
import { expect } from 'chai'
import type { Fault } from '../../../../../src/kernel/fault.ts'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { filled } from '../../../../../src/plugins/libvirt/xml/fill.ts'

const values: JsonObject = {
  name: 'vm',
  vcpu: 2,
  none: null,
  empty: '',
  zero: 0,
  no: false,
  disks: [
    { dev: 'vda', file: '/a&b', tags: ['x', 'y'] },
    { dev: 'vdb', file: '/c', type: 'raw' },
  ],
  networks: [],
}

const good: Readonly<Record<string, string>> = {
  'plain <a/>': 'plain <a/>',
  '{{name}}-{{ vcpu }}-{{ no }}': 'vm-2-false',
  '{{ disks[1].dev }}{{ disks.0.file }}': 'vdb/a&amp;b',
  '{% for disk in disks %}<d>{{ disk.dev }}</d>{% endfor %}': '<d>vda</d><d>vdb</d>',
  '{% for disk in disks %}{% for tag in disk.tags %}{{ disk.dev }}{{ tag }} {% endfor %}{% endfor %}': 'vdax vday ',
  '{% for one in networks %}x{% endfor %}{% for one in nothing %}y{% endfor %}': '',
  '{% for disk in disks %}{% if disk.type %}{{ disk.type }}{% else %}qcow2{% endif %},{% endfor %}': 'qcow2,raw,',
  '{% if vcpu is defined %}a{% endif %}{% if other is defined %}b{% else %}c{% endif %}': 'ac',
  '{% if other is not defined %}a{% endif %}{% if not name %}b{% endif %}{%- if not empty -%}c{%- endif -%}': 'ac',
  '{% if none %}a{% endif %}{% if zero %}b{% endif %}{% if no %}c{% endif %}{% if networks %}d{% endif %}': '',
  '{% if none is defined %}a{% endif %}{% if zero is defined %}b{% endif %}': 'b',
  'a{# {{ nobody }} {% nothing %} #}b': 'ab',
  '{% for name in disks %}{{ name.dev }}{% endfor %}{{ name }}': 'vdavdbvm',
}

const bad: Readonly<Record<string, RegExp>> = {
  '{{ nobody }}': /has no value 'nobody' to fill in$/,
  '{{ disks }}': /has no value 'disks'/,
  '{{ name | upper }}': /has no value 'name \| upper'/,
  '{{ toString }}': /has no value 'toString'/,
  '{% for a in disks %}': /'\{% endfor %\}' is missing$/,
  '{% if name %}a{% else %}': /'\{% endif %\}' is missing$/,
  '{% endfor %}': /none of the statements/,
  '{% if name == "vm" %}{% endif %}': /none of the statements/,
  '{% include "/etc/passwd" %}': /none of the statements/,
  '{% for a in name %}{% endfor %}': /'name' is no list$/,
}

describe("templates are filled as the originals' were", () => {
  for (const [template, text] of Object.entries(good)) {
    it(template, () => expect(filled(template, 'template_content', values)).to.equal(text))
  }

  for (const [template, words] of Object.entries(bad)) {
    it(`${template} is refused`, () => {
      try {
        filled(template, 'template_content', values)
      } catch (thrown) {
        expect((thrown as Fault).code).to.equal('libvirt.bad_property')
        expect((thrown as Fault).message).to.match(words)
        return
      }
      throw new Error('it was accepted')
    })
  }

  it('what a value holds is not filled again, and is no element', () => {
    const hostile = { a: '{{ name }}', b: `'/><x y='`, name: 'vm' }
    expect(filled('<n v="{{ a }}" w=\'{{ b }}\'/>', 'it', hostile)).to.equal(
      `<n v="{{ name }}" w='&apos;/&gt;&lt;x y=&apos;'/>`,
    )
  })
})
