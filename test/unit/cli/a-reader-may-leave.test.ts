// `fermata ... | head` ends without a word of complaint, and an execution whose reader left still runs to its end.
import { expect } from 'chai'
import { blueprintPath, openCliSite, type CliSite } from '../../support/cli.ts'

const intoHead = { prefix: ['bash', '-c', 'set -o pipefail; "$@" | head -n 1', '-'] }

describe('a reader that leaves', () => {
  let cli: CliSite
  beforeEach(async () => (cli = await openCliSite()))
  afterEach(() => cli.close())

  it('is no error, and does not end the execution', async () => {
    await cli.ok('blueprints', 'upload', blueprintPath('hello-suspend'), '-b', 'hello')
    const started = await cli.runWith(intoHead, 'executions', 'start', 'suspend', '-b', 'hello')
    expect(started.code, started.stderr).to.equal(0)
    expect(started.stderr).to.equal('')
    expect(started.stdout).to.match(/Starting 'suspend' workflow execution\n$/)
    const [execution] = await cli.json<{ status: string; id: string }[]>('executions', 'list')
    expect(execution?.status).to.equal('terminated')
    const events = await cli.runWith(intoHead, 'events', 'list', execution?.id ?? '')
    expect([events.code, events.stderr]).to.deep.equal([0, ''])
  })
})
