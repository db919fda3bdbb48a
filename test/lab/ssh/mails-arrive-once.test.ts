// Claim: at a real mail server, success and failure are told once; what it puts off comes later, what it refuses is told.
import { expect } from 'chai'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MailRecord } from '../../../src/engine/mail-api.ts'
import { openCliSite } from '../../support/cli.ts'

const state = process.env['LAB_STATE'] ?? '/tmp/lab-ssh'

/** How often the server has a mail with this message id. */
async function copies(messageId: string): Promise<number> {
  const folder = join(state, 'maildir/new')
  const texts = (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8'))
  return (await Promise.all(texts)).filter((text) => text.includes(messageId)).length
}

describe('lab: mails', function () {
  this.timeout(60_000)

  it('arrive once at the server, over TLS and with a password', async () => {
    const site = await openCliSite()
    try {
      const blueprint =
        'tosca_definitions_version: cloudify_dsl_1_4\nimports: [cloudify/types/types.yaml]\nnode_templates: {web: {type: cloudify.nodes.Root}}\n'
      await site.ok('blueprints', 'upload', await site.write({ 'shop/blueprint.yaml': blueprint }), '-b', 'shop')
      await site.ok('deployments', 'create', 'shop', '-b', 'shop')
      await site.ok('secrets', 'create', 'smtp', '-s', 'lab-password')
      const server = [
        '--server',
        '127.0.0.1',
        '--port',
        '2525',
        '--ca',
        join(state, 'smtp-ca.pem'),
        '--from',
        'f@example.com',
      ]
      await site.ok(
        'mail',
        'settings',
        ...server,
        '--user',
        'lab',
        '--password-secret',
        'smtp',
        '--notify-error',
        'ops@example.com',
      )
      const told = ['--notify-success', 'team@example.com,defer-1@example.com,reject@example.com']
      expect((await site.run('executions', 'start', 'start', '-d', 'shop', ...told)).code).to.equal(0)
      expect(
        (await site.run('executions', 'start', 'restore', '-d', 'shop', '-p', 'snapshot_name=none')).code,
      ).to.equal(1)
      const mails = await site.json<MailRecord[]>('mail', 'list')
      const found = await Promise.all(mails.map(async (mail) => [mail.to, mail.status, await copies(mail.messageId)]))
      expect(found).to.have.deep.members([
        ['team@example.com', 'sent', 1],
        ['reject@example.com', 'failed', 0],
        ['ops@example.com', 'sent', 1],
        // The server counts by name over its whole life.
        ['defer-1@example.com', 'sent', 1],
      ])
    } finally {
      await site.close()
    }
  })
})
