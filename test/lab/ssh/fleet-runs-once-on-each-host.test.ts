// Claim: whatever happens to fermata or to the network, a command of a fleet run is run once on each host.
import { expect } from 'chai'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { FleetReport } from '../../../src/engine/fleet-api.ts'
import { eventually, openCliSite, type CliSite } from '../../support/cli.ts'
import { countHosts, figure } from './lab.ts'

const state = process.env['LAB_STATE'] ?? '/tmp/lab-ssh'
const numbers = Array.from({ length: countHosts() }, (_, index) => index + 1)
const jump = ['--jump', 'root@10.254.0.2', '--jump-key', `${state}/keys/jump`]
const login = [...jump, '--user', 'root', '--key', `${state}/keys/host`, '--known-hosts', `${state}/known_hosts`]
const addresses = (of: readonly number[]): string => of.map((number) => `10.254.1.${number}`).join(',')

/** What it starts keeps running, so nothing of it may be waited for but its own end. */
async function host(number: number, what: 'stop' | 'start' | 'cut' | 'join'): Promise<void> {
  const script = fileURLToPath(new URL('host', import.meta.url))
  const child = spawn(script, [`h${number}`, what], { env: { ...process.env, LAB_STATE: state }, stdio: 'ignore' })
  expect((await once(child, 'exit'))[0]).to.equal(0)
}

async function reportOf(site: CliSite): Promise<FleetReport> {
  const runs = await site.json<{ id: string }[]>('fleet', 'list')
  return site.json('fleet', 'show', runs.at(-1)?.id ?? '')
}

/** Lines that the hosts wrote: the hosts of the lab share the files of the machine. */
async function counts(site: CliSite, of: readonly number[]): Promise<readonly number[]> {
  const texts = of.map((number) => readFile(join(site.folder, `count-h${number}`), 'utf8').catch(() => ''))
  return (await Promise.all(texts)).map((text) => text.split('\n').length - 1)
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

describe('lab: a fleet run', function () {
  this.timeout(120_000)
  let site: CliSite

  beforeEach(async () => {
    site = await openCliSite()
  })

  afterEach(() => site.close())

  it('is killed 20 times, carried on each time, and runs the command once on each host', async () => {
    const command = `echo begun >> ${site.folder}/count-$(hostname); sleep 0.4; echo "$(hostname) is through"`
    const limits = ['--concurrency', '6', '--canary', '1', '--batch', '30']
    let running = site.start('fleet', 'run', '--hosts', addresses(numbers), ...login, ...limits, '--', command)
    const kills = 20
    let killed = 0
    // Moments spread over the start, the connections, the commands and the records of them.
    for (let kill = 1; kill <= kills; kill++) {
      await running.line(/Sending task|Resuming|Starting/)
      await new Promise((resolve) => setTimeout(resolve, (kill * 137) % 430))
      running.signal('SIGKILL')
      if ((await running.ended).code === null) killed += 1
      const [run] = await site.json<{ id: string; status: string }[]>('fleet', 'list')
      if (run?.status === 'terminated') break
      running = site.start('executions', 'resume', run?.id ?? '')
    }
    await running.ended
    const report = await reportOf(site)
    expect(report.execution.status).to.equal('terminated')
    expect(report.counts.done).to.equal(numbers.length)
    expect(await counts(site, numbers)).to.deep.equal(numbers.map(() => 1))
    expect(report.hosts.map(({ steps }) => steps[0]?.stdout)).to.deep.equal(
      numbers.map((number) => `h${number} is through\n`),
    )
    figure(`a fleet run of ${numbers.length} hosts, killed ${killed} times: each host ran the command once`)
  })

  it('outlives a cable that is pulled while the command runs', async () => {
    const blueprint = await site.write({ 'blueprint.yaml': blueprintOf(14) })
    await site.ok('blueprints', 'upload', blueprint, '-b', 'one')
    await site.ok('deployments', 'create', 'one', '-b', 'one')
    const command = `echo begun >> ${site.folder}/count-h14; while [ ! -e ${site.folder}/go ]; do sleep 0.1; done; echo through`
    const running = site.start('fleet', 'run', '-d', 'one', '--', command)
    await eventually('the command began', () => exists(join(site.folder, 'count-h14')))
    await host(14, 'cut')
    try {
      await running.line(/the command goes on without us/)
      await writeFile(join(site.folder, 'go'), '')
    } finally {
      await host(14, 'join')
    }
    expect((await running.ended).code).to.equal(0)
    const report = await reportOf(site)
    expect(report.hosts.map(({ state: end, steps }) => [end, steps[0]?.stdout])).to.deep.equal([['done', 'through\n']])
    expect(await counts(site, [14])).to.deep.equal([1])
  })

  it('waits for a host that is booted anew, and checks it then', async () => {
    const flag = join(site.folder, 'rebooting')
    const fake = await site.write({ boot_id: '11111111-2222-3333-4444-555555555555\n' })
    const bind = `mount --bind ${fake} /proc/sys/kernel/random/boot_id`
    // The lab's hosts share a kernel: another boot id is put over theirs, and goes with the sshd that is stopped.
    const boot = ['--reboot', '--reboot-command', `touch ${flag}`, '--check', 'cat /proc/sys/kernel/random/boot_id']
    const running = site.start('fleet', 'run', '--hosts', addresses([15]), ...login, ...boot, '--', `hostname; ${bind}`)
    await eventually('the host was told to boot', () => exists(flag), 30_000)
    await host(15, 'stop')
    await host(15, 'start')
    expect((await running.ended).code).to.equal(0)
    const [report] = (await reportOf(site)).hosts
    const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    expect(report?.steps.map(({ name, state: end }) => [name, end])).to.deep.equal([
      ['command-1', 'done'],
      ['reboot', 'done'],
      ['check', 'done'],
    ])
    expect(report?.steps[2]?.stdout).to.equal(bootId)
  })

  it('ends on the hosts what it began, when it is cancelled', async () => {
    const command = `exec sleep 86413`
    const running = site.start('fleet', 'run', '--hosts', addresses([16, 17]), ...login, '--', command)
    const asleep = async (): Promise<number> => {
      const { stdout } = await promisify(execFile)('ps', ['axo', 'args'])
      return stdout.split('\n').filter((line) => line === 'sleep 86413').length
    }
    await eventually('both hosts run it', async () => (await asleep()) === 2)
    running.signal('SIGINT')
    expect((await running.ended).code).to.equal(6)
    await eventually('nothing is left running', async () => (await asleep()) === 0)
  })

  it('stops behind a canary that fails', async () => {
    const limits = ['--canary', '2', '--batch', '50%']
    const { code } = await site.run('fleet', 'run', '--hosts', addresses(numbers), ...login, ...limits, '--', 'exit 3')
    expect(code).to.equal(1)
    const { counts: found } = await reportOf(site)
    // Both of the canary begin at once.
    expect(found).to.include({ failed: 2, not_begun: numbers.length - 2 })
  })
})

const blueprintOf = (number: number): string => `tosca_definitions_version: cloudify_dsl_1_4
imports: [cloudify/types/types.yaml, plugin:fermata-ssh]
node_templates:
  host:
    type: fermata.nodes.ssh.Host
    properties:
      ip: 10.254.1.${number}
      user: root
      key: ${state}/keys/host
      known_hosts: [${state}/known_hosts]
      jumps: [{ip: 10.254.0.2, user: root, key: ${state}/keys/jump, known_hosts: [${state}/known_hosts]}]
      keepalive: 1
      connect_timeout: 3
`
