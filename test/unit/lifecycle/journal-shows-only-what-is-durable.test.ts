import { expect } from 'chai'
import { fault } from '../../../src/kernel/fault.ts'
import { Redactor } from '../../../src/kernel/secret.ts'
import { logEvent } from '../../../src/lifecycle/events.ts'
import { Journal } from '../../../src/lifecycle/journal.ts'
import type { Write } from '../../../src/store/store.ts'
import type { EventRow } from '../../../src/store/tables.ts'
import { simulatedWorld } from '../../../src/world/simulated-world.ts'
import { faultOf } from '../../support/freezing-provider.ts'

interface Held {
  readonly writes: readonly Write[]
  resolve(): void
  reject(problem: Error): void
}

/** A journal whose commits are held back until the test lets them through. */
function heldJournal(redactor = new Redactor()) {
  const held: Held[] = []
  const shown: EventRow[] = []
  const journal = new Journal({
    executionId: 'e',
    world: simulatedWorld(1),
    redactor,
    steps: [],
    lastSequence: 0,
    lastBatch: 0,
    commit: (writes) => new Promise((resolve, reject) => held.push({ writes, resolve, reject })),
    onEvents: (events) => void shown.push(...events),
  })
  return { journal, held, shown }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
const rowsInto = (writes: readonly Write[] | undefined, table: string): readonly (readonly unknown[])[] =>
  (writes ?? []).filter(({ sql }) => sql.includes(`into ${table}`)).flatMap(({ rows }) => [...rows])

describe('the journal', () => {
  it('shows no event and resolves no flush before the commit is through', async () => {
    const { journal, held, shown } = heldJournal()
    let isFlushed = false
    journal.event(logEvent('INFO', 'hello'))
    const flushed = journal.flush().then(() => (isFlushed = true))
    await turn()
    expect([isFlushed, shown.length, held.length]).to.deep.equal([false, 0, 1])
    held[0]?.resolve()
    await flushed
    expect(shown.map(({ message }) => message)).to.deep.equal(['hello'])
  })

  it('puts everything of one turn into one commit', async () => {
    const { journal, held } = heldJournal()
    const flushes = Array.from({ length: 50 }, (_none, index) => {
      journal.intent(`step ${index}`, 1)
      journal.event(logEvent('INFO', `line ${index}`))
      return journal.flush()
    })
    await turn()
    expect(held).to.have.length(1)
    expect(rowsInto(held[0]?.writes, 'steps')).to.have.length(50)
    expect(rowsInto(held[0]?.writes, 'events').map((row) => row[1])).to.deep.equal(
      Array.from({ length: 50 }, (_none, index) => index + 1),
    )
    held[0]?.resolve()
    await Promise.all(flushes)
  })

  it('writes events by itself, without anybody asking', async () => {
    const { journal, held, shown } = heldJournal()
    journal.event(logEvent('INFO', 'still working'))
    await turn()
    held[0]?.resolve()
    await turn()
    expect(shown).to.have.length(1)
  })

  it('commits nothing when there is nothing', async () => {
    const { journal, held } = heldJournal()
    await journal.flush()
    expect(held).to.deep.equal([])
  })

  it('keeps for the next commit what a full store refused, and shows its events once, in order', async () => {
    const { journal, held, shown } = heldJournal()
    journal.intent('work', 1)
    journal.event(logEvent('INFO', 'one'))
    const first = faultOf(journal.flush())
    await turn()
    held[0]?.reject(fault('store.full', { details: { home: '/h' } }))
    expect((await first)?.code).to.equal('store.full')
    journal.done('work', 1, 'result')
    journal.event(logEvent('INFO', 'two'))
    const second = journal.flush()
    await turn()
    expect(rowsInto(held[1]?.writes, 'steps').map((row) => row[2])).to.deep.equal(['intent', 'done'])
    held[1]?.resolve()
    await second
    expect(shown.map(({ message }) => message)).to.deep.equal(['one', 'two'])
    expect(shown.map(({ sequence }) => sequence)).to.deep.equal([1, 2])
  })

  it('does not offer again what the store refuses for itself', async () => {
    const { journal, held } = heldJournal()
    journal.intent('bad', 1)
    const first = faultOf(journal.flush())
    await turn()
    held[0]?.reject(fault('store.failed', { details: { reason: 'constraint' } }))
    await first
    journal.intent('good', 1)
    const second = journal.flush()
    await turn()
    expect(rowsInto(held[1]?.writes, 'steps').map((row) => row[1])).to.deep.equal(['good'])
    held[1]?.resolve()
    await second
  })

  it('masks secrets in events, results, faults and runtime properties', async () => {
    const redactor = new Redactor()
    redactor.add('pa"ss\nword')
    const { journal, held } = heldJournal(redactor)
    journal.event(logEvent('INFO', 'logged in with pa"ss\nword'))
    journal.done('result', 1, { deep: ['pa"ss\nword'], 'pa"ss\nword': 1 })
    journal.failed('fault', 1, fault('operation.failed', { details: { message: 'bad pa"ss\nword' } }))
    journal.instance('d', 'i', 'started', JSON.stringify({ token: 'pa"ss\nword' }))
    const flushed = journal.flush()
    await turn()
    const text = JSON.stringify(held[0]?.writes)
    expect(text).not.to.match(/pa.{0,4}ss|word/)
    held[0]?.resolve()
    await flushed
  })

  it('leaves runtime properties readable whatever the secret is', async () => {
    for (const secret of ['true', 'null', '1234', '":{"', 'name']) {
      const redactor = new Redactor()
      redactor.add(secret)
      const { journal, held } = heldJournal(redactor)
      journal.instance(
        'd',
        'i',
        'started',
        JSON.stringify({ up: true, none: null, port: 1234, name: { name: 'name' } }),
      )
      const flushed = journal.flush()
      await turn()
      const row = held[0]?.writes[0]?.rows[0]
      const stored = JSON.parse(String(row?.[1])) as object
      expect(stored, secret).to.include({ up: true, none: null, port: 1234 })
      held[0]?.resolve()
      await flushed
    }
  })
})
