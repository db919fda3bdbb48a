import { expect } from 'chai'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { asFault, type Fault } from '../../../../../src/kernel/fault.ts'
import type { Json, JsonObject } from '../../../../../src/kernel/json.ts'
import type { Part } from '../../../../../src/plugins/contract/operation.ts'
import { domainNode, operations, type DomainNode } from '../../../../support/libvirt-domain-node.ts'
import { destroy } from '../../../../support/libvirt/model/power.ts'
import { fakeLibvirtd, type FakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'

describe('snapshots of a domain', () => {
  let libvirtd: FakeLibvirtd
  let node: DomainNode

  beforeEach(async () => {
    libvirtd = await fakeLibvirtd({ domains: [{ name: 'vm', disks: ['vda', 'vdb'] }], second: 20 })
    node = domainNode(libvirtd.uri, 'vm')
  })
  afterEach(async () => {
    await node[Symbol.asyncDispose]()
    await libvirtd.close()
  })

  const vm = () => libvirtd.domain('vm')
  const contents = (): readonly string[] => ['vda', 'vdb'].map((target) => vm().content(target))
  const inputsOf = (name: string, mode: string): JsonObject => ({
    snapshot_name: name,
    snapshot_incremental: true,
    snapshot_mode: mode,
  })

  async function cut(name: string, mode = 'external', details: JsonObject = {}): Promise<Part> {
    const ctx = node.context('snapshot.create', { details: { key: `key of ${name}`, ...details } })
    const receipt = await operations.snapshotCreate.cut(ctx, inputsOf(name, mode))
    return operations.snapshotCreate.settle(ctx, receipt, inputsOf(name, mode))
  }
  const apply = (part: Json, details: JsonObject = {}) =>
    operations.snapshotApply.run(node.context('snapshot.apply', { part, details }), { snapshot_incremental: true })
  const remove = (part: Json | undefined, given: JsonObject = {}, details: JsonObject = {}) =>
    operations.snapshotDelete.run(
      node.context('snapshot.delete', { ...(part === undefined ? {} : { part }), details }),
      { snapshot_incremental: true, ...given },
    )
  const verify = (part: Part) => operations.snapshotCreate.verify?.(node.context('snapshot.verify'), part)
  const refusal = (work: Promise<unknown>): Promise<Fault> =>
    work.then(
      () => expect.fail('it went through'),
      (thrown: unknown) => asFault(thrown),
    )
  const write = (): void => {
    for (let line = 0; line < 3; line += 1) vm().writer.write()
  }
  const files = (): readonly string[] => readdirSync(libvirtd.folder).toSorted()
  const snapshots = (): readonly string[] => [...vm().snapshots.keys()].toSorted()
  const good = { isUsable: true, isMissing: false, reason: null }

  for (const mode of ['external', 'internal']) {
    it(`bring back what was on all disks at the cut (${mode})`, async () => {
      write()
      const then = contents()
      const part = await cut('monday', mode)
      expect([part['mode'], part.kind]).to.deep.equal([mode, 'libvirt.snapshot'])
      write()
      expect(contents()).not.to.deep.equal(then)
      expect(await verify(part)).to.deep.equal(good)
      await apply(part)
      expect(contents()).to.deep.equal(then)
      expect(vm().state).to.equal(1)
      write()
      expect(await verify(part)).to.deep.equal(good)
      await apply(part, { key: 'another restore' })
      expect(contents()).to.deep.equal(then)
    })

    it(`are deleted without a trace (${mode})`, async () => {
      const before = files()
      const part = await cut('monday', mode)
      write()
      const now = contents()
      await remove(part)
      expect([snapshots(), files()]).to.deep.equal([[], before])
      expect(contents()).to.deep.equal(now)
      await remove(part)
      expect(await verify(part)).to.include({ isUsable: false, isMissing: true })
      expect((await refusal(apply(part))).code).to.equal('libvirt.snapshot_missing')
    })
  }

  it('may be put back to an older one, and still to the newer one after that', async () => {
    const before = files()
    write()
    const [first, one] = [contents(), await cut('one')]
    write()
    const [second, two] = [contents(), await cut('two')]
    write()
    await apply(one)
    expect(contents()).to.deep.equal(first)
    write()
    await apply(two, { key: 'restore of two' })
    expect(contents()).to.deep.equal(second)
    await remove(one)
    expect(contents(), 'the older one is gone').to.deep.equal(second)
    expect(await verify(two)).to.deep.equal(good)
    await remove(two)
    expect(contents()).to.deep.equal(second)
    expect(snapshots()).to.deep.equal([])
    expect(files().filter((name) => !before.includes(name)).length, 'nothing but what the disks rest on').to.be.at.most(
      4,
    )
  })

  it('leave those alone that rest on them', async () => {
    const one = await cut('one')
    write()
    const [second, two] = [contents(), await cut('two')]
    await apply(one)
    await remove(one)
    await apply(two, { key: 'restore of two' })
    expect(contents()).to.deep.equal(second)
  })

  it('of a name that somebody else has taken are refused, and never deleted', async () => {
    const theirs = domainNode(libvirtd.uri, 'vm')
    const ctx = theirs.context('snapshot.create', { details: { key: 'theirs' } })
    await operations.snapshotCreate.cut(ctx, inputsOf('monday', 'external'))
    const problem = await refusal(cut('monday'))
    expect([problem.code, problem.effect]).to.deep.equal(['libvirt.snapshot_taken', 'none'])
    // What is taken back after a failure goes by the key.
    await remove(undefined, { snapshot_name: 'monday' }, { key: 'key of monday' })
    expect(snapshots()).to.deep.equal(['vm_1-monday'])
    await theirs[Symbol.asyncDispose]()
  })

  it('are made once, though the answer is lost', async () => {
    libvirtd.faults.drop('DOMAIN_SNAPSHOT_CREATE_XML', 'after')
    const part = await cut('monday')
    expect(libvirtd.calls.filter((name) => name === 'DOMAIN_SNAPSHOT_CREATE_XML')).to.have.lengthOf(1)
    expect(await verify(part)).to.deep.equal(good)
  })

  const loseTrack = async (): Promise<void> => {
    libvirtd.faults.drop('DOMAIN_SNAPSHOT_CREATE_XML', 'after')
    libvirtd.faults.fail('DOMAIN_SNAPSHOT_LOOKUP_BY_NAME', { code: 38 }, { times: 2 })
    const problem = await refusal(cut('monday'))
    expect(problem.effect).to.equal('unknown')
    libvirtd.faults.clear()
    expect(snapshots()).to.deep.equal(['vm_1-monday'])
  }

  it('are found by the next attempt when nobody could look', async () => {
    await loseTrack()
    const part = await cut('monday', 'external', { attempt: 2, inDoubt: true })
    expect(snapshots()).to.deep.equal(['vm_1-monday'])
    expect(await verify(part)).to.deep.equal(good)
  })

  it('are taken back by the operation that made them, whose answer nobody has', async () => {
    const before = files()
    await loseTrack()
    await remove(undefined, { snapshot_name: 'monday' }, { key: 'key of monday' })
    expect([snapshots(), files()]).to.deep.equal([[], before])
  })

  it('touch nothing while a file that they rest on is missing', async () => {
    const part = await cut('monday')
    destroy(vm())
    rmSync(`${libvirtd.folder}/vm-vdb.qcow2`)
    const check = await verify(part)
    expect(check?.isUsable).to.equal(false)
    expect(check?.reason).to.contain('vm-vdb.qcow2')
    const problem = await refusal(apply(part))
    expect([problem.code, problem.effect]).to.deep.equal(['libvirt.snapshot_damaged', 'none'])
    expect(libvirtd.calls).not.to.include('DOMAIN_DEFINE_XML_FLAGS')
  })

  it('leave the domain as it was when it cannot be started from them', async () => {
    const part = await cut('monday')
    write()
    const now = contents()
    libvirtd.faults.fail('DOMAIN_CREATE_WITH_FLAGS', { code: 38, message: 'no memory' })
    await refusal(apply(part))
    expect(vm().state, 'it runs').to.equal(1)
    expect(contents()).to.deep.equal(now)
    const then = await verify(part)
    expect(then).to.deep.equal(good)
  })

  it('are put back by a later attempt when the first was cut short while the domain was off', async () => {
    write()
    const then = contents()
    const part = await cut('monday')
    write()
    libvirtd.faults.drop('DOMAIN_DEFINE_XML_FLAGS', 'before', { times: 3 })
    await refusal(apply(part))
    expect(vm().state, 'it is off').to.equal(5)
    libvirtd.faults.clear()
    await apply(part, { attempt: 2, inDoubt: true })
    expect(vm().state, 'it runs as before').to.equal(1)
    expect(contents()).to.deep.equal(then)
    expect(node.runtimeProperties).not.to.have.property('snapshot_restore')
  })

  it('are put back under another key when the first attempt died, with nothing left of that', async () => {
    write()
    const then = contents()
    const part = await cut('monday')
    const before = files()
    write()
    // It dies with its new layers on, before libvirt is told of them: nor does its undoing come through.
    libvirtd.faults.drop('DOMAIN_CREATE_WITH_FLAGS', 'before', { times: 3 })
    libvirtd.faults.drop('DOMAIN_DEFINE_XML_FLAGS', 'before', { nth: 2, times: 3 })
    await refusal(apply(part, { key: 'first lease' }))
    expect(vm().state, 'it is off').to.equal(5)
    libvirtd.faults.clear()
    await apply(part, { key: 'second lease' })
    expect(vm().state, 'it runs as before').to.equal(1)
    expect(contents()).to.deep.equal(then)
    expect(files()).to.have.length(before.length)
  })

  it('leave a domain off that was off', async () => {
    destroy(vm())
    const then = contents()
    const part = await cut('monday')
    await apply(part)
    expect(vm().state).to.equal(5)
    expect(contents()).to.deep.equal(then)
  })

  it('inside of a disk are refused to turn back what a layer rests on', async () => {
    const inside = await cut('inside', 'internal')
    await cut('outside')
    const problem = await refusal(apply(inside))
    expect([problem.code, problem.effect]).to.deep.equal(['libvirt.snapshot_in_use', 'none'])
  })

  it('are not quiesced again while we hold the freeze, nor checked against the schema', async () => {
    await operations.freeze.freeze(node.context('freeze.fs_prepare'), inputsOf('monday', 'auto'))
    const before = libvirtd.calls.length
    const ctx = node.context('snapshot.create', { details: { key: 'key of monday' } })
    const receipt = await operations.snapshotCreate.cut(ctx, inputsOf('monday', 'auto'))
    expect(libvirtd.calls.slice(before), 'one call while the guest stands still').to.deep.equal([
      'DOMAIN_SNAPSHOT_CREATE_XML',
    ])
    expect(vm().isFrozen).to.equal(true)
    await operations.thaw.thaw(node.context('freeze.fs_finalize'), {})
    expect(receipt['mode']).to.equal('external')
  })

  it('put on layers that lie ready, and leave none of them that was not used', async () => {
    const before = files()
    const freeze = () => operations.freeze.freeze(node.context('freeze.fs_prepare'), inputsOf('monday', 'auto'))
    const thaw = () => operations.thaw.thaw(node.context('freeze.fs_finalize'), {})
    await freeze()
    expect(files(), 'they are made before it stands still').to.have.lengthOf(before.length + 2)
    await thaw()
    expect(files(), 'nobody has cut').to.deep.equal(before)
    await freeze()
    const ready = files()
    const part = await cut('monday', 'auto')
    expect(files(), 'the cut makes none').to.deep.equal(ready)
    await thaw()
    expect(await verify(part)).to.deep.equal(good)
    await remove(part)
    expect([snapshots(), files()]).to.deep.equal([[], before])
  })

  it('leave no layer that was made ready by a process that is dead', async () => {
    const before = files()
    const dead = domainNode(libvirtd.uri, 'vm')
    await operations.freeze.freeze(dead.context('freeze.fs_prepare'), inputsOf('monday', 'auto'))
    expect(files()).to.have.lengthOf(before.length + 2)
    Object.assign(node.runtimeProperties, dead.runtimeProperties)
    await operations.thaw.thaw(node.context('freeze.fs_finalize'), {})
    expect(files()).to.deep.equal(before)
    expect(node.runtimeProperties).to.deep.equal({})
    await dead[Symbol.asyncDispose]()
  })

  it('of both kinds are deleted in the order that keeps each usable', async () => {
    const before = files()
    const inside = await cut('inside', 'internal')
    write()
    // libvirt does not delete a layer whose parent is of the other kind: it is merged by a block job then.
    const outside = await cut('outside')
    write()
    const later = await cut('later')
    write()
    const now = contents()
    await remove(outside)
    expect(contents()).to.deep.equal(now)
    expect(await verify(later)).to.deep.equal(good)
    await remove(later)
    expect([contents(), files()]).to.deep.equal([now, before])
    expect(await verify(inside)).to.deep.equal(good)
    await remove(inside)
    expect(snapshots()).to.deep.equal([])
  })

  it('go by the uuid that was recorded, not by what is called so today', async () => {
    const part = await cut('monday')
    const other = { ...part, uuid: '11111111-2222-4333-8444-555555555555' }
    expect((await refusal(apply(other))).code).to.equal('libvirt.missing')
    await remove(other)
    expect(snapshots()).to.deep.equal(['vm_1-monday'])
    expect(await verify(other as Part)).to.include({ isMissing: true })
  })

  it('of another operation under the recorded name stay', async () => {
    const part = await cut('monday')
    await remove({ ...part, key: 'another' })
    expect(snapshots()).to.deep.equal(['vm_1-monday'])
    expect(existsSync(libvirtd.folder)).to.equal(true)
  })
})
