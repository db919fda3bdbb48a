// Claim: a report tells what a reader needs, and nothing in it becomes markup, a header or an address.
import { expect } from 'chai'
import type { Fault } from '../../../src/kernel/fault.ts'
import { checkAddress, readAddresses } from '../../../src/notify/address.ts'
import { reportMail, type ReportFacts } from '../../../src/notify/report-mail.ts'
import { mailSettings, readSmtpUrl } from '../../../src/notify/settings.ts'

const facts: ReportFacts = {
  executionId: 'e-1',
  workflow: 'backup',
  deploymentId: 'shop',
  status: 'failed',
  createdAt: 0,
  endedAt: 61_000,
  error: { message: 'disk <b>full</b>\r\nBcc: all@example.com', code: 'store.full', hint: 'make room' },
  result: [['snapshot_name', 'monday']],
  frozen: [{ instanceId: 'db_1', length: 1500, expired: true }],
  labels: [{ name: 'monday', consistency: 'application' }],
}

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (thrown) {
    return (thrown as Fault).code
  }
  return 'nothing'
}

describe('a mail about an execution', () => {
  it('tells outcome, error, frozen times and labels, in text and in HTML', () => {
    const { subject, text, html } = reportMail(facts)
    expect(subject).to.equal('fermata: backup of shop failed')
    for (const words of [
      'store.full',
      'make room',
      'fermata executions resume e-1',
      'db_1',
      '1.50 s',
      'application',
      '1 min 1 s',
    ]) {
      expect(text).to.include(words)
      expect(html).to.include(words)
    }
    expect(text).to.include('thawed by its deadman')
  })

  it('escapes what would be markup', () => {
    const { html } = reportMail(facts)
    expect(html).to.not.include('<b>')
    expect(html).to.include('&#60;b&#62;full')
  })

  it('has a subject of one line, whatever the deployment is called', () => {
    const { subject } = reportMail({ ...facts, deploymentId: 'a\r\nBcc: all@example.com\u202e' })
    expect(subject).to.equal('fermata: backup of a Bcc: all@example.com failed')
  })

  it('names few of very many', () => {
    const frozen = Array.from({ length: 5000 }, (_, index) => ({ instanceId: `n${index}`, length: 1, expired: false }))
    expect(reportMail({ ...facts, frozen }).text).to.include('4950 more')
  })
})

describe('addresses of mail', () => {
  it('are lists without repetitions', () => {
    expect(readAddresses(['a@b.org, c@d.org', 'a@b.org'])).to.deep.equal(['a@b.org', 'c@d.org'])
  })

  for (const address of [
    'a',
    'a@',
    '@b',
    'a@b\r\nBcc: c@d',
    'a b@c',
    '<a@b>',
    'a@b,c@d',
    `${'a'.repeat(65)}@b.org`,
    'a@-b.org',
  ]) {
    it(`are not ${JSON.stringify(address.slice(0, 30))}`, () => {
      expect(codeOf(() => checkAddress(address))).to.equal('mail.bad_address')
    })
  }
})

describe('settings for mail', () => {
  it('demand encryption as soon as there is a password', () => {
    expect(mailSettings({ server: 'mail', from: 'f@x.org', user: 'me' })).to.include({ tls: 'required', port: 587 })
    expect(mailSettings({ server: 'mail', from: 'f@x.org' })).to.include({ tls: 'optional', port: 25 })
    expect(codeOf(() => mailSettings({ server: 'mail', from: 'f@x.org', user: 'me', tls: 'off' }))).to.equal(
      'mail.bad_settings',
    )
  })

  it('are read from one line', () => {
    const { settings, password } = readSmtpUrl(
      'smtps://me:p%40ss@[::1]:4650?from=f@x.org&notify_error=a@x.org,b@x.org',
      null,
    )
    expect(settings).to.deep.include({
      server: '::1',
      port: 4650,
      tls: 'direct',
      user: 'me',
      notifyError: ['a@x.org', 'b@x.org'],
    })
    expect(password).to.equal('p@ss')
    expect(codeOf(() => readSmtpUrl('http://x', null))).to.equal('mail.bad_settings')
  })
})
