// Claim: `thaw` thaws what a dead process left, and its exit code tells what is left: nothing, something that a living
// process holds, or something that could not be thawed.
import { expect } from 'chai'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CliSite, StartedCli } from '../support/cli.ts'
import { openSlowSite, slowBackup } from '../support/slow-site.ts'

interface Report {
  readonly thawed: readonly { readonly deploymentId: string }[]
  readonly failed: readonly { readonly error: { readonly code: string } }[]
  readonly held: readonly { readonly holder: string }[]
}

describe('thaw', () => {
  let cli: CliSite
  let backup: StartedCli

  beforeEach(async () => {
    cli = await openSlowSite()
    backup = await slowBackup(cli, '--task-retry-interval', '10ms', '-p', 'lease=60s')
  })
  afterEach(() => cli.close())

  const thaw = async (...words: string[]): Promise<{ readonly code: number | null; readonly report: Report }> => {
    const { code, stdout } = await cli.run('thaw', '--json', ...words)
    return { code, report: JSON.parse(stdout) as Report }
  }

  it('leaves to a living process what it holds', async () => {
    const { code, report } = await thaw()
    expect(code).to.equal(5)
    expect(report.held.map(({ holder }) => holder.split(' on ')[0])).to.deep.equal([`process ${backup.pid}`])
    expect(await cli.ok('status')).to.contain(`process ${backup.pid}`)
    expect((await cli.run('thaw', '-d', 'elsewhere')).code).to.equal(2)
  })

  it('thaws what a dead one left, and says when it cannot', async () => {
    backup.signal('SIGKILL')
    await backup.ended
    await cli.write({ stuck: '' })
    const stuck = await thaw('-d', 'slow')
    expect(stuck.code).to.equal(1)
    expect(stuck.report.failed.map(({ error }) => error.code)).to.deep.equal(['script.failed'])
    expect(await cli.ok('status')).to.contain("thawed by 'fermata thaw'")

    await rm(join(cli.folder, 'stuck'))
    const thawed = await cli.run('thaw', '-v')
    expect([thawed.code, thawed.stderr]).to.deep.equal([0, ''])
    expect(thawed.stdout).to.contain('Done cloudify.interfaces.freeze.fs_finalize')
    expect(await thaw()).to.deep.equal({ code: 0, report: { thawed: [], failed: [], held: [] } })
    await cli.write({ go: '' })
  })
})
