// Claim: a backup made of scripts alone freezes under a deadman: fermata killed in the middle of it leaves the service
// stopped no longer than its lease, the killed backup can be resumed, and what the deadman did stands in its events.
import { expect } from 'chai'
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, openCliSite, type CliSite, type StartedCli } from '../support/cli.ts'

const lease = 5000

const blueprint = `
tosca_definitions_version: cloudify_dsl_1_3
imports:
  - cloudify/types/types.yaml
  - plugin:cloudify-utilities-plugin
inputs:
  pid: { type: string }
  place: { type: string }
node_templates:
  service:
    type: cloudify.nodes.SoftwareComponent
    interfaces:
      cloudify.interfaces.freeze:
        fs_prepare:
          implementation: stop.sh
          inputs: &shared { PROCESS: { get_input: pid }, PLACE: { get_input: place } }
        fs_finalize:
          implementation: continue.sh
          inputs: *shared
      cloudify.interfaces.snapshot:
        create:
          implementation: save.sh
          inputs: *shared
        delete:
          implementation: remove.sh
          inputs: *shared
`

const scripts = {
  'stop.sh': 'kill -STOP "$PROCESS"; ctx instance runtime-properties stopped @true',
  'continue.sh': 'kill -CONT "$PROCESS"; ctx instance runtime-properties stopped @false; ctx logger info "goes on"',
  'save.sh':
    'touch "$PLACE/begun"; while ! [ -e "$PLACE/may-go-on" ]; do sleep 0.05; done; cp "$PLACE/log" "$PLACE/$snapshot_name"',
  'remove.sh': 'rm -f "$PLACE/$snapshot_name"',
}

const writer = `setInterval(() => require('node:fs').appendFileSync(process.argv[1], Date.now() + '\\n'), 5)`

describe('a backup made of scripts', () => {
  let cli: CliSite
  let service: ChildProcess
  const at = (name: string): string => join(cli.folder, name)
  const times = (): number[] => readFileSync(at('log'), 'utf8').trim().split('\n').map(Number)
  const longestGap = (): number => Math.max(...times().map((time, index, all) => time - (all[index - 1] ?? time)))

  before(async () => {
    cli = await openCliSite()
    service = spawn(process.execPath, ['-e', writer, at('log')], { stdio: 'ignore' })
    await eventually('the service writes', () => existsSync(at('log')))
    const path = await cli.write({ 'shop/blueprint.yaml': blueprint, ...inFolder('shop', scripts) })
    await cli.ok('blueprints', 'upload', '-b', 'shop', path)
    const inputs = ['-i', `pid='${service.pid}'`, '-i', `place=${cli.folder}`]
    await cli.ok('executions', 'start', 'install', '-b', 'shop', ...inputs)
  })

  after(async () => {
    service.kill('SIGKILL')
    await cli.close()
  })

  it('is killed, goes on in time, and is resumed', async () => {
    const backup = await frozenBackup('first')
    backup.signal('SIGKILL')
    await backup.ended
    const before = times().length
    await eventually('the service goes on', () => times().length > before + 10)
    expect(longestGap()).to.be.within(300, lease + 2000)

    await writeFile(at('may-go-on'), '')
    const executions = await cli.json<{ id: string; workflow: string }[]>('executions', 'list', '-d', 'shop')
    const { id } = executions.find(({ workflow }) => workflow === 'backup') ?? { id: '' }
    await cli.ok('executions', 'resume', id)
    expect(existsSync(at('first'))).to.equal(true)
    const events = await cli.ok('events', 'list', id)
    expect(events).to.contain('The lease ended, and the deadman ran fs_finalize: it ended well')
    expect(events.match(/INFO: goes on/g), 'once by the deadman, then by us').to.have.length.of.at.least(2)
    const status = await cli.json<{ frozen: unknown[] }>('status')
    expect(status.frozen).to.deep.equal([])
  })

  it('is stopped, and fails when it wakes: what it saved was not still', async () => {
    rmSync(at('may-go-on'))
    const backup = await frozenBackup('second')
    backup.signal('SIGSTOP')
    const before = times().length
    await eventually('the service goes on', () => times().length > before + 10)
    await writeFile(at('may-go-on'), '')
    backup.signal('SIGCONT')
    const { code, stderr } = await backup.ended
    expect(code).to.equal(1)
    expect(stderr).to.contain('freeze.expired')
    expect(existsSync(at('second')), 'taken back').to.equal(false)
    expect(longestGap()).to.be.at.most(lease + 2000)
    const status = await cli.json<{ frozen: unknown[] }>('status')
    expect(status.frozen).to.deep.equal([])
  })

  /** Its snapshot has begun, and waits for `may-go-on`. */
  async function frozenBackup(name: string): Promise<StartedCli> {
    rmSync(at('begun'), { force: true })
    const parameters = ['-p', `snapshot_name=${name}`, '-p', `lease=${lease}ms`]
    const backup = cli.start('executions', 'start', 'backup', '-d', 'shop', ...parameters)
    await eventually('it saves', () => existsSync(at('begun')))
    return backup
  }
})

function inFolder(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, `#!/bin/sh\n${text}\n`]))
}
