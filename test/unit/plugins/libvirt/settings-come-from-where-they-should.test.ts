// Claim: inputs win over what is known of the instance, that over the node's properties, nothing empty wins over anything,
// and what does not fit is named.
import { expect } from 'chai'
import { Fault } from '../../../../src/kernel/fault.ts'
import type { Json, JsonObject } from '../../../../src/kernel/json.ts'
import { Reader } from '../../../../src/plugins/libvirt/reader.ts'
import { settingsOf, type LibvirtSettings } from '../../../../src/plugins/libvirt/settings.ts'

function settings(
  properties: JsonObject,
  runtimeProperties: JsonObject,
  inputs: JsonObject = {},
): Promise<LibvirtSettings> {
  const node = { id: 'vm', type: 'cloudify.libvirt.domain', typeHierarchy: [], properties }
  const instance = {
    id: 'vm_1',
    nodeId: 'vm',
    index: 1,
    hostId: undefined,
    relationships: [],
    runtimeProperties: { ...runtimeProperties },
  }
  return settingsOf({ node, instance, evaluate: async (value) => value }, inputs)
}

function refusal(work: () => unknown): string {
  try {
    work()
  } catch (thrown) {
    expect(thrown).to.be.instanceOf(Fault)
    return (thrown as Fault).message
  }
  throw new Error('it was accepted')
}

describe('settings come from where they should', () => {
  const properties = { libvirt_auth: 'qemu:///property', resource_id: '', params: { name: 'p', vcpu: 1, nvram: null } }

  it('of a node that nothing is known of yet', async () => {
    const { uri, resourceId, isExternal, backupDir, params } = await settings(properties, {})
    expect([uri, resourceId, isExternal, backupDir]).to.deep.equal(['qemu:///property', undefined, false, './'])
    expect(params).to.deep.equal({ name: 'p', vcpu: 1 })
    expect((await settings({}, {})).uri).to.equal('qemu:///system')
  })

  it('what is known of the instance wins, and params are merged one by one', async () => {
    const runtime = {
      libvirt_auth: 'qemu:///runtime',
      resource_id: 'vm',
      params: { vcpu: 2, disks: [] },
      use_external_resource: true,
    }
    const found = await settings(properties, runtime)
    expect([found.uri, found.resourceId, found.isExternal]).to.deep.equal(['qemu:///runtime', 'vm', true])
    expect(found.params).to.deep.equal({ name: 'p', vcpu: 2, disks: [] })
  })

  it('inputs win over both; empty ones say nothing', async () => {
    const runtime = { libvirt_auth: 'qemu:///runtime', resource_id: 'vm', params: { vcpu: 2 } }
    const inputs = {
      libvirt_auth: '',
      resource_id: 'other',
      params: { vcpu: 3, name: '' },
      use_external_resource: 'True',
    }
    const found = await settings(properties, runtime, inputs)
    expect([found.uri, found.resourceId, found.isExternal]).to.deep.equal(['qemu:///runtime', 'other', true])
    expect(found.params).to.deep.equal({ name: 'p', vcpu: 3 })
  })

  it('options are the properties with inputs over them, and nothing of the instance', async () => {
    const found = await settings(
      { suspend_mode: 'pause', stop_timeout: 5 },
      { suspend_mode: 'x' },
      { stop_timeout: '7.5' },
    )
    expect(found.options.text('suspend_mode')).to.equal('pause')
    expect(found.options.seconds('stop_timeout')).to.equal(7500)
  })

  const wrong: readonly (readonly [string, Json, (reader: Reader) => unknown, RegExp])[] = [
    ['a text', ['a'], (reader) => reader.text('it'), /'a\.it': expected a text$/],
    ['a text with a zero', 'a\0', (reader) => reader.text('it'), /expected a text$/],
    ['a path', './a', (reader) => reader.path('it'), /absolute path/],
    ['a word', 'c', (reader) => reader.oneOf('it', ['a', 'b']), /one of a, b$/],
    ['a whole number', '1.5', (reader) => reader.integer('it'), /whole number of at least 0$/],
    ['a number in bounds', 9, (reader) => reader.integer('it', 1, 8), /from 1 to 8$/],
    ['a boolean', 'maybe', (reader) => reader.boolean('it'), /true or false$/],
    ['seconds', -1, (reader) => reader.seconds('it'), /seconds, from 0 to 86400$/],
    ['texts', ['a', 1], (reader) => reader.texts('it'), /a list of texts$/],
    ['a mapping', [], (reader) => reader.below('it'), /expected a mapping$/],
    ['a list', {}, (reader) => reader.list('it'), /expected a list of mappings$/],
    ['a list of mappings', [{}, 'b'], (reader) => reader.list('it'), /'a\.it\[1\]': expected a mapping$/],
    ['something', '', (reader) => reader.required('it', reader.text), /it is missing$/],
  ]
  for (const [what, value, read, words] of wrong) {
    it(`${what} that is none is refused by its path`, () => {
      expect(refusal(() => read(new Reader({ it: value }, 'a')))).to.match(words)
    })
  }

  it('what fits is read in the ways in which blueprints write it', () => {
    const reader = new Reader({ hex: '0x1f', text: 12, one: 'a', none: null, yes: 'true', below: { list: [{ a: 1 }] } })
    expect(reader.integer('hex')).to.equal(31)
    expect(reader.text('text')).to.equal('12')
    expect(reader.texts('one')).to.deep.equal(['a'])
    expect(reader.texts('none')).to.deep.equal([])
    expect(reader.boolean('yes')).to.equal(true)
    expect(reader.below('below').list('list')[0]?.pathOf('a')).to.equal('below.list[0].a')
    expect(reader.text('toString')).to.equal(undefined)
  })
})
