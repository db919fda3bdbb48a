// Claim: a guard grants more time when it is asked in time, never beyond the maximum it was armed with, and what dead
// guards left is swept away after a day, and nothing else.
import { expect } from 'chai'
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from '../../../../src/kernel/fault.ts'
import type { GuardHandle } from '../../../../src/plugins/guard/handle.ts'
import { isAlive } from '../../../../src/plugins/guard/process-table.ts'
import { readRecord, replaceRecord } from '../../../../src/plugins/guard/record-file.ts'
import { sweepRuntimeFolder } from '../../../../src/plugins/guard/sweep.ts'
import { processDeadman as deadman } from '../../../../src/plugins/local/deadman.ts'
import { processCreate } from '../../../../src/plugins/local/operations/process-create.ts'
import { processFreeze } from '../../../../src/plugins/local/operations/process-freeze.ts'
import { processStart } from '../../../../src/plugins/local/operations/process-start.ts'
import { knownProcess } from '../../../../src/plugins/local/process/running-process.ts'
import { eventually, processUnderTest, stateOf, type ProcessUnderTest } from './processes.ts'

const hour = 3600 * 1000
const day = 24 * hour

describe('local process: its guard', () => {
  let unit: ProcessUnderTest
  let handle: GuardHandle

  beforeEach(async () => {
    unit = processUnderTest({ command: ['sleep', '1000'] })
    await unit.run(processCreate)
    await unit.run(processStart)
  })

  afterEach(async () => {
    await deadman.disarm(unit.ctx, handle)
    await unit.cleanUp()
  })

  const arm = async (lease: number): Promise<void> => {
    handle = (await deadman.arm(unit.ctx, { token: 'token', lease })) as GuardHandle
    await unit.run(processFreeze)
  }
  const extend = async (lease: number): Promise<void> => {
    handle = (await deadman.extend?.(unit.ctx, handle, lease)) as GuardHandle
  }
  const isGone = (): Promise<void> => eventually('the guard has ended', () => !isAlive(handle))
  const isFrozen = (): boolean => stateOf(knownProcess(unit.ctx)!.pid) === 'T'

  it('lets the lease begin anew as often as it is asked', async () => {
    await arm(60_000)
    const begun = performance.now()
    for (let time = 1; time <= 3; time += 1) {
      await extend(1500)
      await extend(30_000)
    }
    await eventually('the shorter leases are over', () => performance.now() - begun > 2500)
    expect(isFrozen()).to.equal(true)
    await extend(500)
    await isGone()
    expect(isFrozen()).to.equal(false)
    expect((await deadman.disarm(unit.ctx, handle)).firedAt).to.be.a('number')
  })

  it('ends at its maximum, which is the lease unless another was given', async () => {
    await arm(60_000)
    // Another guard takes over: what is frozen already need not be frozen within its lease.
    handle = (await deadman.arm(unit.ctx, { token: 'token', lease: 2000 })) as GuardHandle
    await extend(60_000)
    expect(isFrozen()).to.equal(true)
    await isGone()
    expect(isFrozen()).to.equal(false)
  })

  it('refuses when it is not on watch any more', async () => {
    await arm(60_000)
    await extend(500)
    await isGone()
    const thrown = (await extend(1000).catch((error: unknown) => error)) as Fault
    expect(thrown.code).to.equal('freeze.not_armed')
  })

  it('keeps what it needs when others are swept away', async () => {
    await arm(60_000)
    const folder = join(unit.ctx.folder, 'runtime')
    mkdirSync(folder)
    const now = Date.now()
    const dead = { pid: 1, startTime: 1, bootId: 'of an earlier boot' }
    const record = (path: string, guard: typeof dead, parcel: string): void =>
      replaceRecord(join(folder, path), {
        token: 't',
        guard,
        firedAt: null,
        outcome: 'armed',
        parcel: join(folder, parcel),
      })
    for (const name of ['parcel-of-the-dead', 'parcel-of-the-living', 'parcel-fresh']) mkdirSync(join(folder, name))
    record('dead.armed', dead, 'parcel-of-the-dead')
    record('living.armed', readRecord(handle.record)?.guard ?? dead, 'parcel-of-the-living')
    for (const name of ['1-1.fired', '1-1.report', 'a.turn', 'not-ours']) writeFileSync(join(folder, name), '')
    for (const name of readdirSync(folder)) {
      const age = name === 'parcel-fresh' ? day - 60_000 : day + 60_000
      utimesSync(join(folder, name), (now - age) / 1000, (now - age) / 1000)
    }
    sweepRuntimeFolder(folder, now)
    expect(readdirSync(folder).sort()).to.deep.equal([
      'living.armed',
      'not-ours',
      'parcel-fresh',
      'parcel-of-the-living',
      'swept',
    ])
    expect(existsSync(handle.record)).to.equal(true)

    // Everybody who arms asks for it, in whatever process: it is done once an hour.
    writeFileSync(join(folder, '2-2.fired'), '')
    utimesSync(join(folder, '2-2.fired'), 1, 1)
    sweepRuntimeFolder(folder, now + hour - 1)
    expect(readdirSync(folder)).to.include('2-2.fired')
    sweepRuntimeFolder(folder, now + hour)
    expect(readdirSync(folder)).not.to.include('2-2.fired')
  })
})
