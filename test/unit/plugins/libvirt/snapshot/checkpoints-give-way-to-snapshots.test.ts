import { expect } from 'chai'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../../../../../src/kernel/json.ts'
import type { Part } from '../../../../../src/plugins/contract/operation.ts'
import { domainNode, operations, type DomainNode } from '../../../../support/libvirt-domain-node.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { fakeLibvirtd, type FakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'
import { createCheckpoint } from '../../../../support/libvirt/model/checkpoints.ts'
import { destroy } from '../../../../support/libvirt/model/power.ts'

describe('a domain with checkpoints goes back to a snapshot', () => {
  let libvirtd: FakeLibvirtd
  let node: DomainNode

  beforeEach(async () => {
    libvirtd = await fakeLibvirtd({ domains: ['vm'], second: 20 })
    const backups = join(libvirtd.host.folder, 'backups')
    mkdirSync(backups)
    node = domainNode(libvirtd.uri, 'vm', { backup_dir: backups, backup_chain: 'incremental' })
  })
  afterEach(async () => {
    await node[Symbol.asyncDispose]()
    await libvirtd.close()
  })

  const vm = () => libvirtd.domain('vm')

  async function saved(name: string, given: JsonObject): Promise<Part> {
    const inputs = { snapshot_name: name, snapshot_mode: 'internal', ...given }
    const ctx = node.context('snapshot.create', { details: { key: `key of ${name}` } })
    return operations.snapshotCreate.settle(ctx, await operations.snapshotCreate.cut(ctx, inputs), inputs)
  }
  const snapshot = (name: string): Promise<Part> => saved(name, { snapshot_incremental: true })
  const backup = (name: string): Promise<Part> => saved(name, { snapshot_incremental: false })
  const apply = (part: Part) =>
    operations.snapshotApply.run(node.context('snapshot.apply', { part }), { snapshot_incremental: true })

  it('after those of its own backups are gone, and the next backup is a full one', async () => {
    vm().writer.write()
    const then = vm().content()
    const part = await snapshot('monday')
    const first = await backup('tuesday')
    expect(vm().checkpoints.size).to.equal(1)
    vm().writer.write()
    await apply(part)
    expect([vm().state, vm().content()]).to.deep.equal([1, then])
    expect(vm().checkpoints.size).to.equal(0)
    const next = await backup('wednesday')
    expect([first.parentId, next.parentId]).to.deep.equal([undefined, undefined])
  })

  it('not past one of somebody else, which stays, and the domain runs on', async () => {
    vm().writer.write()
    const part = await snapshot('monday')
    createCheckpoint(vm(), '<domaincheckpoint><name>nightly</name></domaincheckpoint>')
    vm().writer.write()
    const now = vm().content()
    const refused = await faultOf(apply(part))
    expect([refused.code, refused.effect]).to.deep.equal(['libvirt.not_reverted', 'none'])
    expect(refused.message).to.contain("'nightly'")
    expect([vm().state, vm().content(), vm().checkpoints.size]).to.deep.equal([1, now, 1])
  })

  it('after bitmaps that forgotten checkpoints of ours have left in the disks', async () => {
    vm().writer.write()
    const then = vm().content()
    const part = await snapshot('monday')
    vm().strayBitmaps.add('fermata-domain-vm-vm_old-sunday-0123456789ab')
    vm().writer.write()
    await apply(part)
    expect([vm().state, vm().content(), vm().strayBitmaps.size]).to.deep.equal([1, then, 0])
  })

  it('not past a bitmap that somebody else has left, and the domain runs on', async () => {
    vm().writer.write()
    const part = await snapshot('monday')
    vm().strayBitmaps.add('nightly')
    const refused = await faultOf(apply(part))
    expect([refused.code, refused.effect]).to.deep.equal(['libvirt.not_reverted', 'none'])
    expect(refused.message).to.contain("bitmap 'nightly'")
    expect([vm().state, vm().strayBitmaps.size]).to.deep.equal([1, 1])
  })

  it('not while it is off, for then they cannot be deleted', async () => {
    const part = await snapshot('monday')
    await backup('tuesday')
    destroy(vm())
    const refused = await faultOf(apply(part))
    expect(refused.message).to.contain('while the domain runs')
    expect(vm().state).to.equal(5)
  })
})
