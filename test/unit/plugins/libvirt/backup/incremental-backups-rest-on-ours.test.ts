import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import { backingOf, linked } from '../../../../../src/plugins/libvirt/backup/link.ts'
import { backupSite, type BackupSite } from '../../../../support/libvirt-backups.ts'
import { Checkpoint } from '../../../../support/libvirt/model/checkpoints.ts'
import { destroy, start } from '../../../../support/libvirt/model/power.ts'

describe('incremental backups', () => {
  let site: BackupSite
  const writes = (count: number): void => {
    for (let number = 0; number < count; number += 1) site.domain.writer.write()
  }
  const open = async (properties: JsonObject = {}, domain = {}): Promise<void> => {
    site = await backupSite(domain, { backup_chain: 'incremental', ...properties })
  }
  const checkpoints = (): string[] => [...site.domain.checkpoints.keys()]
  afterEach(() => site[Symbol.asyncDispose]())

  it('hold what changed, rest on the one before, and say so', async () => {
    await open()
    writes(3)
    const first = await site.backup('one')
    writes(1)
    const then = site.domain.content('vda')
    const second = await site.backup('two')
    expect([first.parentId, second.parentId]).to.deep.equal([undefined, first.providerId])
    expect(second.ancestors).to.deep.equal([{ name: first.name, digest: first.digest }])
    const own = readFileSync(join(site.folder, second.name, 'vda.qcow2'))
    expect(backingOf(own)).to.equal(`../${first.name}/vda.qcow2`)
    expect(own.toString('latin1')).to.contain('record 4').and.not.contain('record 2')
    expect(site.saved(second)).to.equal(then)
    expect(checkpoints()).to.have.lengthOf(2)
  })

  it('are made only when asked for: a full backup leaves nothing in the guest’s disks', async () => {
    site = await backupSite()
    await site.backup('one')
    const second = await site.backup('two')
    expect(second.parentId).to.equal(undefined)
    expect(checkpoints()).to.deep.equal([])
  })

  it('begin again with everything after as many as are wanted', async () => {
    await open({ max_chain: 2 })
    const parts = []
    for (const name of ['one', 'two', 'three', 'four', 'five']) parts.push(await site.backup(name))
    expect(parts.map(({ ancestors }) => ancestors.length)).to.deep.equal([0, 1, 2, 0, 1])
  })

  it('become full ones, and warn, when what changed is not known any more', async () => {
    await open()
    const first = await site.backup('one')
    for (const point of site.domain.checkpoints.values()) point.isBroken = true
    writes(2)
    const receipt = await site.cut('two')
    expect(site.node.lines.join('\n')).to.match(/WARNING: 'vm': a full backup, because .*missing or broken bitmap/)
    const second = await site.settle('two', receipt)
    expect([second.parentId, second.ancestors, second.disks[0]?.mode]).to.deep.equal([undefined, [], 'full'])
    expect(second.remarks.join()).to.contain('broken bitmap')
    expect(site.saved(second)).to.equal(site.domain.content('vda'))
    expect((await site.backup('three')).parentId, 'the next one rests on it').to.equal(second.providerId)
    expect((await site.verify(first)).isUsable).to.equal(true)
  })

  it('become full ones when somebody deleted the checkpoint of the one before', async () => {
    await open()
    await site.backup('one')
    site.domain.checkpoints.clear()
    expect((await site.backup('two')).parentId).to.equal(undefined)
  })

  it('go on beside checkpoints of somebody else, and leave them alone', async () => {
    await open()
    const first = await site.backup('one')
    site.domain.checkpoints.set('nightly', new Checkpoint(site.domain, 'nightly', undefined, ['vda', 'vdb']))
    writes(2)
    const second = await site.backup('two')
    expect(second.parentId).to.equal(first.providerId)
    expect(site.saved(second)).to.equal(site.domain.content('vda'))
    await site.remove('two', second)
    await site.remove('one', first)
    expect(checkpoints()).to.deep.equal(['nightly'])
  })

  it('save disks that cannot track changes as a whole, each time', async () => {
    await open({}, { disks: ['vda', { target: 'vdb', format: 'raw' }] })
    await site.backup('one')
    const second = await site.backup('two')
    expect(second.disks.map(({ target, mode }) => [target, mode])).to.deep.equal([
      ['vda', 'incremental'],
      ['vdb', 'full'],
    ])
    expect(site.saved(second, 'vdb')).to.equal(site.domain.content('vdb'))
  })

  it('rest on the one before the last, when the last was deleted', async () => {
    await open()
    const first = await site.backup('one')
    writes(1)
    const second = await site.backup('two')
    writes(1)
    await site.remove('two', second)
    const third = await site.backup('three')
    expect(third.parentId).to.equal(first.providerId)
    expect(site.saved(third)).to.equal(site.domain.content('vda'))
  })

  it('are deleted also while the domain is off; their checkpoint goes with the next backup', async () => {
    await open()
    const first = await site.backup('one')
    destroy(site.domain)
    await site.remove('one', first)
    expect(site.left()).to.deep.equal([])
    expect(site.node.lines.join('\n')).to.contain('is deleted with the next backup')
    expect(checkpoints()).to.deep.equal([first.checkpoint])
    start(site.domain, 0)
    const second = await site.backup('two')
    expect(checkpoints()).to.deep.equal([second.checkpoint])
  })

  it('of a domain that is off are whole, and the chain goes on when it runs again', async () => {
    await open()
    const first = await site.backup('one')
    destroy(site.domain)
    const off = await site.backup('off')
    expect([off.parentId, off.checkpoint, off.remarks]).to.deep.equal([
      undefined,
      null,
      ['a full backup, because the domain is off'],
    ])
    start(site.domain, 0)
    expect((await site.backup('two')).parentId).to.equal(first.providerId)
  })

  it('begin a new chain when they are to lie elsewhere', async () => {
    await open()
    await site.backup('one')
    const second = await site.backup('two', { inputs: { backup_dir: join(site.folder, 'other') } })
    expect([second.parentId, second.remarks]).to.deep.equal([
      undefined,
      ['a full backup, because the backups before it lie in another place'],
    ])
  })

  it('have their link written into the header, with all else in it kept', async () => {
    site = await backupSite()
    const head = Buffer.alloc(65_536)
    head.writeUInt32BE(0x514649fb, 0)
    head.writeUInt32BE(3, 4)
    head.writeUInt32BE(16, 20)
    head.writeUInt32BE(112, 100)
    const features = Buffer.alloc(56)
    features.writeUInt32BE(0x6803f857, 0)
    features.writeUInt32BE(48, 4)
    features.write('dirty bit', 8)
    features.copy(head, 112)
    const once = linked('vda.qcow2', head, '../a/vda.qcow2')
    expect(backingOf(once)).to.equal('../a/vda.qcow2')
    expect(once.includes(features)).to.equal(true)
    const twice = linked('vda.qcow2', Buffer.concat([once, Buffer.alloc(65_536 - once.length)]), '../longer/vda.qcow2')
    expect(backingOf(twice)).to.equal('../longer/vda.qcow2')
    expect(twice.includes(features)).to.equal(true)
    expect(() => linked('vda.qcow2', Buffer.alloc(65_536), 'a')).to.throw(/no qcow2 image/)
    expect(() => linked('vda.qcow2', head, 'a'.repeat(2000))).to.throw(/no room/)
    head.writeUInt32BE(1_000_000, 116)
    expect(() => linked('vda.qcow2', head, 'a')).to.throw(/cut short/)
  })
})
