import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadSubject } from '../../../src/testing/contract/load-subject.ts'
import { faulty, testFermata, type InjectionPlan, type TestFermata } from '../../../src/testing/index.ts'
import { root } from '../../architecture/source-files.ts'
import { temporaryFolder } from '../../support/folder.ts'

const folder = join(root, 'blueprints/plugin-template')

async function boxes(path: string, plans: readonly InjectionPlan[]): Promise<TestFermata> {
  const { plugin } = await loadSubject(folder)
  const types = await readFile(join(folder, 'plugin.yaml'), 'utf8')
  const blueprint = await readFile(join(folder, 'example/blueprint.yaml'), 'utf8')
  return testFermata({
    blueprint: blueprint.replace('plugin:example', 'types.yaml'),
    files: { 'types.yaml': types },
    inputs: { path },
    plugins: { example: faulty(plugin, plans) },
  })
}

const quick = { taskRetries: 2, taskRetryInterval: 1 }

describe('a fermata for tests', () => {
  it('runs workflows of a blueprint with plugins that are given as values', async () => {
    await using place = await temporaryFolder()
    await using test = await boxes(join(place.path, 'box'), [])
    expect((await test.run('install')).status).to.equal('terminated')
    const backup = await test.run('backup', { snapshot_name: 'first' })
    expect(backup.status).to.equal('terminated')
    expect((await test.events(backup)).map(({ message }) => message)).to.include("Backuped to 'first'")
  })

  it('meets a lost answer, a throttle and a refusal as a provider would give them', async () => {
    await using place = await temporaryFolder()
    await using test = await boxes(join(place.path, 'box'), [
      { operation: 'box.snapshot_create', call: 1, injection: { kind: 'lose' } },
      { operation: 'box.snapshot_create#settle', call: 1, injection: { kind: 'throttle', after: 1 } },
      { operation: 'box.create', call: 1, injection: { kind: 'refuse' } },
    ])
    expect((await test.run('install', {}, quick)).status).to.equal('terminated')
    const backup = await test.run('backup', { snapshot_name: 'first' }, quick)
    expect(backup.status).to.equal('terminated')
    const events = await test.events(backup)
    expect(events.filter(({ kind }) => kind === 'task_failed')).to.have.lengthOf(1)
    expect(events.filter(({ kind }) => kind === 'task_rescheduled')).to.have.lengthOf(1)
  })

  it('waits for events, and cancels what hangs', async () => {
    await using place = await temporaryFolder()
    await using test = await boxes(join(place.path, 'box'), [
      { operation: 'box.snapshot_create', call: 1, injection: { kind: 'hang' } },
    ])
    await test.run('install')
    const run = test.start('backup', { snapshot_name: 'first' })
    await run.until(({ kind, operation }) => kind === 'task_started' && (operation ?? '').endsWith('snapshot.create'))
    run.cancel()
    expect((await run.done).status).to.equal('cancelled')
    const missing = await run.until(({ message }) => message === 'never').catch((thrown: Error) => thrown.message)
    expect(missing).to.equal('the execution ended without such an event')
  })
})
