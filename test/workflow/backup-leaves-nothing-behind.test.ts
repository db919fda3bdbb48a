import { expect } from 'chai'
import type { OperationContext } from '../../src/plugins/contract/context.ts'
import { engineSite, type EngineSite } from '../support/engine-site.ts'
import { faultOf } from '../support/freezing-provider.ts'

const fail = (message: string) => () => {
  throw new Error(message)
}

/** Hangs until told to stop, and says when it has begun. */
function hanging(): { readonly begun: Promise<void>; readonly hook: (ctx: OperationContext) => Promise<never> } {
  const begun = Promise.withResolvers<void>()
  const hook = (ctx: OperationContext): Promise<never> =>
    new Promise((_resolve, reject) => {
      ctx.signal.addEventListener('abort', () => reject(new Error('told to stop')), { once: true })
      begun.resolve()
    })
  return { begun: begun.promise, hook }
}

async function expectNothingLeft(site: EngineSite): Promise<void> {
  expect([...site.frozen, ...site.armed]).to.deep.equal([])
  const status = await site.fermata.status()
  expect([status.frozen, status.interrupted]).to.deep.equal([[], []])
}

describe('a backup', () => {
  it('thaws after a failed snapshot, takes the others back, and leaves its name free', async () => {
    await using site = await engineSite({ hooks: { 'cut db': fail('no space for a snapshot') } })
    const execution = await site.start('backup', { snapshot_name: 'one' })
    expect([execution.status, execution.error?.message]).to.deep.equal([
      'failed',
      "plugin 'test', operation 'cut': Error: no space for a snapshot",
    ])
    await expectNothingLeft(site)
    expect(site.log.filter((line) => line.startsWith('undo')).length).to.be.at.least(1)
    expect(execution.freezes.map(({ thawedAt }) => thawedAt === null)).to.deep.equal([false, false, false])
    delete site.hooks['cut db']
    expect((await site.start('backup', { snapshot_name: 'one' })).status).to.equal('terminated')
    expect((await site.start('backup', { snapshot_name: 'one' })).error?.code).to.equal('catalog.name_taken')
  })

  it('does not wait for what hangs when it is cancelled', async () => {
    const { begun, hook } = hanging()
    await using site = await engineSite({ hooks: { 'cut db': hook } })
    const abort = new AbortController()
    const running = site.start('backup', { snapshot_name: 'one' }, { signal: abort.signal })
    await begun
    expect(site.frozen.size).to.equal(3)
    abort.abort()
    const execution = await running
    expect(execution.status).to.equal('cancelled')
    await expectNothingLeft(site)
  })

  it('is cancelled from another process in the same way', async () => {
    const { begun, hook } = hanging()
    await using site = await engineSite({ hooks: { 'cut db': hook } })
    let id = ''
    const running = site.start('backup', {}, { onStarted: (execution) => void (id = execution.id) })
    await begun
    const other = await site.reopen()
    expect((await other.executions.cancel(id)).status).to.equal('cancelling')
    expect((await running).status).to.equal('cancelled')
    expect((await faultOf(other.executions.cancel(id)))?.code).to.equal('engine.not_resumable')
    await expectNothingLeft(site)
  })

  it('tells of a node that it could not thaw, also when it failed before, and thaws it when resumed', async () => {
    await using site = await engineSite({
      hooks: { 'cut db': fail('no space'), 'thaw web': fail('web does not answer') },
    })
    const execution = await site.start('backup', { snapshot_name: 'one' })
    expect(execution.status).to.equal('failed')
    expect((await site.fermata.status()).frozen.map(({ instanceId }) => instanceId)).to.deep.equal([site.ids['web']])
    const errors = (await site.events(execution)).filter(({ level }) => level === 'ERROR')
    expect(errors.map(({ message }) => message).join()).to.contain('web does not answer')
    delete site.hooks['thaw web']
    delete site.hooks['cut db']
    expect((await site.fermata.executions.resume(execution.id)).status).to.equal('terminated')
    await expectNothingLeft(site)
  })

  it('runs only what is left when it is resumed after a failure', async () => {
    await using site = await engineSite({ hooks: { 'freeze vm': fail('refused') } })
    const failed = await site.start('backup', { snapshot_name: 'one' })
    expect(failed.status).to.equal('failed')
    delete site.hooks['freeze vm']
    site.log.length = 0
    expect((await site.fermata.executions.resume(failed.id)).status).to.equal('terminated')
    for (const what of ['freeze', 'cut', 'thaw', 'settle']) {
      expect(
        site.log.filter((line) => line.startsWith(`${what} `)),
        what,
      ).to.have.length(3)
    }
    expect((await faultOf(site.fermata.executions.resume(failed.id)))?.code).to.equal('engine.not_resumable')
  })

  it('gives itself a name that a resumed run keeps', async () => {
    await using site = await engineSite({ hooks: { 'settle db': fail('upload broke') } })
    const failed = await site.start('backup')
    const name = site.inputs['cut db']?.['snapshot_name']
    expect(name).to.match(/^backup-\d{10}$/)
    delete site.hooks['settle db']
    const resumed = await site.fermata.executions.resume(failed.id)
    expect((resumed.result as { snapshot_name: string }).snapshot_name).to.equal(name)
    expect(site.inputs['cut db']?.['snapshot_name']).to.equal(name)
  })

  it('hands its parameters on as Cloudify does', async () => {
    await using site = await engineSite()
    await site.start(
      'backup',
      { snapshot_name: 'one', snapshot_type: '', lease: '20s', extra: 'mine', include_node_types: ['test.Nothing'] },
      { allowCustomParameters: true },
    )
    const failed = await site.fermata.executions.list()
    expect(failed.at(-1)?.error?.code).to.equal('plan.unknown_node_type')
    const done = await site.start(
      'backup',
      { snapshot_name: 'one', snapshot_type: '', lease: '20s', extra: 'mine' },
      { allowCustomParameters: true },
    )
    expect(done.status).to.equal('terminated')
    const all = {
      snapshot_name: 'one',
      snapshot_incremental: true,
      snapshot_type: 'irregular',
      snapshot_rotation: 1,
      extra: 'mine',
    }
    expect(site.inputs['cut db']).to.deep.equal(all)
    expect(site.inputs['freeze db']).to.deep.equal({
      ...all,
      include_node_types: [],
      exclude_node_types: ['cloudify.nodes.Compute'],
    })
    expect(site.inputs['thaw vm']).to.deep.equal({
      ...all,
      include_node_types: ['cloudify.nodes.Compute'],
      exclude_node_types: [],
    })
  })

  it('retries what may be tried again, as often as it is told', async () => {
    let left = 2
    await using site = await engineSite({ hooks: { 'settle db': (ctx) => (left-- > 0 ? ctx.retry('busy', 0) : null) } })
    expect((await site.start('backup', {}, { taskRetries: 1 })).status).to.equal('failed')
    left = 2
    expect((await site.start('backup', { snapshot_name: 'two' }, { taskRetries: 2 })).status).to.equal('terminated')
  })
})

describe('executions of one deployment', () => {
  it('run one at a time: a second start is refused, or waits', async () => {
    const { begun, hook } = hanging()
    await using site = await engineSite({ hooks: { 'cut db': hook } })
    const abort = new AbortController()
    const first = site.start('backup', { snapshot_name: 'one' }, { signal: abort.signal })
    await begun
    const refused = await faultOf(site.start('statistics'))
    expect(refused?.code).to.equal('engine.busy')
    expect(refused?.message).to.contain('backup').and.to.contain(String(process.pid))
    const waiting = site.start('statistics', {}, { wait: true })
    abort.abort()
    expect((await first).status).to.equal('cancelled')
    expect((await waiting).status).to.equal('terminated')
  })

  it('are carried on at the next start when their process is gone', async () => {
    const { begun, hook } = hanging()
    await using site = await engineSite({ hooks: { 'cut db': hook } })
    const abort = new AbortController()
    const first = site.start('backup', { snapshot_name: 'one' }, { signal: abort.signal })
    await begun
    // Its process dies: nobody of that name lives any more, and the effects stay as they are.
    await quiet(site)
    await forgetEngines(site)
    delete site.hooks['cut db']
    const other = await site.reopen()
    expect((await other.status()).interrupted).to.have.length(1)
    site.frozen.clear()
    const next = await other.executions.start({ workflow: 'statistics', deploymentId: 'shop' })
    expect(next.status).to.equal('terminated')
    const [carried] = await other.executions.list()
    expect([carried?.workflow, carried?.status]).to.deep.equal(['backup', 'terminated'])
    await expectNothingLeft(site)
    abort.abort()
    await first.catch(() => {})
  })

  it('do not block their deployment when their end could not be recorded', async () => {
    await using site = await engineSite()
    await breakEvents(site, async () => {
      expect((await faultOf(site.start('statistics')))?.code).to.equal('store.failed')
    })
    expect((await site.start('statistics')).status).to.equal('terminated')
    expect((await site.fermata.executions.list()).map(({ status }) => status)).to.deep.equal([
      'terminated',
      'terminated',
    ])
  })
})

/** All that the running execution has said so far is durable. */
async function quiet(site: EngineSite): Promise<void> {
  const [execution] = await site.fermata.executions.list()
  for (;;) {
    const events = await site.events({ id: execution?.id ?? '' })
    if (
      events.filter(({ kind, operation }) => kind === 'task_succeeded' && operation?.endsWith('snapshot.create'))
        .length === 2
    )
      return
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function forgetEngines(site: EngineSite): Promise<void> {
  await change(site, 'delete from engines')
}

/** The store refuses every event meanwhile. */
async function breakEvents(site: EngineSite, work: () => Promise<void>): Promise<void> {
  await change(site, "create trigger broken before insert on events begin select raise(abort, 'broken'); end")
  await work()
  await change(site, 'drop trigger broken')
}

async function change(site: EngineSite, sql: string): Promise<void> {
  const { openDatabase } = await import('../../src/store/sqlite/database.ts')
  const database = openDatabase(`${site.home}/fermata.db`)
  database.exec(sql)
  database.close()
}
