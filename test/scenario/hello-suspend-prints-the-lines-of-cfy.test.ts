// Claim: the first thing people try, hello-suspend in an empty home, prints the very lines that cfy prints.
import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { blueprintPath, openCliSite, type CliSite } from '../support/cli.ts'

const expected = `TIME  CFY <examples> Starting 'resume' workflow execution
TIME  CFY <examples> [server_ID] Starting to resume
TIME  CFY <examples> [server_ID.resume] Sending task 'script_runner.tasks.run'
TIME  CFY <examples> [server_ID.resume] Task started 'script_runner.tasks.run'
TIME  LOG <examples> [server_ID.resume] INFO: resume server_id=Server!
TIME  CFY <examples> [server_ID.resume] Task succeeded 'script_runner.tasks.run'
TIME  CFY <examples> [server_ID] Done resume
TIME  CFY <examples> 'resume' workflow execution succeeded
`

describe('hello-suspend', () => {
  let cli: CliSite
  before(async function () {
    if (spawnSync('python3', ['--version']).status !== 0) {
      console.log('      skipped: python3 is not on this machine')
      this.skip()
    }
    cli = await openCliSite()
  })
  after(() => cli?.close())

  it('resume prints the lines of cfy, in their order and form', async () => {
    await cli.ok('blueprints', 'upload', '-b', 'examples', blueprintPath('hello-suspend'))
    const printed = await cli.ok('executions', 'start', 'resume', '-b', 'examples')
    expect(normalised(printed)).to.equal(expected)
  })

  it('suspend is its mirror', async () => {
    const printed = await cli.ok('executions', 'start', 'suspend', '-b', 'examples')
    expect(normalised(printed)).to.equal(expected.replaceAll('resume', 'suspend'))
  })
})

function normalised(printed: string): string {
  return printed
    .replace(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}/gm, 'TIME')
    .replace(/\bserver_[a-z0-9]{6}\b/g, 'server_ID')
}
