// Claim: resume puts a process back into the state in which suspend found it, read from the process itself.
import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { blueprintPath, openCliSite, type CliSite } from '../support/cli.ts'

describe('suspend and resume of a process', () => {
  let cli: CliSite
  let writer: number

  before(async function () {
    this.timeout(60_000)
    cli = await openCliSite()
    await cli.ok('blueprints', 'upload', blueprintPath('two-tier'), '-b', 'shop')
    await cli.ok('deployments', 'create', 'shop', '-b', 'shop')
    await cli.ok('executions', 'start', 'install', '-d', 'shop')
    const instances = await cli.json<{ nodeId: string; runtimeProperties: { process: { pid: number } } }[]>(
      'node-instances',
      'list',
      '-d',
      'shop',
    )
    writer = instances.find(({ nodeId }) => nodeId === 'writer')?.runtimeProperties.process.pid ?? 0
  })
  after(() => cli.close())

  const isStopped = async (): Promise<boolean> => {
    const stat = await readFile(`/proc/${writer}/stat`, 'utf8')
    return stat[stat.lastIndexOf(')') + 2] === 'T'
  }
  const run = (workflow: string): Promise<string> => cli.ok('executions', 'start', workflow, '-d', 'shop')

  it('runs again when it ran, however often it was suspended', async () => {
    await run('suspend')
    expect(await isStopped()).to.equal(true)
    expect(await run('suspend')).to.contain('It is suspended already and is left so')
    await run('resume')
    expect(await isStopped()).to.equal(false)
  })

  it('stays stopped when it stood still before', async () => {
    process.kill(writer, 'SIGSTOP')
    await run('suspend')
    expect(await run('resume')).to.contain('It was found suspended by suspend and is left so')
    expect(await isStopped()).to.equal(true)
    // The record is gone: a resume on its own resumes.
    await run('resume')
    expect(await isStopped()).to.equal(false)
  })

  it('runs again when somebody let it go on between two suspends', async () => {
    process.kill(writer, 'SIGSTOP')
    await run('suspend')
    process.kill(writer, 'SIGCONT')
    await run('suspend')
    expect(await isStopped()).to.equal(true)
    await run('resume')
    expect(await isStopped()).to.equal(false)
  })

  it('is left alone when it does not run at all', async () => {
    process.kill(writer, 'SIGKILL')
    expect(await run('suspend')).to.contain('It is stopped already and is left so')
    expect(await run('resume')).to.contain('It was found stopped by suspend and is left so')
  })
})
