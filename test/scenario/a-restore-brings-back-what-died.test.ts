// Claim: a deployment whose writer has died is restored all the same, and runs again from what was saved.
import { expect } from 'chai'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { blueprintPath, eventually, openCliSite, type CliSite } from '../support/cli.ts'

interface Instance {
  readonly nodeId: string
  readonly runtimeProperties: { readonly process: { readonly pid: number } }
}

describe('a restore after the writer died', () => {
  let cli: CliSite
  const lastLine = (name: string): number =>
    Number(
      readFileSync(join(cli.folder, 'data', name), 'utf8')
        .trimEnd()
        .split('\n')
        .at(-1),
    )
  const writer = async (): Promise<number> => {
    const instances = await cli.json<Instance[]>('node-instances', 'list', '-d', 'two-tier')
    return instances.find(({ nodeId }) => nodeId === 'writer')?.runtimeProperties.process.pid ?? 0
  }
  const start = (workflow: string, ...more: string[]): Promise<string> =>
    cli.ok('executions', 'start', workflow, '-d', 'two-tier', ...more)

  before(async () => {
    cli = await openCliSite()
    await cli.ok('blueprints', 'upload', '-b', 'two-tier', blueprintPath('two-tier'))
    const pair = ['-i', `directory=${join(cli.folder, 'data')}`, '-i', `snapshots=${join(cli.folder, 'snapshots')}`]
    await cli.ok('executions', 'start', 'install', '-b', 'two-tier', ...pair)
    await start('backup', '-p', 'snapshot_name=first')
  })

  after(() => cli.close())

  it('puts the data back, leaves the writer down, and a restart lets it go on from there', async () => {
    process.kill(-(await writer()), 'SIGKILL')
    rmSync(join(cli.folder, 'data', 'left.log'))
    const { code } = await cli.run('executions', 'start', 'backup', '-d', 'two-tier', '-p', 'snapshot_name=second')
    expect(code, 'a backup needs it running').to.equal(1)
    const printed = await start('restore', '-p', 'snapshot_name=first')
    expect(printed).to.contain("INFO: Restored from 'first'").and.to.contain('It does not run')
    const saved = lastLine('left.log')
    expect(saved).to.equal(lastLine('right.log'))
    await start('restart')
    await eventually('the writer goes on', () => lastLine('right.log') > saved)
  })
})
