// Claim: the upgrade of a fleet as its blueprint says it: some first, then batches; a host that comes back with its old
// kernel ends it, a resume finishes the rest, nobody installs or boots twice, and a mail tells each end once.
import { expect } from 'chai'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionRecord } from '../../../src/engine/api.ts'
import type { FleetReport } from '../../../src/engine/fleet-api.ts'
import type { MailRecord } from '../../../src/engine/mail-api.ts'
import { blueprintPath, openCliSite, type CliSite } from '../../support/cli.ts'
import { figure, host, state } from './lab.ts'
import { copies, mailServerOptions } from './mails.ts'

const others = [3, 4, 5, 6, 7, 8]
const names = [1, 2, ...others].map((number) => `h${number}`)
/** Neither among the first nor in the last batch, in whatever order they come. */
const stubborn = 'h5'

/** The blueprint as it is, with more hosts of the same kind beside it. */
const fleet = `tosca_definitions_version: cloudify_dsl_1_4
imports: [upgrade/blueprint.yaml]
node_templates:
${others
  .map((number) => `  other${number}: {type: fermata.nodes.ssh.Host, properties: {ip: h${number}, user: root}}\n`)
  .join('')}`

describe('lab: the upgrade of a fleet', function () {
  this.timeout(240_000)
  let site: CliSite

  beforeEach(async () => {
    site = await openCliSite()
    await site.write({
      'upgrade.yaml': fleet,
      'upgrade/blueprint.yaml': await readFile(blueprintPath('fleet-upgrade')),
      boot_id: '11111111-2222-3333-4444-555555555555\n',
      // The hosts by their names, the gateway's key and theirs: as whoever upgrades a fleet has it in the own ssh_config.
      'account/.ssh/config': await readFile(join(state, 'ssh_config')),
    })
  })

  afterEach(() => site.close())

  it('ends behind a host that comes back with its old kernel, and is finished by a resume', async () => {
    const file = (name: string): string => join(site.folder, name)
    const cli = (...words: string[]) => site.runWith({ environment: { HOME: file('account') } }, ...words)
    const ok = async (...words: string[]): Promise<string> => {
      const { code, stdout, stderr } = await cli(...words)
      expect(code, stdout + stderr).to.equal(0)
      return stdout
    }
    await ok('secrets', 'create', 'smtp', '-s', 'lab-password')
    await ok('mail', 'settings', ...mailServerOptions('smtp'), '--notify-error', 'ops@example.com')
    await ok('blueprints', 'upload', '-b', 'upgrade', file('upgrade.yaml'))
    const inputs = { key: '', gateway: 'jump', web_address: 'h1', database_address: 'h2' }
    await ok('deployments', 'create', 'upgrade', '-b', 'upgrade', ...given('-i', inputs))

    const upgrade = {
      commands: JSON.stringify([
        `echo downloaded >> ${file('log-')}$(hostname)`,
        // The lab's hosts share a kernel: another boot id is put over theirs, and goes with the sshd that ends.
        `echo new > ${file('installed-')}$(hostname); echo installed >> ${file('log-')}$(hostname); mount --bind ${file('boot_id')} /proc/sys/kernel/random/boot_id`,
      ]),
      reboot_command: `echo booted >> ${file('log-')}$(hostname); touch ${file('boot-')}$(hostname)`,
      check: `grep -qx new ${file('kernel-')}$(hostname) && echo "$(hostname) runs the new one"`,
    }
    const boots = new Boots(site.folder)
    const start = ['executions', 'start', 'upgrade_kernel', '-d', 'upgrade', '--notify-success', 'team@example.com']
    const run = await cli(...start, ...given('-p', upgrade))
    expect(run.code, run.stdout + run.stderr).to.equal(1)
    const [execution] = JSON.parse(await ok('executions', 'list', '--json')) as ExecutionRecord[]
    const id = execution?.id ?? ''
    const report = async (): Promise<FleetReport> => JSON.parse(await ok('fleet', 'show', id, '--json')) as FleetReport
    const first = await report()
    expect(execution?.error?.code).to.equal('fleet.budget_spent')
    expect(first.counts.failed).to.equal(1)
    expect(first.counts.not_begun).to.be.within(1, 5)
    expect(first.hosts.find(({ state: end }) => end === 'failed')?.host).to.equal(stubborn)
    expect(run.stdout).to.match(/Beginning the canary \(1 of 5\): 1 hosts/)
    expect(run.stdout).to.contain('No further host begins')

    // Somebody mends the host; the rest follows.
    await writeFile(file(`kernel-${stubborn}`), 'new\n')
    const resumed = await cli('executions', 'resume', id)
    await boots.end()
    expect(resumed.code, resumed.stdout + resumed.stderr).to.equal(0)
    const last = await report()
    expect(last.counts.done).to.equal(names.length)
    for (const { steps } of last.hosts) expect(steps.at(-1)?.stdout).to.match(/^h\d runs the new one\n$/)
    const logs = await Promise.all(names.map((name) => readFile(file(`log-${name}`), 'utf8')))
    expect(logs).to.deep.equal(names.map(() => 'downloaded\ninstalled\nbooted\n'))

    const mails = JSON.parse(await ok('mail', 'list', '--json')) as MailRecord[]
    const told = await Promise.all(mails.map(async (mail) => [mail.to, mail.status, await copies(mail.messageId)]))
    expect(told).to.deep.equal([
      ['ops@example.com', 'sent', 1],
      ['team@example.com', 'sent', 1],
    ])
    figure(`a fleet of ${names.length} was upgraded, one host of it mended on the way: each installed and booted once`)
  })
})

const given = (option: string, values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).flatMap(([name, value]) => [option, `${name}=${value}`])

/** Boots every host that asks for it: its sshd ends with all that runs there, and comes back under another boot id. */
class Boots {
  readonly #folder: string
  readonly #work: Promise<void>
  #isOver = false

  constructor(folder: string) {
    this.#folder = folder
    this.#work = this.#watch()
  }

  async end(): Promise<void> {
    this.#isOver = true
    await this.#work
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      const asked = (await readdir(this.#folder)).filter((name) => name.startsWith('boot-'))
      await Promise.all(asked.map((name) => this.#boot(name.slice('boot-'.length))))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async #boot(name: string): Promise<void> {
    const file = (prefix: string): string => join(this.#folder, `${prefix}-${name}`)
    await rm(file('boot'))
    await host(name, 'stop')
    // The boot loader of one of them goes back to what it knows.
    await writeFile(file('kernel'), name === stubborn ? 'old\n' : await readFile(file('installed')))
    await host(name, 'start')
  }
}
