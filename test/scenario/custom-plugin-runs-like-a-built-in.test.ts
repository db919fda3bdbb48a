// Claim: a plugin that comes with its blueprint, in TypeScript, runs through all workflows, and so does a workflow of its own.
import { expect } from 'chai'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { blueprintPath, openCliSite, type CliSite } from '../support/cli.ts'

describe('custom-plugin', () => {
  let cli: CliSite
  let path: string

  before(async () => {
    cli = await openCliSite()
    await cli.ok('blueprints', 'upload', '-b', 'notes', dirname(blueprintPath('custom-plugin')))
    await start('install')
    const { outputs } = await cli.json<{ outputs: { notebook: string } }>('deployments', 'outputs', 'notes')
    path = outputs.notebook
  })
  after(() => cli.close())

  const start = (workflow: string, ...more: string[]): Promise<string> =>
    cli.ok('executions', 'start', workflow, '-b', 'notes', ...more)
  const notes = async (): Promise<string[]> =>
    (await readFile(path, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/ \[[0-9a-f]{12}\]$/, ''))

  it('is listed with its own workflow beside the built-in ones', async () => {
    const { workflows } = await cli.json<{ workflows: { name: string; parameters: object }[] }>(
      'deployments',
      'get',
      'notes',
    )
    expect(workflows.map(({ name }) => name)).to.include.members(['add_note', 'backup', 'restore'])
    expect(workflows.find(({ name }) => name === 'add_note')?.parameters).to.have.property('text')
  })

  it('runs that workflow, with its parameter', async () => {
    const printed = await start('add_note', '-p', 'text=hello, all of you')
    expect(printed).to.match(/LOG <notes> \[notebook_\w{6}\.add\] INFO: Noted: hello, all of you\n/)
    expect(printed.trimEnd().split('\n').at(-1)).to.contain("'add_note' workflow execution succeeded")
    expect(await notes()).to.deep.equal(['Log of the ship', 'hello, all of you'])
  })

  it('refuses what the workflow does not take', async () => {
    const missing = await cli.run('executions', 'start', 'add_note', '-b', 'notes')
    expect(missing.code).to.equal(2)
    expect(missing.stderr).to.contain("needs parameter 'text'")
    const empty = await cli.run('executions', 'start', 'add_note', '-b', 'notes', '-p', 'text=')
    expect(empty.code).to.equal(2)
    expect(empty.stderr).to.contain("parameter 'text'")
    expect(await notes()).to.have.length(2)
  })

  it('is frozen with its own deadman while it is copied, and brought back', async () => {
    const printed = await start('backup', '-p', 'snapshot_name=first')
    expect(printed).to.match(/\nnotebook_\w{6} .* the workflow\n/)
    expect(printed).to.match(/\nnotebook_\w{6} +application\n/)
    await start('add_note', '-p', 'text=too much')
    expect(await notes()).to.have.length(3)
    await start('restore', '-p', 'snapshot_name=first')
    expect(await notes()).to.deep.equal(['Log of the ship', 'hello, all of you'])
  })

  it('is measured', async () => {
    await start('statistics')
    const [notebook] = await cli.json<{ id: string }[]>('node-instances', 'list', '-d', 'notes')
    const series = await cli.json<{ name: string; unit: string | null; points: { value: number }[] }[]>(
      'node-instances',
      'statistics',
      notebook?.id ?? '',
    )
    const last = Object.fromEntries(series.map(({ name, points }) => [name, points.at(-1)?.value]))
    expect(last).to.deep.equal({ notes: 1, size: (await readFile(path)).length })
    expect(series.find(({ name }) => name === 'size')?.unit).to.equal('B')
  })

  it('leaves nothing behind', async () => {
    await start('remove_backup', '-p', 'snapshot_name=first')
    expect(await readdir(join(dirname(path), 'snapshots'))).to.deep.equal([])
    await start('uninstall')
    expect(await readdir(dirname(dirname(path)))).to.deep.equal([])
  })

  it('says which file is at fault when the plugin cannot be loaded', async () => {
    const broken = await cli.write({
      'broken/blueprint.yaml': await readFile(blueprintPath('custom-plugin')),
      'broken/plugins/notes/plugin.ts': 'export default 5 +\n',
    })
    await cli.ok('blueprints', 'upload', '-b', 'broken', broken)
    const { code, stderr } = await cli.run('executions', 'start', 'add_note', '-b', 'broken', '-p', 'text=x')
    expect(code).to.equal(3)
    expect(stderr)
      .to.contain("plugin 'notes'")
      .and.to.contain('plugin.ts')
      .and.not.to.match(/^ +at /m)
  })
})
