// Claim: when a process is killed while two deployments stand still, a start on a third one thaws both before it, or
// anything else, begins. Real processes; the lease is long, so that no deadman helps.
import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { blueprintPath, openCliSite, type CliSite } from '../support/cli.ts'

const killed = fileURLToPath(new URL('killed-with-two-frozen.ts', import.meta.url))
const deployments = ['left', 'right', 'third']
const thaw = 'Done cloudify.interfaces.freeze.fs_finalize'

interface Event {
  readonly time: number
  readonly message: string
}

describe('a start after a kill', () => {
  let cli: CliSite
  const writers: Record<string, number> = {}

  before(async function () {
    this.timeout(60_000)
    cli = await openCliSite()
    await cli.ok('blueprints', 'upload', blueprintPath('two-tier'), '-b', 'shop')
    for (const id of deployments) {
      await cli.ok('deployments', 'create', id, '-b', 'shop')
      await cli.ok('executions', 'start', 'install', '-d', id)
      const instances = await cli.json<{ nodeId: string; runtimeProperties: { process: { pid: number } } }[]>(
        'node-instances',
        'list',
        '-d',
        id,
      )
      writers[id] = instances.find(({ nodeId }) => nodeId === 'writer')?.runtimeProperties.process.pid ?? 0
    }
  })
  after(() => cli.close())

  const stateOf = async (id: string): Promise<string> => {
    const stat = await readFile(`/proc/${writers[id]}/stat`, 'utf8')
    return stat[stat.lastIndexOf(')') + 2] ?? ''
  }
  const eventsOf = async (id: string, workflow: string): Promise<readonly Event[]> => {
    const executions = await cli.json<{ id: string; workflow: string }[]>('executions', 'list', '-d', id)
    const execution = executions.find((one) => one.workflow === workflow)
    return cli.json<Event[]>('events', 'list', execution?.id ?? '')
  }

  it('thaws what stands still elsewhere first, and carries the backups to their end', async function () {
    this.timeout(60_000)
    const environment = { ...process.env, XDG_RUNTIME_DIR: `${cli.folder}/run` }
    const argument = JSON.stringify({ home: cli.home, deployments: ['left', 'right'] })
    const child = spawn(process.execPath, [killed, argument], { env: environment, stdio: 'inherit' })
    expect((await once(child, 'exit'))[1]).to.equal('SIGKILL')
    for (const id of ['left', 'right']) expect(await stateOf(id), id).to.equal('T')
    const { frozen } = await cli.json<{ frozen: { deploymentId: string; kind: string; holder: null }[] }>('status')
    expect(frozen.map(({ deploymentId, kind, holder }) => [deploymentId, kind, holder]).toSorted()).to.deep.equal([
      ['left', 'host', null],
      ['right', 'host', null],
    ])

    await cli.ok('executions', 'start', 'statistics', '-d', 'third')
    for (const id of deployments) expect(await stateOf(id), id).to.not.equal('T')
    const begun = (await eventsOf('third', 'statistics'))[0]?.time ?? 0
    const backups = await Promise.all(['left', 'right'].map((id) => eventsOf(id, 'backup')))
    const thawed = backups.map((events) => events.find(({ message }) => message.includes(thaw))?.time ?? Infinity)
    const resumed = backups.map((events) => events.find(({ message }) => message.startsWith('Resuming'))?.time ?? 0)
    expect(Math.max(...thawed)).to.be.at.most(Math.min(...resumed))
    expect(Math.max(...resumed)).to.be.at.most(begun)
    for (const events of backups) expect(events.at(-1)?.message).to.contain('succeeded')
    expect((await cli.json<{ frozen: unknown[] }>('status')).frozen).to.deep.equal([])
  })
})
