// Claim: two-tier is backed up while its writer runs, brought back after damage, and leaves nothing behind.
import { expect } from 'chai'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { blueprintPath, eventually, openCliSite, type CliSite } from '../support/cli.ts'

interface Instance {
  readonly id: string
  readonly nodeId: string
}

describe('two-tier through all workflows', () => {
  let cli: CliSite
  let data: string
  let snapshots: string

  before(async () => {
    cli = await openCliSite()
    await cli.ok('blueprints', 'upload', '-b', 'two-tier', blueprintPath('two-tier'))
    const pair = ['-i', `directory=${join(cli.folder, 'data')}`, '-i', `snapshots=${join(cli.folder, 'snapshots')}`]
    await cli.ok('executions', 'start', 'install', '-b', 'two-tier', ...pair)
    const { outputs } = await cli.json<{ outputs: { directory: string } }>('deployments', 'outputs', 'two-tier')
    data = outputs.directory
    snapshots = join(cli.folder, 'snapshots', 'data')
  })
  after(() => cli.close())

  const start = (workflow: string, ...more: string[]): Promise<string> =>
    cli.ok('executions', 'start', workflow, '-d', 'two-tier', ...more)
  const lines = async (name: string): Promise<string[]> =>
    (await readFile(join(data, name), 'utf8')).trimEnd().split('\n')
  const lastLine = async (name: string): Promise<number> => Number((await lines(name)).at(-1))

  it('backs up while the writer runs: the two files of the recovery point agree, the writer goes on', async () => {
    await eventually(
      'the writer writes',
      async () => existsSync(join(data, 'right.log')) && (await lastLine('right.log')) > 5,
    )
    const printed = await start('backup', '-p', 'snapshot_name=first')
    expect(printed)
      .to.contain("INFO: Backuped to 'first'")
      .and.to.match(/writer_\w+ .* the workflow\n/)
      .and.to.match(/everybody +2 .* ms\n/)
      .and.to.match(/data_\w+ +application\s*$/)
    const manifest = JSON.parse(await readFile(join(snapshots, 'snapshots', 'first', 'manifest.json'), 'utf8')) as {
      entries: { path: string; digest?: string }[]
    }
    const digests = ['left.log', 'right.log'].map(
      (path) => manifest.entries.find((entry) => entry.path === path)?.digest,
    )
    expect(digests[0]).to.match(/^sha256:[0-9a-f]{64}$/)
    expect(digests[1]).to.equal(digests[0])
    const reached = await lastLine('left.log')
    await eventually('the writer goes on', async () => (await lastLine('left.log')) > reached)
  })

  it('restores what was damaged, also files that were deleted or added', async () => {
    await start('suspend')
    await rm(join(data, 'left.log'))
    await writeFile(join(data, 'right.log'), 'rubbish\n')
    await writeFile(join(data, 'stray'), 'not in the backup')
    // Suspended during the restore, the writer touches nothing: what is there is what was saved.
    expect(await start('restore', '-p', 'snapshot_name=first')).to.contain("INFO: Restored from 'first'")
    expect((await readdir(data)).toSorted()).to.deep.equal(['left.log', 'right.log'])
    expect(await lines('left.log')).to.deep.equal(await lines('right.log'))
    expect(await lines('left.log')).to.not.include('rubbish')
    const saved = await lastLine('left.log')
    await start('resume')
    await eventually('the writer goes on from there', async () => (await lastLine('right.log')) > saved)
  })

  it('measures, as a table and as JSON', async () => {
    await start('statistics')
    const instances = await cli.json<Instance[]>('node-instances', 'list', '-d', 'two-tier')
    const writer = instances.find(({ nodeId }) => nodeId === 'writer')?.id ?? ''
    const series = await cli.json<{ name: string; points: { value: number }[] }[]>(
      'node-instances',
      'statistics',
      writer,
    )
    expect(series.length).to.be.greaterThan(0)
    for (const { name, points } of series) expect(points, name).to.have.length(1)
    expect(await cli.ok('node-instances', 'statistics', writer))
      .to.contain(series[0]?.name)
      .and.to.contain('MEASURED (UTC)')
  })

  it('removes the backup, and nothing of it is left', async () => {
    await start('backup', '-p', 'snapshot_name=full', '-p', 'snapshot_incremental=false')
    await start('remove_backup', '-p', 'snapshot_name=first')
    await start('remove_backup', '-p', 'snapshot_name=full', '-p', 'snapshot_incremental=false')
    const left = await readdir(join(cli.folder, 'snapshots'), { recursive: true }).catch(() => [])
    expect(left.filter((path) => path !== 'data')).to.deep.equal([])
    const { code, stderr } = await cli.run(
      'executions',
      'start',
      'restore',
      '-d',
      'two-tier',
      '-p',
      'snapshot_name=first',
    )
    expect(code).to.equal(1)
    expect(stderr).to.contain("has no backup 'first'")
  })

  it('uninstalls: no process, no directory, and what it ran on can be deleted', async () => {
    await start('uninstall')
    await eventually('all processes have ended', () => cli.processes().length === 0)
    expect(existsSync(data)).to.equal(false)
    const { frozen, interrupted } = await cli.json<{ frozen: unknown[]; interrupted: unknown[] }>('status')
    expect({ frozen, interrupted }).to.deep.equal({ frozen: [], interrupted: [] })
    await cli.ok('deployments', 'delete', 'two-tier')
    await cli.ok('blueprints', 'delete', 'two-tier')
    expect(await readdir(join(cli.home, 'blueprints'))).to.deep.equal([])
    expect(await readdir(join(cli.home, 'deployments'))).to.deep.equal([])
  })
})
