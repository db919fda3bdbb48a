// Claim: the blueprint libvirt-two-tier saves two guests at one instant: what one sent is what the other keeps.
import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { blueprintPath, openCliSite, type CliSite } from '../../support/cli.ts'
import { holdCollector, startCollector } from './collector.ts'
import { givingBack, inGuest, labUri, state } from './lab.ts'

interface BackupJson {
  readonly status: string
  readonly partList: readonly { readonly instanceId: string; readonly consistency: string }[]
}

describe('libvirt-two-tier on two guests', () => {
  let cli: CliSite
  let folder: string
  const owed: (() => Promise<void>)[] = []
  before(async () => {
    for (const guest of ['lab1', 'lab2']) owed.push(await givingBack(guest))
    cli = await openCliSite()
    folder = mkdtempSync(join(state, 'backup', 'two-tier-'))
    const address = await startCollector('lab1', 'lab2')
    await cli.ok('blueprints', 'upload', '-b', 'two', blueprintPath('libvirt-two-tier'))
    const inputs = {
      hypervisor: labUri(),
      backup_dir: folder,
      collector_guest: 'lab1',
      records_guest: 'lab2',
      collector_address: address,
    }
    const given = Object.entries(inputs).flatMap(([name, value]) => ['-i', `${name}=${value}`])
    await cli.ok('executions', 'start', 'install', '-b', 'two', ...given)
  })
  after(async () => {
    await cli.close()
    for (const giveBack of owed) await giveBack()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is a full backup of both, in which nothing was under way', async () => {
    const full = ['-p', 'snapshot_name=monday', '-p', 'snapshot_incremental=false']
    await cli.ok('executions', 'start', 'backup', '-d', 'two', ...full)
    const backup = await cli.json<BackupJson>('backups', 'get', 'monday')
    expect(backup.status).to.equal('good')
    // What runs in the first was told to pause; of the second only its file systems were.
    const labels = backup.partList.map(
      ({ instanceId, consistency }) => `${instanceId.replace(/_\w{6}$/, '')} ${consistency}`,
    )
    expect(labels).to.have.members(['collector_vm application', 'records_vm filesystem'])
    const [sent, records] = [await saved('lab1', 'sent'), await saved('lab2', 'records')]
    expect(sent).to.have.lengthOf.above(3)
    expect(records).to.deep.equal(sent)
    const [before, now] = [sent.length, (await inGuest('lab1', 'wc -l < /data/sent')).trim()]
    expect(Number(now), 'the collector goes on').to.be.above(before)
  })

  it('is brought back together', async () => {
    const full = ['-p', 'snapshot_name=monday', '-p', 'snapshot_incremental=false']
    const then = await saved('lab1', 'sent')
    await cli.ok('executions', 'start', 'restore', '-d', 'two', ...full)
    await holdCollector('lab1')
    const [sent, records] = [await inGuest('lab1', 'cat /data/sent'), await inGuest('lab2', 'cat /data/records')]
    expect(sent.trim().split('\n').slice(0, then.length)).to.deep.equal(then)
    expect(records).to.equal(sent)
  })

  /** Lines of a file on the first disk, out of the image in the backup. */
  async function saved(guest: string, file: string): Promise<readonly string[]> {
    const image = readdirSync(folder, { recursive: true, withFileTypes: true })
      .map((entry) => join(entry.parentPath, entry.name))
      .find((path) => path.includes(guest) && path.endsWith('vda.qcow2'))
    if (image === undefined)
      throw new Error(`no image of ${guest} below ${folder}: ${readdirSync(folder, { recursive: true }).join(' ')}`)
    const raw = join(folder, `${guest}.raw`)
    execFileSync('qemu-img', ['convert', '-O', 'raw', image, raw])
    const text = execFileSync('debugfs', ['-R', `cat /${file}`, raw], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    rmSync(raw)
    return text.trim().split('\n')
  }
})
