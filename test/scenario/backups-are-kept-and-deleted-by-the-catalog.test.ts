// Claim: from the command line backups are listed, looked at, verified, held, explained, pruned and deleted, each by its
// entry in the catalog; what is damaged is told, and nothing is deleted because its name looks alike.
import { expect } from 'chai'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openCliSite, type CliSite } from '../support/cli.ts'
import { vaultBlueprint } from '../support/vault-blueprint.ts'

interface Backup {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly isVerified: boolean
}

describe('backups from the command line', () => {
  let cli: CliSite
  let vault: string

  before(async () => {
    cli = await openCliSite()
    const path = await cli.write(vaultBlueprint(cli.folder))
    vault = join(cli.folder, 'vault')
    await cli.ok('blueprints', 'upload', '-b', 'notes', path)
    await cli.ok('deployments', 'create', 'notes', '-b', 'notes')
  })
  after(() => cli.close())

  const backUp = (name: string, ...more: string[]): Promise<string> =>
    cli.ok('executions', 'start', 'backup', '-d', 'notes', '-p', `snapshot_name=${name}`, ...more)
  const list = (): Promise<Backup[]> => cli.json<Backup[]>('backups', 'list', '-d', 'notes')
  const names = async (): Promise<string[]> => (await list()).map(({ name }) => name)
  const idOf = async (name: string): Promise<string> => (await list()).find((backup) => backup.name === name)?.id ?? ''
  /** What is said of wrong use. */
  const refusal = async (...words: string[]): Promise<string> => {
    const { code, stderr } = await cli.run(...words)
    expect(code, `${words.join(' ')}\n${stderr}`).to.equal(2)
    return stderr
  }

  it('are listed with what they are worth, and shown with their parts', async () => {
    await backUp('base', '-p', 'snapshot_incremental=false')
    await backUp('mon')
    const listed = await cli.ok('backups', 'list')
    expect(listed).to.match(/^ID +DEPLOYMENT +NAME +KIND +STATUS +CONSISTENCY +PARTS +SIZE/)
    expect(listed).to.match(/notes +base +full +good +crash +2 +11 B/)
    expect(listed).to.match(/notes +mon +incremental +good/)
    const ids = (await cli.ok('backups', 'list', '-q')).trim().split('\n')
    expect(ids).to.deep.equal((await list()).map(({ id }) => id))
    const shown = await cli.ok('backups', 'get', 'mon')
    expect(shown).to.contain(`${vault}/left-mon`)
    expect(shown).to.match(/rests on: +base \(/)
    expect(shown).to.match(/left_\w+ is crash: \S/)
    expect(await cli.ok('backups', 'get', ids[0]?.slice(0, 6) ?? '')).to.match(/needed by: +mon \(/)
  })

  it('are verified, and found damaged, with an exit code of its own', async () => {
    expect(await cli.ok('backups', 'verify', 'mon')).to.contain("Backup 'mon' is verified")
    await writeFile(join(vault, 'left-mon'), 'rubbish')
    const damaged = await cli.run('backups', 'verify', 'mon')
    expect(damaged.code).to.equal(8)
    expect(damaged.stdout).to.match(/left_\w+ +damaged +its content is another\n/)
    expect(damaged.stderr).to.match(
      /'mon' cannot be restored as it is: the part of left_\w+ is damaged.*\[catalog.damaged\]/,
    )
    expect((await list()).map(({ status, isVerified }) => [status, isVerified])).to.deep.equal([
      ['good', false],
      ['damaged', false],
    ])
    const told = await cli.run('backups', 'verify', 'mon', '--json')
    expect(told.code).to.equal(8)
    expect((JSON.parse(told.stdout) as { backup: Backup }).backup.status).to.equal('damaged')
  })

  it('are restored only when every part can be used: nothing is changed before that is known', async () => {
    await writeFile(join(cli.folder, 'right.txt'), 'changed\n')
    const restore = (name: string) =>
      cli.run('executions', 'start', 'restore', '-d', 'notes', '-p', `snapshot_name=${name}`)
    const refused = await restore('mon')
    expect(refused.code).to.equal(1)
    expect(refused.stderr).to.match(/the part of left_\w+ is damaged: its content is another/)
    expect(await readFile(join(cli.folder, 'right.txt'), 'utf8')).to.equal('changed\n')
    expect((await restore((await idOf('base')).slice(0, 8))).code).to.equal(0)
    expect(await readFile(join(cli.folder, 'right.txt'), 'utf8')).to.equal('right\n')
  })

  it('are held with a reason, and then nobody deletes them', async () => {
    await backUp('held')
    expect(await refusal('backups', 'hold', 'held')).to.contain('--reason')
    const reason = 'for the auditors'
    expect(await cli.ok('backups', 'hold', 'held', '--reason', reason)).to.equal(`Backup 'held' is held: ${reason}\n`)
    for (const more of [[], ['--break-floor']])
      expect(await refusal('backups', 'delete', 'held', ...more)).to.contain(`'held' is held: ${reason}`)
    expect(await cli.ok('backups', 'list')).to.contain(reason)
  })

  it('are explained and pruned with the same reasons; a dry run deletes nothing', async () => {
    await backUp('tue')
    const rules = ['-d', 'notes', '--keep-last', '1']
    const explained = await cli.ok('retention', 'explain', ...rules)
    expect(explained).to.match(/tue .* keep +last 1: 1st; floor: the last good one/)
    expect(explained).to.match(/held .* keep +held/)
    expect(explained).to.match(/mon .* delete +damaged, and older than the last good one/)
    expect(explained).to.match(/base .* keep +parent of tue; parent of held/)
    const dry = await cli.ok('backups', 'prune', ...rules, '--dry-run')
    expect(dry).to.equal(`${explained}1 of 4 would be deleted.\n`)
    expect(await names()).to.deep.equal(['base', 'mon', 'held', 'tue'])
    const mon = await idOf('mon')
    expect(await cli.ok('backups', 'prune', ...rules)).to.equal(`${explained}Deleted backup 'mon' (${mon})\n`)
    expect(await names()).to.deep.equal(['base', 'held', 'tue'])
    expect(await cli.json('backups', 'prune', ...rules)).to.deep.include({ deleted: [], failed: [], executions: [] })
    expect(await refusal('backups', 'prune', '-d', 'notes')).to.contain('--keep-last 3')
  })

  it('are deleted alone, never with what is called alike, and never the last good one unasked', async () => {
    await cli.ok('backups', 'release', 'held')
    for (const name of ['a', 'aa', 'a.*', '%', '_']) await backUp(name)
    const before = (await readdir(vault)).toSorted()
    for (const name of ['a', '%'])
      expect(await cli.ok('backups', 'delete', name, '-d', 'notes')).to.contain(`Deleted backup '${name}'`)
    const gone = ['left-a', 'right-a', 'left-%25', 'right-%25']
    expect((await readdir(vault)).toSorted()).to.deep.equal(before.filter((file) => !gone.includes(file)))
    expect(await refusal('backups', 'delete', 'base'))
      .to.contain("'held' (")
      .and.to.contain('catalog.still_needed')
    await backUp('alone', '-p', 'snapshot_incremental=false')
    const outcome = await cli.json<{ deleted: Backup[] }>('backups', 'delete', 'base', '--with-children')
    expect(outcome.deleted.map(({ name }) => name)).to.deep.equal(['held', 'tue', 'aa', 'a.*', '_', 'base'])
    expect((await readdir(vault)).toSorted()).to.deep.equal(['left-alone-full', 'right-alone-full'])
    expect(await refusal('backups', 'delete', 'alone')).to.contain('--break-floor')
    // What is gone already is deleted.
    await rm(join(vault, 'left-alone-full'))
    const forced = await cli.ok('backups', 'delete', 'alone', '--break-floor', '-v')
    expect(forced).to.contain("WARNING: 'alone' was the last good backup of 'notes'")
    expect(await readdir(vault)).to.deep.equal([])
    expect(await cli.ok('backups', 'list')).to.equal('There are no backups.\n')
  })

  it('are told apart, or asked for again', async () => {
    await backUp('twice')
    await backUp('twice', '-p', 'snapshot_incremental=false')
    expect(await refusal('backups', 'get', 'twice')).to.match(/may be any of 2 backups: .*incremental.*full\)/)
    expect(await refusal('backups', 'get', 'twize')).to.contain("did you mean 'twice'?")
  })
})

describe('retention simulate', () => {
  it('shows what rules keep in the end, and over time, without a deployment', async () => {
    const cli = await openCliSite()
    try {
      const rules = ['--keep-daily', '3', '--keep-weekly', '2']
      const words = ['retention', 'simulate', ...rules, '--every', '12h', '--for', '30d', '--start', '2026-03-01']
      const printed = await cli.ok(...words)
      expect(printed).to.contain('daily 3, weekly 2, floor 1, UTC')
      expect(printed).to.contain('2026-03-01 00:00:00  .')
      expect(printed).to.match(
        /2026-03-30 12:00:00 +good +daily 2026-03-30 \(1 of 3\); weekly 2026-W14 \(1 of 2\); floor/,
      )
      const { kept, backups, counts } = await cli.json<{
        kept: unknown[]
        backups: { isKept: boolean }[]
        counts: number[]
      }>(...words)
      expect(kept).to.have.length(3)
      expect(backups.filter(({ isKept }) => isKept)).to.have.length(3)
      expect([backups.length, counts.length]).to.deep.equal([60, 60])
      const failing = [...words, '--failure-rate', '0.4', '--seed', '7']
      expect(await cli.ok(...failing)).to.equal(await cli.ok(...failing))
      const mistakes = [
        ['--start', 'soon'],
        ['--failure-rate', '2'],
        ['--every', '0s'],
        ['--timezone', 'Mars/Base'],
      ]
      for (const wrong of mistakes) {
        const { code, stderr } = await cli.run(...words, ...wrong)
        expect([code, stderr.trimEnd().split('\n').length <= 2], `${wrong.join(' ')}\n${stderr}`).to.deep.equal([
          2,
          true,
        ])
      }
    } finally {
      await cli.close()
    }
  })
})
