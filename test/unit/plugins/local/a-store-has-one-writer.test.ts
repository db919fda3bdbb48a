// Claim: a snapshot store is changed by one at a time, and the lock of a dead process does not hold anybody up.
import { expect } from 'chai'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bootId } from '../../../../src/plugins/guard/process-table.ts'
import { storeLayout } from '../../../../src/plugins/local/snapshot/layout.ts'
import { withStoreLock } from '../../../../src/plugins/local/snapshot/store-lock.ts'
import { operationContext, type TestContext } from '../../../support/operation-context.ts'

describe('local directory: lock of the store', () => {
  let ctx: TestContext
  beforeEach(() => {
    ctx = operationContext()
  })
  afterEach(() => ctx.cleanUp())

  const store = () => storeLayout(join(ctx.stateDirectory, 'store'), true)

  it('lets one in at a time, and all in the end', async () => {
    let inside = 0
    let most = 0
    const work = async (): Promise<void> => {
      inside += 1
      most = Math.max(most, inside)
      await new Promise((resolve) => setImmediate(resolve))
      inside -= 1
    }
    await Promise.all(Array.from({ length: 20 }, () => withStoreLock(ctx, store(), work)))
    expect(most).to.equal(1)
    expect(readdirSync(store().root)).to.deep.equal([])
  })

  for (const [holder, content] of [
    ['a process that is gone', JSON.stringify({ pid: process.pid, startTime: 1, bootId: bootId() })],
    ['a process of an earlier boot', JSON.stringify({ pid: process.pid, startTime: 1, bootId: 'earlier' })],
    ['nobody who can be read', ''],
  ] as const) {
    it(`takes over the lock of ${holder}`, async () => {
      mkdirSync(store().root)
      writeFileSync(store().lock, content)
      let ran = 0
      await Promise.all([1, 2, 3].map(() => withStoreLock(ctx, store(), async () => void (ran += 1))))
      expect(ran).to.equal(3)
    })
  }

  it('takes away what a process left that died on its way to the lock', async () => {
    mkdirSync(store().root)
    writeFileSync(`${store().lock}.1`, JSON.stringify({ pid: process.pid, startTime: 1, bootId: bootId() }))
    writeFileSync(`${store().lock}.2`, '')
    await withStoreLock(ctx, store(), async () => {})
    expect(readdirSync(store().root)).to.deep.equal([])
  })

  it('is given back after a failure, and waiting ends with a cancel', async () => {
    const failed = await withStoreLock(ctx, store(), async () => {
      throw new Error('in the middle')
    }).catch((error: unknown) => (error as Error).message)
    expect(failed).to.equal('in the middle')
    const cancel = new AbortController()
    const reason = await withStoreLock(ctx, store(), async () => {
      const waiting = withStoreLock({ ...ctx, signal: cancel.signal }, store(), async () => 'entered')
      cancel.abort('cancelled')
      return waiting.catch((thrown: unknown) => thrown)
    })
    expect(reason).to.equal('cancelled')
  })
})
