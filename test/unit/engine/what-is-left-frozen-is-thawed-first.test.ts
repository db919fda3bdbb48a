// Claim: whatever the ledger holds as frozen with nobody to look after it is thawed before anything else is begun; what
// cannot be thawed is told, stays on record, and holds nobody else up.
import { expect } from 'chai'
import { join } from 'node:path'
import { fault } from '../../../src/kernel/fault.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import type { World } from '../../../src/world/world.ts'
import { engineSite, type EngineSite } from '../../support/engine-site.ts'

const failing = (): never => {
  throw fault('freeze.still_frozen', { details: { reason: 'the agent does not answer' } })
}

/** Two deployments whose backups failed with everything frozen, as far as the ledger knows. */
async function withLeftovers(site: EngineSite): Promise<void> {
  await site.fermata.deployments.create('other', 'shop', {})
  for (const node of ['vm', 'db', 'web']) site.hooks[`thaw ${node}`] = failing
  for (const deploymentId of ['shop', 'other']) {
    const ended = await site.start('backup', {}, { deploymentId, taskRetryInterval: 1 })
    expect(ended.status).to.equal('failed')
  }
  for (const node of ['vm', 'db', 'web']) delete site.hooks[`thaw ${node}`]
  site.log.length = 0
}

/** As if its process had been killed in the bracket. */
async function cutOff(site: EngineSite, deploymentId: string): Promise<void> {
  const store = openSqliteStore(join(site.home, 'fermata.db'))
  const change = "update executions set status = 'started', ended_at = null, engine_id = 'gone' where deployment_id = ?"
  await store.commit([{ sql: change, rows: [[deploymentId]] }])
  await store.close()
}

describe('what is left frozen', () => {
  it('is thawed before a start elsewhere, in the reverse of the order in which it was frozen', async () => {
    await using site = await engineSite()
    await withLeftovers(site)
    await cutOff(site, 'other')
    await site.fermata.deployments.create('third', 'shop', {})
    const log: string[] = []
    for (const what of ['thaw', 'resume', 'cut'])
      for (const node of ['vm', 'db', 'web'])
        site.hooks[`${what} ${node}`] = (ctx) => void log.push(`${what} ${ctx.deployment.id} ${node}`)
    const third = await site.start('resume', {}, { deploymentId: 'third' })
    expect(third.status).to.equal('terminated')
    const begun = log.findIndex((line) => !line.startsWith('thaw'))
    expect(log.slice(0, begun).toSorted()).to.deep.equal(
      ['other', 'shop'].flatMap((id) => ['db', 'vm', 'web'].map((node) => `thaw ${id} ${node}`)),
    )
    for (const id of ['shop', 'other']) {
      const order = log.filter((line) => line.startsWith(`thaw ${id}`)).slice(0, 3)
      expect(order).to.deep.equal(['vm', 'db', 'web'].map((node) => `thaw ${id} ${node}`))
    }
    expect((await site.fermata.status()).frozen).to.deep.equal([])
  })

  it('is thawed by thaw alone, which starts nothing and leaves the executions as they were', async () => {
    await using site = await engineSite()
    await withLeftovers(site)
    await cutOff(site, 'other')
    const before = (await site.fermata.status()).frozen
    expect(before.map(({ deploymentId, nodeId, kind, holder }) => [deploymentId, nodeId, kind, holder])).to.have.length(
      6,
    )
    expect(before.every(({ holder, workflow }) => holder === null && workflow === 'backup')).to.equal(true)

    const one = await site.fermata.thaw({ deploymentId: 'shop' })
    expect(one.thawed.map(({ deploymentId }) => deploymentId)).to.deep.equal(['shop', 'shop', 'shop'])
    const rest = await site.fermata.thaw()
    expect(rest.thawed).to.have.length(3)
    expect([rest.failed, rest.held]).to.deep.equal([[], []])
    expect(site.log.filter((line) => !/^(thaw|disarm) /.test(line))).to.deep.equal([])
    const executions = await site.fermata.executions.list()
    expect(executions.map(({ deploymentId, status }) => [deploymentId, status])).to.deep.equal([
      ['shop', 'failed'],
      ['other', 'started'],
    ])
    expect((await site.fermata.status()).interrupted).to.have.length(1)
  })

  it('and cannot be thawed is told and kept, while others are thawed and other deployments go on', async () => {
    await using site = await engineSite()
    await withLeftovers(site)
    site.hooks['thaw db'] = (ctx) => (ctx.deployment.id === 'shop' ? failing() : undefined)
    await site.fermata.deployments.create('third', 'shop', {})
    const told: string[] = []
    const third = await site.start(
      'resume',
      {},
      { deploymentId: 'third', onEvent: ({ message }) => told.push(message) },
    )
    expect(third.status).to.equal('terminated')
    const left = (await site.fermata.status()).frozen
    expect(left.map(({ deploymentId, nodeId }) => `${deploymentId} ${nodeId}`)).to.deep.equal(['shop db'])
    expect(told.filter((line) => line.includes('is still frozen'))).to.have.length(1)
    const [failed] = await site.fermata.executions.list({ deploymentId: 'shop' })
    const errors = (await site.events({ id: failed?.id ?? '' })).filter(({ level }) => level === 'ERROR')
    expect(errors.at(-1)?.message).to.contain(site.ids['db']).and.to.contain('the agent does not answer')

    const again = await site.fermata.thaw()
    expect(again.failed.map(({ error }) => error.code)).to.deep.equal(['freeze.still_frozen'])
    delete site.hooks['thaw db']
    expect((await site.fermata.thaw()).thawed.map(({ nodeId }) => nodeId)).to.deep.equal(['db'])
    expect((await site.fermata.status()).frozen).to.deep.equal([])
  })

  it('and does not answer holds a start up for a minute at most', async () => {
    const real = realWorld()
    const asked: number[] = []
    const sleep: World['clock']['sleep'] = (length, signal) => {
      asked.push(length)
      return real.clock.sleep(length === 60_000 ? 100 : length, signal)
    }
    await using site = await engineSite({ world: { ...real, clock: { ...real.clock, sleep } } })
    await withLeftovers(site)
    site.hooks['thaw web'] = () => new Promise(() => {})
    await site.fermata.deployments.create('third', 'shop', {})
    asked.length = 0
    expect((await site.start('resume', {}, { deploymentId: 'third' })).status).to.equal('terminated')
    expect(asked).to.include(60_000)
    const left = (await site.fermata.status()).frozen
    expect(left.map(({ deploymentId, nodeId }) => `${deploymentId} ${nodeId}`)).to.deep.equal(['shop web', 'other web'])
    const [failed] = await site.fermata.executions.list({ deploymentId: 'shop' })
    const told = (await site.events({ id: failed?.id ?? '' })).map(({ message }) => message)
    expect(told.at(-1)).to.contain('it did not answer within 60 s')
    delete site.hooks['thaw web']
    expect((await site.fermata.thaw()).thawed).to.have.length(2)
  })

  it('is reported when its deployment cannot be read, and the others are thawed', async () => {
    await using site = await engineSite()
    await withLeftovers(site)
    const store = openSqliteStore(join(site.home, 'fermata.db'))
    const [{ prepared } = { prepared: '' }] = await store.read<{ prepared: string }>(
      "select prepared from deployments where id = 'shop'",
    )
    const put = (text: string): Promise<void> =>
      store.commit([{ sql: "update deployments set prepared = ? where id = 'shop'", rows: [[text]] }])
    await put('{')
    const other = await site.reopen()
    const { failed, thawed } = await other.thaw()
    expect(thawed.map(({ deploymentId }) => deploymentId)).to.deep.equal(['other', 'other', 'other'])
    expect(failed.map(({ deploymentId, error }) => `${deploymentId} ${error.code}`)).to.deep.equal(
      Array.from({ length: 3 }, () => 'shop engine.unexpected'),
    )
    await put(prepared)
    expect((await other.thaw()).thawed).to.have.length(3)
    await store.close()
  })

  it('by a living process is left to it', async () => {
    await using site = await engineSite()
    const cutting = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    site.hooks['cut db'] = () => {
      cutting.resolve()
      return goOn.promise
    }
    const running = site.start('backup')
    await cutting.promise
    const other = await site.reopen()
    const report = await other.thaw()
    expect(report.held.map(({ nodeId }) => nodeId).toSorted()).to.deep.equal(['db', 'vm', 'web'])
    expect(report.held[0]?.holder).to.contain(`process ${process.pid}`)
    expect(site.frozen.size).to.equal(3)
    goOn.resolve()
    expect((await running).status).to.equal('terminated')
  })

  it('is thawed once, however many begin at the same time', async () => {
    await using site = await engineSite()
    await withLeftovers(site)
    const other = await site.reopen()
    const reports = await Promise.all([site.fermata.thaw(), other.thaw(), site.fermata.thaw()])
    expect(reports.flatMap(({ thawed }) => thawed)).to.have.length(6)
    expect(site.log.filter((line) => line.startsWith('thaw '))).to.have.length(6)
  })

  it('is thawed also when the process that was about to thaw it is gone', async () => {
    await using site = await engineSite()
    await withLeftovers(site)
    const store = openSqliteStore(join(site.home, 'fermata.db'))
    await store.commit([{ sql: "update executions set engine_id = 'gone'", rows: [[]] }])
    await store.close()
    expect((await site.fermata.thaw()).thawed).to.have.length(6)
    const resumed = await site.fermata.executions.resume((await site.fermata.executions.list())[0]?.id ?? '')
    expect(resumed.status).to.equal('terminated')
  })

  it('ends well whoever begins meanwhile, on whatever deployment', async () => {
    await using site = await engineSite()
    await withLeftovers(site)
    await cutOff(site, 'other')
    await cutOff(site, 'shop')
    const ids = ['third', 'fourth', 'fifth']
    for (const id of ids) await site.fermata.deployments.create(id, 'shop', {})
    const openings = await Promise.all(ids.map(() => site.reopen()))
    const ended = await Promise.all(
      ids.map(async (deploymentId, index) => openings[index]?.executions.start({ workflow: 'resume', deploymentId })),
    )
    expect(ended.map((one) => one?.status)).to.deep.equal(['terminated', 'terminated', 'terminated'])
    const { frozen, interrupted } = await site.fermata.status()
    expect([frozen, interrupted]).to.deep.equal([[], []])
    const backups = (await site.fermata.executions.list()).filter(({ workflow }) => workflow === 'backup')
    expect(backups.map(({ status }) => status)).to.deep.equal(['terminated', 'terminated'])
    expect(site.log.filter((line) => line.startsWith('thaw '))).to.have.length(12)
  })

  it('keeps its deployment from being deleted', async () => {
    await using site = await engineSite()
    await withLeftovers(site)
    const problem = await site.fermata.deployments.delete('shop').catch((thrown: unknown) => thrown)
    expect(problem).to.have.property('code', 'usage.in_use')
    expect((problem as Error).message).to.contain('frozen')
  })
})
