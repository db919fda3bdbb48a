// Claim: whoever is to be told gets one mail for each end of an execution, also when the server says later, the line is
// encrypted, or fermata is killed between sending and recording.
import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionRecord } from '../../src/engine/api.ts'
import type { MailRecord } from '../../src/engine/mail-api.ts'
import { openCliSite, type CliSite } from '../support/cli.ts'
import { mailServer, type MailServer } from '../support/mail-server.ts'

const blueprint = `tosca_definitions_version: cloudify_dsl_1_4
imports: [cloudify/types/types.yaml]
node_templates:
  web:
    type: cloudify.nodes.ApplicationModule
    interfaces:
      cloudify.interfaces.lifecycle:
        start: scripts/start.sh
        stop: {implementation: scripts/stop.sh, inputs: {word: {get_secret: word}}}
`

describe('mails about executions', function () {
  this.timeout(60_000)
  let site: CliSite
  let server: MailServer

  beforeEach(async () => {
    site = await openCliSite()
    server = await mailServer()
    const path = await site.write({
      'shop/blueprint.yaml': blueprint,
      'shop/scripts/start.sh': '#!/bin/sh\n',
      'shop/scripts/stop.sh': '#!/bin/sh\nctx abort-operation "the word is $word"\n',
    })
    await site.ok('secrets', 'create', 'word', '-s', 'very-secret-word')
    await site.ok('blueprints', 'upload', path, '-b', 'shop')
    await site.ok('deployments', 'create', 'shop', '-b', 'shop')
  })

  afterEach(async () => {
    await server[Symbol.asyncDispose]()
    await site.close()
  })

  const configure = (...more: string[]): Promise<string> =>
    site.ok(
      'mail',
      'settings',
      '--server',
      '127.0.0.1',
      '--port',
      String(server.port),
      '--from',
      'f@example.com',
      ...more,
    )
  const start = (...more: string[]) => site.run('executions', 'start', 'start', '-d', 'shop', ...more)
  const mails = (): Promise<MailRecord[]> => site.json('mail', 'list')
  const states = async (): Promise<readonly string[]> => (await mails()).map(({ to, status }) => `${to} ${status}`)
  const recipients = (): readonly string[] => server.taken.map(({ to }) => to).toSorted()

  it('go to those who want to know of success, and to others of failure', async () => {
    await configure('--notify-error', 'ops@example.com')
    const told = ['--notify-success', 'a@example.com,b@example.com']
    expect((await start(...told)).code).to.equal(0)
    expect(recipients()).to.deep.equal(['a@example.com', 'b@example.com'])
    expect(
      (await site.run('executions', 'start', 'restore', '-d', 'shop', '-p', 'snapshot_name=none', ...told)).code,
    ).to.equal(1)
    expect(recipients()).to.deep.equal(['a@example.com', 'b@example.com', 'ops@example.com'])
    expect(server.taken[2]?.raw).to.match(/^Subject: fermata: restore of shop failed\r?$/m)
    expect(server.taken[2]?.raw).to.include('catalog.no_such_backup')
    expect(await states()).to.deep.equal(['a@example.com sent', 'b@example.com sent', 'ops@example.com sent'])
  })

  it('come when the server says later, and are reported when it says never', async () => {
    await configure()
    server.refusals.set('later@example.com', [451, 451])
    server.refusals.set('never@example.com', [550])
    await start('--notify-success', 'later@example.com,never@example.com')
    expect(recipients()).to.deep.equal(['later@example.com'])
    const found = await mails()
    expect(found.map(({ to, status, attempts }) => [to, status, attempts])).to.deep.equal([
      ['later@example.com', 'sent', 3],
      ['never@example.com', 'failed', 1],
    ])
    const [execution] = await site.json<ExecutionRecord[]>('executions', 'list')
    expect(await site.ok('events', 'list', execution?.id ?? '')).to.match(
      /The mail to never@example\.com was refused: .*550/,
    )
  })

  it('are not sent again when fermata is killed after the server took them and before that is recorded', async () => {
    await configure()
    const running = site.start('executions', 'start', 'start', '-d', 'shop', '--notify-success', 'a@example.com')
    server.onWhole = async () => {
      running.signal('SIGKILL')
      await running.ended
    }
    await running.ended
    expect(await states()).to.deep.equal(['a@example.com sending'])
    server.onWhole = undefined
    await site.ok('mail', 'send')
    await start()
    expect(recipients()).to.deep.equal(['a@example.com'])
    const [mail] = await mails()
    expect([mail?.status, mail?.error]).to.deep.equal(['unknown', 'fermata ended while the server may have taken it'])
  })

  it('are sent by the next fermata when the one that owes them was killed before it sent anything', async () => {
    await configure()
    server.refusals.set('a@example.com', [451, 451, 451, 451])
    const running = site.start('executions', 'start', 'start', '-d', 'shop', '--notify-success', 'a@example.com')
    while (!(await states()).some((state) => state === 'a@example.com queued' || state.endsWith('sending'))) {
      // Asked again until the first refusal is on record.
    }
    running.signal('SIGKILL')
    await running.ended
    server.refusals.clear()
    const end = Date.now() + 20_000
    while (server.taken.length === 0 && (await states())[0] !== 'a@example.com unknown' && Date.now() < end)
      await site.ok('mail', 'send')
    expect(recipients().length).to.be.at.most(1)
    expect(await states()).to.satisfy(
      ([state]: string[]) => state === `a@example.com ${server.taken.length === 1 ? 'sent' : 'unknown'}`,
    )
  })

  it('hold no secret', async () => {
    await configure('--notify-error', 'ops@example.com')
    expect((await site.run('executions', 'start', 'stop', '-d', 'shop')).code).to.equal(1)
    expect(recipients()).to.deep.equal(['ops@example.com'])
    expect(server.taken[0]?.raw.replaceAll('=\r\n', '')).to.include('the word is ********')
    expect(readFileSync(join(site.home, 'fermata.db'), 'latin1')).to.not.include('very-secret-word')
  })

  it('are refused before anything runs when nobody said who takes them', async () => {
    const { code, stderr } = await start('--notify-success', 'a@example.com')
    expect([code, await site.json('executions', 'list')]).to.deep.equal([2, []])
    expect(stderr).to.include('mail.not_configured')
  })
})

describe('a server that asks for a password', function () {
  this.timeout(60_000)

  it('gets it over TLS alone, and only when it is the one we mean', async () => {
    const site = await openCliSite()
    const key = join(site.folder, 'key.pem')
    const cert = join(site.folder, 'cert.pem')
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=localhost',
      ].concat(['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert]),
      { stdio: 'ignore' },
    )
    const user = { name: 'me', password: 'pass-word-1' }
    const certificate = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
    const safe = await mailServer({ user, certificate })
    const plain = await mailServer({ user })
    try {
      const path = await site.write({ 'shop/blueprint.yaml': blueprint.replace(/ {4}interfaces:[^]*/, '') })
      await site.ok('blueprints', 'upload', path, '-b', 'shop')
      await site.ok('deployments', 'create', 'shop', '-b', 'shop')
      const url = (port: number): string =>
        `smtp://me:pass-word-1@127.0.0.1:${port}?from=f@example.com&notify_success=a@example.com`
      const run = (port: number, ca: Record<string, string>) =>
        site.runWith(
          { environment: { FERMATA_SMTP_URL: url(port), ...ca } },
          'executions',
          'start',
          'start',
          '-d',
          'shop',
        )
      await run(plain.port, {})
      await run(safe.port, {})
      expect([plain.taken.length, safe.taken.length]).to.deep.equal([0, 0])
      await run(safe.port, { FERMATA_SMTP_CA: cert })
      expect(safe.taken.length).to.be.at.least(1)
      expect(readFileSync(join(site.home, 'fermata.db'), 'latin1')).to.not.include('pass-word-1')
    } finally {
      await safe[Symbol.asyncDispose]()
      await plain[Symbol.asyncDispose]()
      await site.close()
    }
  })
})
