// Claim: snapshots of real guests hold what the guest had written at the cut, bring it back, and keep the guest waiting no
// longer than virsh does.
import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openCliSite, type CliSite } from '../../support/cli.ts'
import { figure, inGuest, labUri, longestGap, mend, poolFolder, state, virsh, writeEvery, writesOn } from './lab.ts'

const guest = 'lab1'
const rounds = 20
const forced = ['-p', 'break_floor=true']

const blueprint = (mode: string): string => `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-libvirt-plugin']
node_templates:
  vm:
    type: cloudify.nodes.libvirt.Domain
    properties: {use_external_resource: true, resource_id: ${guest}, libvirt_auth: '${labUri()}', snapshot_mode: ${mode}}
`

describe('snapshots of a guest', function () {
  this.timeout(600_000)
  let cli: CliSite

  before(async () => {
    cli = await openCliSite()
    for (const mode of ['auto', 'internal']) {
      const path = await cli.write({ [`${mode}.yaml`]: blueprint(mode) })
      await cli.ok('blueprints', 'upload', '-b', mode, path)
      await cli.ok('executions', 'start', 'install', '-b', mode)
    }
  })
  after(async () => {
    await mend()
    await writeEvery(guest, 0.25)
    await cli.close()
  })

  const start = (workflow: string, name: string, deployment = 'auto'): Promise<string> =>
    cli.ok('executions', 'start', workflow, '-d', deployment, '-p', `snapshot_name=${name}`)
  const remove = (name: string, deployment = 'auto'): Promise<string> =>
    cli.ok('executions', 'start', 'remove_backup', '-d', deployment, '-p', `snapshot_name=${name}`, ...forced)
  /** Files beside the two that the guest came with. */
  const layers = (): readonly string[] => readdirSync(poolFolder).filter((name) => /^lab1(-b)?\..*\.qcow2$/.test(name))
  const disksOf = async (): Promise<readonly string[]> =>
    [...(await virsh('domblklist', guest)).matchAll(/(\/\S+)/g)].map(([, path]) => path ?? '')

  /** The last number on the guest's second disk. The writer empties the file before it fills it anew. */
  const counted = async (): Promise<number> =>
    Number((await inGuest(guest, 'until n=$(grep . /data2/n); do sleep 0.02; done; echo $n')).trim())

  /** What the guest's log on its first disk holds: the numbers of its lines. */
  async function numbers(): Promise<readonly number[]> {
    const text = await inGuest(guest, 'cut -d" " -f1 /data/log')
    return text.trim().split('\n').map(Number)
  }

  for (const mode of ['auto', 'internal']) {
    it(`bring back what it had written at the cut, and nothing after it (${mode})`, async () => {
      await writeEvery(guest, 0.1)
      const first = await writesOn(guest, 3)
      await start('backup', 'monday', mode)
      const atCut = mode === 'auto' ? await numbersIn(await disksOf()) : undefined
      const after = await writesOn(guest, 10)
      expect((await numbers()).at(-1)).to.be.at.least(after.number)
      await start('restore', 'monday', mode)
      await mend()
      const back = await numbers()
      // Without a hole; one line may be there twice, when the cut came between the line and its counter.
      const since = back.slice(back.lastIndexOf(first.number))
      const steps = since.slice(1).map((number, index) => number - (since[index] ?? 0))
      expect(steps.filter((step) => step !== 1 && step !== 0)).to.deep.equal([])
      expect(steps.filter((step) => step === 0)).to.have.lengthOf.at.most(1)
      if (atCut) expect(back.slice(0, atCut.length)).to.deep.equal(atCut)
      expect(await counted()).to.be.within((back.at(-1) ?? 0) - 2, (back.at(-1) ?? 0) + 20)
      await remove('monday', mode)
      expect(layers()).to.deep.equal([])
      expect((await virsh('snapshot-list', guest, '--name')).trim()).to.equal('')
      await writesOn(guest, 2)
    })
  }

  /** The log as the layers below those that the guest writes to hold it; their file systems must be clean. */
  async function numbersIn(disks: readonly string[]): Promise<readonly number[]> {
    const folder = mkdtempSync(join(state, 'look-'))
    try {
      const [text = ''] = disks.map((disk, index) => {
        const info = JSON.parse(
          execFileSync('qemu-img', ['info', '-U', '--output=json', disk], { encoding: 'utf8' }),
        ) as {
          'full-backing-filename': string
        }
        const raw = join(folder, `${index}.raw`)
        execFileSync('qemu-img', ['convert', '-U', '-O', 'raw', info['full-backing-filename'], raw])
        execFileSync('e2fsck', ['-fn', raw], { stdio: 'pipe' })
        return execFileSync('debugfs', ['-R', 'cat /log', raw], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        })
      })
      return text
        .trim()
        .split('\n')
        .map((line) => Number(line.split(' ')[0]))
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  it('keep it waiting no longer than virsh, by its own clock', async () => {
    await writeEvery(guest, 0.01)
    const [ours, virshs]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await gapOf(() => start('backup', `round-${round}`)))
      await remove(`round-${round}`)
      const name = `virsh-${round}`
      virshs.push(await gapOf(() => virsh('snapshot-create-as', guest, name, '--disk-only', '--quiesce', '--atomic')))
      await virsh('snapshot-delete', guest, name)
    }
    const [own, theirs] = [median(ours), median(virshs)]
    figure(
      `frozen for a snapshot, seen from inside, median of ${rounds}: ${own} ms, virsh --quiesce ${theirs} ms: ${(own / theirs).toFixed(2)} times`,
    )
    expect(layers()).to.deep.equal([])
    // The machine is shared; the figure itself is printed.
    expect(own / theirs).to.be.below(2)
  })

  async function gapOf(work: () => Promise<unknown>): Promise<number> {
    const before = await writesOn(guest, 3)
    await work()
    await writesOn(guest, 3)
    return longestGap(guest, before.number)
  }
})

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
