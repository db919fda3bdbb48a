// Claim: a backup that comes to nothing on a real hypervisor leaves no file, checkpoint, pool or job of ours behind, and the
// guest writes on; one whose hypervisor's daemon died under it is whole or is refused.
import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { asFault, type Fault } from '../../../src/kernel/fault.ts'
import {
  backupApply,
  backupCut,
  backupDelete,
  backupSettle,
  backupVerify,
} from '../../../src/plugins/libvirt/backup/backup.ts'
import type { BackupPart, BackupReceipt } from '../../../src/plugins/libvirt/backup/part.ts'
import { domainNode, type DomainNode } from '../../support/libvirt-domain-node.ts'
import { agent, labUri, mend, state, virsh, writesOn } from './lab.ts'

describe('backups that come to nothing', function () {
  this.timeout(180_000)
  let folder: string
  let node: DomainNode
  let backups: string

  before(() => {
    folder = mkdtempSync(join(state, 'backup', 'nothing-'))
  })
  beforeEach(() => {
    backups = mkdtempSync(join(folder, 'test-'))
    node = domainNode(labUri(), 'lab1', { backup_dir: backups, backup_chain: 'incremental' })
  })
  afterEach(() => node[Symbol.asyncDispose]())
  after(() => rmSync(folder, { recursive: true, force: true }))

  const inputs = (name: string) => ({ snapshot_name: name, snapshot_incremental: false })
  const context = (name: string, more: Parameters<DomainNode['context']>[1] = {}) =>
    node.context('snapshot.create', { ...more, details: { key: `lab/${name}/${backups}`, ...more.details } })
  const cut = async (name: string) => (await backupCut(context(name), inputs(name))) as BackupReceipt
  const settle = async (name: string, receipt: BackupReceipt, signal?: AbortSignal) =>
    (await backupSettle(context(name, signal ? { signal } : {}), receipt, inputs(name))) as BackupPart
  const remove = (name: string, part?: BackupReceipt) => backupDelete(context(name, part ? { part } : {}), inputs(name))
  const refusal = (doing: Promise<unknown>): Promise<Fault | undefined> =>
    doing.then(
      () => undefined,
      (thrown: unknown) => asFault(thrown),
    )

  async function expectNothing(): Promise<void> {
    if (existsSync(backups)) expect(readdirSync(backups)).to.deep.equal([])
    expect(await virsh('checkpoint-list', 'lab1', '--name')).to.not.contain('fermata')
    expect(await virsh('pool-list', '--all', '--name')).to.not.contain('fermata')
    expect(await virsh('domjobinfo', 'lab1')).to.match(/None/)
    await writesOn('lab1', 2)
  }

  async function isUp(): Promise<void> {
    while ((await agent('lab1', 'guest-ping').catch(() => undefined)) === undefined) await sleep(200)
  }

  /** Where the daemon lives; it has its own view of what is mounted. */
  const daemon = (): string => readFileSync(join(state, 'libvirtd.pid'), 'utf8').trim()

  it('because the disk for them is full', async () => {
    const mount = (...words: string[]) => execFileSync('nsenter', ['-t', daemon(), '-m', ...words])
    mount('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', backups)
    try {
      const began = await refusal(cut('full').then((receipt) => settle('full', receipt)))
      expect(began?.code).to.be.oneOf(['libvirt.backup_failed', 'libvirt.call_failed'])
      expect(execFileSync('nsenter', ['-t', daemon(), '-m', 'ls', '-A', backups], { encoding: 'utf8' })).to.equal('')
    } finally {
      mount('umount', backups)
    }
    await expectNothing()
  })

  it('because they are given up', async () => {
    const receipt = await cut('given-up')
    const signal = AbortSignal.abort(new Error('given up'))
    expect((await refusal(settle('given-up', receipt, signal)))?.message).to.contain('given up')
    await remove('given-up', receipt)
    await expectNothing()
    await cut('unknown')
    await remove('unknown')
    await expectNothing()
  })

  it('because the daemon died under them, unless they are whole', async () => {
    const receipt = await cut('daemon')
    const pid = daemon()
    process.kill(Number(pid), 'SIGKILL')
    while (existsSync(`/proc/${pid}`)) await sleep(20)
    await mend()
    const settled = await settle('daemon', receipt).catch((thrown: unknown) => asFault(thrown))
    if (settled instanceof Error) expect(settled).to.include({ code: 'libvirt.backup_failed' })
    else {
      expect(await backupVerify(context('daemon'), settled)).to.include({ isUsable: true })
      await remove('daemon', settled)
    }
    await expectNothing()
  })

  it('because the domain was deleted behind our back', async () => {
    const definition = join(folder, 'lab1.xml')
    writeFileSync(definition, await virsh('dumpxml', '--inactive', 'lab1'))
    const receipt = await cut('deleted')
    try {
      await virsh('destroy', 'lab1')
      await virsh('undefine', 'lab1', '--checkpoints-metadata')
      expect((await refusal(settle('deleted', receipt)))?.code).to.equal('libvirt.backup_failed')
      expect(readdirSync(backups)).to.deep.equal([])
    } finally {
      await virsh('define', definition)
      await virsh('start', 'lab1')
      await isUp()
    }
    await expectNothing()
  })

  it('but one of a guest that is off is whole, private, and can be put back as another one', async () => {
    const running = await cut('running').then((receipt) => settle('running', receipt))
    const elsewhere = join(folder, 'elsewhere')
    mkdirSync(elsewhere)
    await virsh('shutdown', 'lab1', '--mode', 'agent')
    while (!(await virsh('domstate', 'lab1')).startsWith('shut')) await sleep(200)
    try {
      const receipt = await cut('off')
      expect([receipt.mode, receipt.consistency]).to.deep.equal(['off', 'application'])
      const part = await settle('off', receipt)
      for (const { name } of part.files)
        expect(statSync(join(backups, part.name, name)).mode & 0o777, name).to.equal(0o600)
      const given = { ...inputs('off'), restore_as: 'fermata-copy', restore_dir: elsewhere }
      await backupApply(node.context('snapshot.apply', { part }), given)
      expect(await virsh('domblklist', 'fermata-copy')).to.contain(elsewhere)
      for (const file of readdirSync(elsewhere)) execFileSync('qemu-img', ['check', join(elsewhere, file)])
      await virsh('undefine', 'fermata-copy')
      await remove('off', part)
      // Libvirt deletes no checkpoint of a guest that is off: the next backup does.
      await remove('running', running)
    } finally {
      await virsh('start', 'lab1')
      await isUp()
    }
    await remove('next', await cut('next').then((receipt) => settle('next', receipt)))
    await expectNothing()
  })

  it('and a chain of which the hypervisor lost its knowledge begins anew', async () => {
    const first = await cut('first').then((receipt) => settle('first', receipt))
    const [pid] = execFileSync('pgrep', ['-f', `guest=lab1,.*`], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .filter((one) => readFileSync(`/proc/${one}/cmdline`, 'latin1').includes(`${state}/`))
    // Killed, QEMU leaves its bitmaps marked as in use, and nobody trusts them any more.
    process.kill(Number(pid), 'SIGKILL')
    while (!(await virsh('domstate', 'lab1')).startsWith('shut')) await sleep(100)
    await virsh('start', 'lab1')
    await isUp()
    const receipt = await cut('second')
    expect([receipt.parentId, receipt.disks.map(({ mode }) => mode)]).to.deep.equal([undefined, ['full', 'full']])
    expect(receipt.remarks.join()).to.contain('not known any more')
    const second = await settle('second', receipt)
    const third = await cut('third').then((one) => settle('third', one))
    expect(third.parentId).to.equal(second.providerId)
    for (const [name, part] of Object.entries({ third, second, first })) await remove(name, part)
    await expectNothing()
  })
})
