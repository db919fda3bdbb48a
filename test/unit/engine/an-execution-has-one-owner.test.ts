import { expect } from 'chai'
import { join } from 'node:path'
import { Ownership } from '../../../src/engine/ownership.ts'
import { realProcesses, thisProcess } from '../../../src/engine/process-identity.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import type { Store } from '../../../src/store/store.ts'
import type { ExecutionRow } from '../../../src/store/tables.ts'
import { simulatedWorld } from '../../../src/world/simulated-world.ts'
import { faultOf } from '../../support/freezing-provider.ts'
import { temporaryFolder } from '../../support/folder.ts'

async function withStore(test: (store: Store, engine: () => Promise<Ownership>) => Promise<void>): Promise<void> {
  await using folder = await temporaryFolder()
  const store = openSqliteStore(join(folder.path, 'store.db'))
  let seed = 0
  const engine = async (): Promise<Ownership> => {
    const made = new Ownership(store, simulatedWorld(++seed), realProcesses)
    await made.register()
    return made
  }
  try {
    await test(store, engine)
  } finally {
    await store.close()
  }
}

const execution = (id: string, owner: Ownership, deployment = 'shop'): ExecutionRow => ({
  id,
  deployment_id: deployment,
  blueprint_id: 'b',
  workflow: 'backup',
  status: 'started',
  parameters: '{}',
  options: '{}',
  created_at: 1,
  ended_at: null,
  error: null,
  result: null,
  engine_id: owner.engineId,
})

/** Its process is gone: the row stays, the process that it names does not live. */
async function die(store: Store, owner: Ownership): Promise<void> {
  const gone = JSON.stringify({ ...thisProcess(), start: '1' })
  await store.commit([{ sql: 'update engines set process = ? where id = ?', rows: [[gone, owner.engineId]] }])
}

describe('an execution', () => {
  it('begins only where no other is active, and names who is', () =>
    withStore(async (_store, engine) => {
      const [first, second] = [await engine(), await engine()]
      expect(await first.begin(execution('e1', first))).to.equal(true)
      expect(await second.begin(execution('e2', second))).to.equal(false)
      expect(await second.begin(execution('e3', second, 'other'))).to.equal(true)
      const refused = await faultOf(second.refuseBusy('shop'))
      expect(refused?.code).to.equal('engine.busy')
      expect(refused?.message).to.contain('e1').and.to.contain(String(process.pid))
    }))

  it('has one winner among many who begin at once', () =>
    withStore(async (store, engine) => {
      const engines = await Promise.all(Array.from({ length: 5 }, engine))
      const won = await Promise.all(engines.map((one, index) => one.begin(execution(`e${index}`, one))))
      expect(won.filter(Boolean)).to.have.length(1)
      expect(await store.query.selectFrom('executions').selectAll().execute()).to.have.length(1)
    }))

  it('is interrupted only when its owner is dead', () =>
    withStore(async (store, engine) => {
      const [owner, other] = [await engine(), await engine()]
      await owner.begin(execution('e1', owner))
      expect(await other.interrupted()).to.deep.equal([])
      expect(await other.isOwnedByLiving(execution('e1', owner))).to.equal(true)
      await die(store, owner)
      expect((await other.interrupted()).map(({ id }) => id)).to.deep.equal(['e1'])
      expect(await other.isOwnedByLiving(execution('e1', owner))).to.equal(false)
      expect(await other.holder('shop')).to.equal(undefined)
    }))

  it('is taken over once, however many try', () =>
    withStore(async (store, engine) => {
      const owner = await engine()
      await owner.begin(execution('e1', owner))
      await die(store, owner)
      const heirs = await Promise.all(Array.from({ length: 5 }, engine))
      const [seen] = await (heirs[0] as Ownership).interrupted()
      const won = await Promise.all(heirs.map((heir) => heir.takeOver(seen as ExecutionRow, 'started')))
      expect(won.filter(Boolean)).to.have.length(1)
      const row = await store.query.selectFrom('executions').selectAll().executeTakeFirstOrThrow()
      expect(row.engine_id).to.equal(heirs[won.indexOf(true)]?.engineId)
    }))

  it('is taken over once, also by two runs of one engine', () =>
    withStore(async (_store, engine) => {
      const owner = await engine()
      await owner.begin(execution('e1', owner))
      owner.release('e1')
      const [seen] = await owner.interrupted()
      const won = await Promise.all([1, 2, 3].map(() => owner.takeOver(seen as ExecutionRow, 'started')))
      expect(won.filter(Boolean)).to.have.length(1)
    }))

  it('is not interrupted while it runs here, and is when its end could not be recorded', () =>
    withStore(async (_store, engine) => {
      const owner = await engine()
      await owner.begin(execution('e1', owner))
      expect(await owner.interrupted()).to.deep.equal([])
      owner.release('e1')
      expect(await owner.interrupted()).to.have.length(1)
    }))

  it('is not taken up again while another is active on its deployment', () =>
    withStore(async (store, engine) => {
      const owner = await engine()
      await owner.begin(execution('e1', owner))
      await store.commit([{ sql: "update executions set status = 'failed', engine_id = null", rows: [[]] }])
      const failed = await store.query.selectFrom('executions').selectAll().executeTakeFirstOrThrow()
      await owner.begin(execution('e2', owner))
      expect(await owner.takeOver(failed, 'started')).to.equal(false)
      await store.commit([
        { sql: "update executions set status = 'terminated', engine_id = null where id = 'e2'", rows: [[]] },
      ])
      expect(await owner.takeOver(failed, 'started')).to.equal(true)
    }))

  it('is left to others when its engine leaves', () =>
    withStore(async (_store, engine) => {
      const [owner, other] = [await engine(), await engine()]
      await owner.begin(execution('e1', owner))
      await owner.leave()
      expect(await other.interrupted()).to.have.length(1)
    }))
})
