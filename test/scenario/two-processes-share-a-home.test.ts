// Claim: two processes on one home never run on the same deployment at once, and either may end what the other runs.
import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, type CliSite, type StartedCli } from '../support/cli.ts'
import { expectRefusal } from '../support/refusal.ts'
import { openSlowSite, slowBackup } from '../support/slow-site.ts'

describe('two processes on one home', () => {
  let cli: CliSite
  let first: StartedCli

  beforeEach(async () => {
    cli = await openSlowSite()
    first = await slowBackup(cli, '-p', 'snapshot_name=one')
  })
  afterEach(() => cli.close())

  const steps = async (): Promise<string[]> => (await readFile(join(cli.folder, 'steps'), 'utf8')).trimEnd().split('\n')
  const go = (): Promise<string> => cli.write({ go: '' })
  const running = async (): Promise<string> => {
    const executions = await cli.json<{ id: string; status: string }[]>('executions', 'list')
    return executions.find(({ status }) => status === 'started')?.id ?? ''
  }

  it('the second is told who holds the deployment, and with --wait runs afterwards', async () => {
    const id = await running()
    const refused = await cli.run('executions', 'start', 'backup', '-d', 'slow', '-p', 'snapshot_name=two')
    expectRefusal(refused, {
      code: 5,
      says: ["deployment 'slow' is busy", id, String(first.pid)],
      hint: `fermata executions cancel ${id}`,
    })

    const second = cli.start('executions', 'start', 'backup', '-d', 'slow', '-p', 'snapshot_name=two', '--wait')
    await go()
    expect((await first.ended).code).to.equal(0)
    const { code, stdout, stderr } = await second.ended
    expect(code, stderr).to.equal(0)
    expect(stdout).to.contain("Backuped to 'two'")
    expect(await steps()).to.deep.equal(['prepare', 'snapshot', 'finalize', 'prepare', 'snapshot', 'finalize'])
  })

  it('readers are not held up, and see what is frozen', async () => {
    const { frozen } = await cli.json<{ frozen: { instanceId: string }[] }>('status')
    expect(frozen.map(({ instanceId }) => instanceId.replace(/_\w+$/, ''))).to.deep.equal(['slow'])
    const tail = cli.start('events', 'list', '--tail', await running())
    await tail.line(/the snapshot has begun/)
    await go()
    const { code, stdout } = await tail.ended
    expect(code).to.equal(0)
    expect(stdout.trimEnd().split('\n').at(-1)).to.contain("'backup' workflow execution succeeded")
    // Both show the same events; the table of freezes comes from the one that ran it.
    expect((await first.ended).stdout.startsWith(stdout)).to.equal(true)
  })

  it('cancel from another process thaws, and ends with its own exit code', async () => {
    expect(await cli.ok('executions', 'cancel', await running())).to.contain('is cancelled')
    const { code, stdout } = await first.ended
    expect(code).to.equal(6)
    expect(stdout).to.contain("'backup' workflow execution cancelled")
    expect((await steps()).at(-1)).to.equal('forget')
    expect((await steps()).filter((step) => step === 'finalize')).to.have.length(1)
    const [execution] = await cli.json<{ status: string }[]>('executions', 'list')
    expect(execution?.status).to.equal('cancelled')
    expect((await cli.json<{ frozen: unknown[] }>('status')).frozen).to.deep.equal([])
    await eventually('the script has ended', () => cli.processes().length === 0)
  })

  it('Ctrl-C does the same', async () => {
    first.signal('SIGINT')
    const { code, stderr } = await first.ended
    expect(code).to.equal(6)
    expect(stderr).to.contain('what is frozen is thawed first')
    expect(await steps()).to.include('finalize')
  })

  it('what a killed process left is shown, thawed by cancel, and free afterwards', async () => {
    const id = await running()
    first.signal('SIGKILL')
    await first.ended
    const { interrupted } = await cli.json<{ interrupted: string[] }>('status')
    expect(interrupted).to.deep.equal([id])
    expect(await cli.ok('status')).to.contain(`fermata executions resume ${id}`)
    expect(await cli.ok('executions', 'cancel', id)).to.contain('is cancelled')
    expect(await steps()).to.include('finalize')
    await go()
    await cli.ok('executions', 'start', 'backup', '-d', 'slow', '-p', 'snapshot_name=one')
  })

  it('what a killed process left is carried on by resume to the end of an undisturbed run', async () => {
    const id = await running()
    first.signal('SIGKILL')
    await first.ended
    await go()
    const printed = await cli.ok('executions', 'resume', id)
    expect(printed).to.contain("Resuming 'backup' workflow execution").and.to.contain("Backuped to 'one'")
    expect((await cli.json<{ frozen: unknown[]; interrupted: unknown[] }>('status')).interrupted).to.deep.equal([])
  })
})
