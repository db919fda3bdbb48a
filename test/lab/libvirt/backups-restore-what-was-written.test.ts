// Claim: a full backup and those that rest on it each bring back what the guest had written at their cut: it boots, its
// file systems are sound, and not a line is missing or too many.
import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCliSite, type CliSite } from '../../support/cli.ts'
import { agent, figure, givingBack, inGuest, labUri, state, virsh, writesOn, written } from './lab.ts'

const blueprint = `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-libvirt-plugin']
inputs: { hypervisor: {}, backup_dir: {} }
node_templates:
  vm:
    type: cloudify.nodes.libvirt.Domain
    properties:
      use_external_resource: true
      resource_id: lab1
      libvirt_auth: { get_input: hypervisor }
      backup_dir: { get_input: backup_dir }
      backup_chain: incremental
`
const names = ['sunday', 'monday', 'tuesday'] as const

interface Saved {
  /** Numbers of the writer's lines before and after the backup, by the console. */
  readonly from: number
  readonly to: number
  /** What is in the image: the writer's lines, and its last number on each disk. */
  readonly lines: readonly number[]
  readonly last: readonly number[]
}

describe('backups of a guest that writes', function () {
  this.timeout(300_000)
  let cli: CliSite
  let folder: string
  let giveBack: () => Promise<void>
  const saved = new Map<string, Saved>()

  before(async () => {
    cli = await openCliSite()
    folder = mkdtempSync(join(state, 'backup', 'written-'))
    giveBack = await givingBack('lab1')
    // An earlier run may have left its files on the disks that the guest has now.
    await inGuest('lab1', 'rm -f /data/*day && sync')
    // So that a disk holds much more than what changes between two backups.
    await inGuest('lab1', 'dd if=/dev/urandom of=/data/ballast bs=64k count=256 2>/dev/null && sync')
    const path = await cli.write({ 'guest.yaml': blueprint })
    await cli.ok('blueprints', 'upload', '-b', 'guest', path)
    const inputs = ['-i', `hypervisor=${labUri()}`, '-i', `backup_dir=${folder}/backups`]
    await cli.ok('executions', 'start', 'install', '-b', 'guest', ...inputs)
  })
  after(async () => {
    await cli.close()
    await giveBack()
    rmSync(folder, { recursive: true, force: true })
  })

  const full = (name: string): string[] => [
    '-d',
    'guest',
    '-p',
    `snapshot_name=${name}`,
    '-p',
    'snapshot_incremental=false',
  ]

  it('hold what it had written on all its disks, and its file systems are sound', async () => {
    for (const name of names) {
      const { number: from } = await writesOn('lab1', 3)
      await cli.ok('executions', 'start', 'backup', ...full(name))
      const to = written('lab1').at(-1)?.number ?? 0
      saved.set(name, { from, to, ...readImages(name) })
      await inGuest('lab1', `dd if=/dev/urandom of=/data/${name} bs=65536 count=8 2>/dev/null && sync`)
    }
    const log = await guestLog()
    for (const { from, to, lines, last } of saved.values()) {
      expect(log.slice(0, lines.length), 'not a line is missing').to.deep.equal(lines)
      const newest = lines.at(-1) ?? 0
      expect(newest).to.be.within(from, to + 1)
      for (const number of last) expect(number).to.be.within(newest - 1, newest)
    }
  })

  it('hold only what changed, after the first', () => {
    const [first = 0, ...later] = names.map((name) => filesOf(name).reduce((sum, { bytes }) => sum + bytes, 0))
    figure(`a full backup of two disks ${first} bytes, incremental ones ${later.join(' and ')}`)
    for (const bytes of later) expect(bytes).to.be.below(first / 2)
  })

  for (const name of ['tuesday', 'sunday', 'monday'] as const)
    it(`put ${name} back: it boots and goes on from there`, async () => {
      await cli.ok('executions', 'start', 'restore', ...full(name))
      await isUp()
      const then = saved.get(name)?.lines ?? []
      const log = await guestLog()
      expect(log.slice(0, then.length)).to.deep.equal(then)
      const earlier = names.slice(0, names.indexOf(name))
      expect((await inGuest('lab1', 'cd /data && ls -d *day || true')).split('\n').filter(Boolean)).to.have.members(
        earlier,
      )
      expect(await virsh('checkpoint-list', 'lab1', '--name')).to.match(/^\s*$/)
    })

  it('leave one set of disks of ours behind, and the old ones where they were', async () => {
    const disks = readdirSync(join(state, 'disks')).filter((name) => name.startsWith('lab1'))
    expect(disks.filter((name) => /-r[0-9a-f]{8}\.qcow2$/.test(name))).to.have.lengthOf(2)
    expect(disks.filter((name) => !/-r[0-9a-f]{8}\.qcow2$/.test(name))).to.have.lengthOf.at.least(2)
  })

  it('begin a new chain after a restore, because what changed is not known', async () => {
    await cli.ok('executions', 'start', 'backup', ...full('wednesday'))
    expect(filesOf('wednesday').every(({ mode }) => mode === 'full')).to.equal(true)
  })

  it('are deleted with their checkpoints, the newest first', async () => {
    const refused = await cli.run('executions', 'start', 'remove_backup', ...full('sunday'))
    expect(refused.code).to.not.equal(0)
    for (const name of ['tuesday', 'monday', 'sunday', 'wednesday'])
      await cli.ok('executions', 'start', 'remove_backup', ...full(name))
    expect(readdirSync(join(folder, 'backups'))).to.deep.equal([])
    expect(await virsh('checkpoint-list', 'lab1', '--name')).to.match(/^\s*$/)
    expect(await virsh('pool-list', '--all', '--name')).to.not.match(/fermata/)
  })

  async function guestLog(): Promise<readonly number[]> {
    return (await inGuest('lab1', 'cut -d" " -f1 /data/log')).trim().split('\n').map(Number)
  }

  interface ImageFile {
    readonly path: string
    readonly bytes: number
    readonly mode: string
  }

  function filesOf(name: string): readonly ImageFile[] {
    const top = join(folder, 'backups')
    const own = readdirSync(top).find((entry) => entry.includes(`-${name}-`))
    if (own === undefined) throw new Error(`no backup ${name}: ${readdirSync(top).join(' ')}`)
    return ['vda', 'vdb'].map((target) => {
      const path = join(top, own, `${target}.qcow2`)
      const info = JSON.parse(execFileSync('qemu-img', ['info', '--output=json', path], { encoding: 'utf8' })) as {
        readonly 'actual-size': number
        readonly 'backing-filename'?: string
      }
      return { path, bytes: info['actual-size'], mode: info['backing-filename'] === undefined ? 'full' : 'incremental' }
    })
  }

  function readImages(name: string): Pick<Saved, 'lines' | 'last'> {
    const read = filesOf(name).map(({ path }) => {
      const raw = join(folder, 'image.raw')
      execFileSync('qemu-img', ['convert', '-O', 'raw', path, raw])
      // The journal of a file system that was frozen is empty: nothing has to be replayed, nothing mended.
      execFileSync('e2fsck', ['-fn', raw], { stdio: 'pipe' })
      const cat = (file: string): string =>
        execFileSync('debugfs', ['-R', `cat ${file}`, raw], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      const result = { log: cat('/log'), n: Number(cat('/n')) }
      rmSync(raw)
      return result
    })
    const lines = (read[0]?.log ?? '')
      .trim()
      .split('\n')
      .map((line) => Number(line.split(' ')[0]))
    // A number that was being written when the guest stood still is an empty file.
    return { lines, last: read.map(({ n }) => n).filter((n) => n > 0) }
  }

  async function isUp(): Promise<void> {
    while ((await agent('lab1', 'guest-ping').catch(() => undefined)) === undefined) await sleep(200)
  }
})
