import { expect } from 'chai'
import { eventKinds } from '../../../../../src/plugins/libvirt/client/events.ts'
import { procedures, type AnyProcedure } from '../../../../../src/plugins/libvirt/client/procedures.ts'
import { domain, parameters, remoteError, valuesOf } from '../../../../../src/plugins/libvirt/client/structs.ts'
import {
  chars,
  i32,
  i64,
  list,
  nullable,
  opaque,
  str,
  struct,
  uuid,
  XdrReader,
  XdrWriter,
  type Fields,
  type XdrStruct,
  type XdrType,
} from '../../../../../src/plugins/libvirt/client/xdr.ts'
import { simulatedWorld } from '../../../../../src/world/simulated-world.ts'
import { someDomain } from './scripted-daemon.ts'

function bytesOf<Value>(type: Pick<XdrType<Value>, 'write'>, value: Value): Buffer {
  const to = new XdrWriter()
  type.write(to, value)
  return Buffer.from(to.written)
}

const hex = <Value>(type: XdrType<Value>, value: Value): string => bytesOf(type, value).toString('hex')

describe('libvirt client: values', () => {
  it('are laid out as XDR says, and read back', () => {
    const cases: readonly (readonly [XdrType<never>, unknown, string])[] = [
      [i32 as never, -1, 'ffffffff'],
      [i64 as never, -2n, 'fffffffffffffffe'],
      [str as never, 'abcde', '00000005' + '6162636465000000'],
      [str as never, 'Zürich', '00000007' + '5ac3bc7269636800'],
      [opaque as never, Buffer.from([1, 2]), '00000002' + '01020000'],
      [nullable(str) as never, null, '00000000'],
      [nullable(str) as never, '', '00000001' + '00000000'],
      [list(i32) as never, [1, 2], '00000002' + '00000001' + '00000002'],
      [uuid as never, '0000000a-1ab0-4000-8000-000000000001', '0000000a1ab040008000000000000001'],
      [chars(4) as never, 'x86', '00000078' + '00000038' + '00000036' + '00000000'],
    ]
    for (const [type, value, bytes] of cases) {
      expect(hex(type, value as never)).to.equal(bytes)
      expect(type.read(new XdrReader(Buffer.from(bytes, 'hex')))).to.deep.equal(value)
    }
  })

  it('that may be left out are written as what they are then', () => {
    const { args } = procedures.DOMAIN_BACKUP_BEGIN
    const left = bytesOf(args, { dom: someDomain, backup_xml: '<x/>' })
    expect(left).to.deep.equal(bytesOf(args, { dom: someDomain, backup_xml: '<x/>', checkpoint_xml: null, flags: 0 }))
    expect(args.read(new XdrReader(left))).to.deep.equal({
      dom: someDomain,
      backup_xml: '<x/>',
      checkpoint_xml: null,
      flags: 0,
    })
  })

  it('say their type themselves where they are parameters', () => {
    const given = [
      { field: 'a', type: 'i32', value: -1 },
      { field: 'b', type: 'u32', value: 4_294_967_295 },
      { field: 'c', type: 'i64', value: -1n },
      { field: 'd', type: 'u64', value: 18_446_744_073_709_551_615n },
      { field: 'e', type: 'f64', value: 0.5 },
      { field: 'f', type: 'bool', value: true },
      { field: 'g', type: 'str', value: 'text' },
    ] as const
    const read = parameters.read(new XdrReader(bytesOf(parameters, given)))
    expect(read).to.deep.equal(given)
    expect(valuesOf(read)).to.include({ a: -1, e: 0.5, f: true, g: 'text' })
    const strange = Buffer.from('000000010000000161000000' + '00000009', 'hex')
    expect(() => parameters.read(new XdrReader(strange))).to.throw("parameter 'a' is of type 9")
  })

  it('that claim to be longer than what came, or than libvirt allows, are refused without making room for them', () => {
    const claims: readonly (readonly [XdrType<never>, string])[] = [
      [str as never, '00400001'],
      [str as never, '00000008' + '61626364'],
      [list(domain as never, 10) as never, '0000000b'],
      [list(i32, 0xffffffff) as never, 'ffffffff'],
      [opaque as never, 'ffffffff'],
      [i64 as never, '00000000'],
    ]
    for (const [type, bytes] of claims)
      expect(() => type.read(new XdrReader(Buffer.from(bytes, 'hex'))), bytes).to.throw('cannot be understood')
    expect(() => bytesOf(str, 'x'.repeat(4_194_305))).to.throw('a text of 4194305')
    expect(() => bytesOf(uuid, 'no uuid')).to.throw("'no uuid' is no UUID")
  })

  it('that a newer peer appended are passed over', () => {
    const { returns } = procedures.DOMAIN_GET_STATE
    const bytes = Buffer.concat([bytesOf(returns, { state: 1, reason: 5 }), Buffer.from('newer')])
    expect(returns.read(new XdrReader(bytes))).to.deep.equal({ state: 1, reason: 5 })
  })

  it('of any call and event are never misread into a crash or a hang, whatever bytes they are', () => {
    const random = simulatedWorld(11)
    const bytes = (): Buffer => Buffer.from(random.randomText(160, '0123456789abcdef'), 'hex')
    const structs: readonly XdrStruct<Fields>[] = [
      ...Object.values(procedures).flatMap((procedure: AnyProcedure) => [procedure.args, procedure.returns]),
      ...Object.values(eventKinds).map(({ body }) => body as XdrStruct<Fields>),
      remoteError as XdrStruct<Fields>,
    ]
    let refused = 0
    for (const one of structs) {
      for (let round = 0; round < 20; round++) {
        // Small numbers get further than large ones.
        const given = bytes().map((byte, index) => (index % 4 === 3 ? byte % 3 : round % 2 === 0 ? 0 : byte))
        try {
          one.read(new XdrReader(Buffer.from(given)))
        } catch (problem) {
          expect(problem).to.include({ code: 'libvirt.bad_message' })
          refused++
        }
      }
    }
    expect(refused).to.be.above(500)
  })

  it('have one number each, in the table of calls', () => {
    const numbers = Object.values(procedures).map(({ program, number }) => `${program} ${number}`)
    expect(new Set(numbers).size).to.equal(numbers.length)
    expect(struct({}).read(new XdrReader(Buffer.alloc(0)))).to.deep.equal({})
  })
})
