// Claim: at a real mail server, success and failure are told once, also when fermata is killed before it can record that
// the server has a mail; what the server puts off comes later, what it refuses is told.
import { expect } from 'chai'
import type { ExecutionRecord } from '../../../src/engine/api.ts'
import type { MailRecord } from '../../../src/engine/mail-api.ts'
import { eventually, openCliSite, type CliSite } from '../../support/cli.ts'
import { figure } from './lab.ts'
import { copies, mailServerOptions } from './mails.ts'

const blueprint =
  'tosca_definitions_version: cloudify_dsl_1_4\nimports: [cloudify/types/types.yaml]\nnode_templates: {web: {type: cloudify.nodes.Root}}\n'

describe('lab: mails', function () {
  this.timeout(120_000)
  let site: CliSite
  /** The server keeps all that it ever took: names that are this run's alone. */
  const own = (name: string): string => `${name}.${process.pid}-${Date.now()}@example.com`

  beforeEach(async () => {
    site = await openCliSite()
    await site.ok('blueprints', 'upload', await site.write({ 'shop/blueprint.yaml': blueprint }), '-b', 'shop')
    await site.ok('deployments', 'create', 'shop', '-b', 'shop')
    await site.ok('secrets', 'create', 'smtp', '-s', 'lab-password')
    await site.ok('mail', 'settings', ...mailServerOptions('smtp'), '--notify-error', 'ops@example.com')
  })

  afterEach(() => site.close())

  const start = (...told: string[]): string[] => {
    const words = ['executions', 'start', 'start', '-d', 'shop', '--notify-success']
    return [...words, told.join(',')]
  }
  const mails = (): Promise<MailRecord[]> => site.json('mail', 'list')

  it('arrive once at the server, over TLS and with a password', async () => {
    const [later, never] = [own('defer-2'), 'reject@example.com']
    expect((await site.run(...start('team@example.com', later, never))).code).to.equal(0)
    expect((await site.run('executions', 'start', 'restore', '-d', 'shop', '-p', 'snapshot_name=none')).code).to.equal(
      1,
    )
    const told = (await mails()).map(async (mail) => [
      mail.to,
      mail.status,
      mail.attempts,
      await copies(mail.messageId),
    ])
    expect(await Promise.all(told)).to.have.deep.members([
      ['team@example.com', 'sent', 1, 1],
      [later, 'sent', 3, 1],
      [never, 'failed', 1, 0],
      ['ops@example.com', 'sent', 1, 1],
    ])
    const executions = await site.json<ExecutionRecord[]>('executions', 'list')
    const began = executions.find(({ workflow }) => workflow === 'start')?.id ?? ''
    const events = await site.ok('events', 'list', began)
    expect(events).to.match(/The mail to reject@example\.com was refused: .*550/)
    expect(events).to.match(/The mail to defer-2\S+ is put off: .*451/)
  })

  it('are not sent again when fermata is killed between the sending and the record of it', async () => {
    const to = own('late')
    const kills = 3
    for (let kill = 1; kill <= kills; kill++) {
      const running = site.start(...start(to))
      // The server has it, and has not said so yet.
      await eventually('the server has the mail', async () => (await copies(to)) === kill, 60_000)
      running.signal('SIGKILL')
      expect((await running.ended).code).to.equal(null)
      const last = (await mails()).at(-1)
      expect([last?.to, last?.status]).to.deep.equal([to, 'sending'])
    }
    await site.ok('mail', 'send')
    await site.ok('mail', 'send')
    const told = (await mails()).map(async (mail) => [mail.status, await copies(mail.messageId)])
    expect(await Promise.all(told)).to.deep.equal(Array.from({ length: kills }, () => ['unknown', 1]))
    figure(`mails of a fermata that was killed ${kills} times before it could record them: each arrived once`)
  })
})
