import { expect } from 'chai'
import type { RunOperation } from '../../../src/plugins/contract/operation.ts'
import plugin from '../../../src/plugins/terminal/plugin.ts'
import { operationContext, type TestContext } from '../../../src/testing/operation-context.ts'
import { labHost } from '../../support/ssh-lab.ts'

const task = plugin.operations['cloudify_terminal.tasks.run'] as RunOperation

describe('a terminal on a host', function () {
  this.timeout(30_000)
  let ctx: TestContext

  beforeEach(() => {
    ctx = operationContext({ node: { properties: labHost(11) } })
  })
  afterEach(() => ctx.cleanUp())
  after(() => plugin.close?.())

  it('is typed into, answers what is asked, and keeps what it said', async () => {
    const calls = [
      { action: 'hostname', save_to: 'name' },
      {
        // What is typed comes back: it must not hold the question itself.
        action: "printf 'Su''re? '; read answer; echo got-$answer",
        responses: [{ question: 'Sure? ', answer: 'yes', newline: true }],
        save_to: 'answer',
      },
    ]
    await task.run(ctx, { calls })
    expect(ctx.instance.runtimeProperties['name']).to.equal('h11')
    expect(ctx.instance.runtimeProperties['answer']).to.contain('got-yes')
  })

  it('fails by the texts that are named', async () => {
    const run = (kind: string) =>
      Promise.resolve(
        task.run(ctx, { calls: [{ action: 'echo disk-is-$((1))full', [kind]: ['disk-is-1full'] }] }),
      ).catch((problem: unknown) => problem)
    expect(await run('errors')).to.include({ code: 'ssh.command_failed', retry: 'later' })
    expect(await run('criticals')).to.include({ code: 'ssh.command_failed', retry: 'never' })
  })

  it('says when no prompt comes', async () => {
    const calls = [{ action: 'sleep 5', timeout: 0.5 }]
    const thrown = await Promise.resolve(task.run(ctx, { calls })).catch((problem: unknown) => problem)
    expect(thrown).to.have.property('code', 'ssh.bad_prompt')
  })
})
