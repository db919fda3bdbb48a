// Claim: a process that does not run stands in the way of a backup, and not in the way of putting state back.
import { expect } from 'chai'
import type { Fault } from '../../../../src/kernel/fault.ts'
import type { OperationContext } from '../../../../src/plugins/contract/context.ts'
import { processDeadman } from '../../../../src/plugins/local/deadman.ts'
import { processFreeze } from '../../../../src/plugins/local/operations/process-freeze.ts'
import { processStart } from '../../../../src/plugins/local/operations/process-start.ts'
import { processThaw } from '../../../../src/plugins/local/operations/process-thaw.ts'
import { processCreate } from '../../../../src/plugins/local/operations/process-create.ts'
import { knownProcess, membersOf } from '../../../../src/plugins/local/process/running-process.ts'
import { eventually, processUnderTest, type ProcessUnderTest } from './processes.ts'

describe('local process: one that is down', () => {
  let unit: ProcessUnderTest

  beforeEach(async () => {
    unit = processUnderTest({ command: ['sleep', '1000'] })
    await unit.run(processCreate)
    await unit.run(processStart)
    const known = knownProcess(unit.ctx)!
    process.kill(known.pid, 'SIGKILL')
    await eventually('it has ended', () => membersOf(known).length === 0)
  })

  afterEach(() => unit.cleanUp())

  const during = (purpose: 'save' | 'replace'): OperationContext => ({
    ...unit.at({}),
    bracket: { name: `${purpose}#1`, purpose },
  })
  const host = { kind: 'host', longestHold: null, reason: null }

  it('needs no deadman while state is put back, stands still, and is left down', async () => {
    const reason = 'the process does not run'
    const ctx = during('replace')
    expect(await processDeadman.probe?.(ctx)).to.deep.equal({ kind: 'none', longestHold: null, reason })
    await processFreeze.freeze(ctx, {})
    await processThaw.thaw(ctx, {})
    expect(membersOf(knownProcess(unit.ctx)!)).to.deep.equal([])
    expect(unit.ctx.lines.filter((line) => line.startsWith('WARNING'))).to.deep.equal([])
  })

  it('cannot be frozen for a backup', async () => {
    expect(await processDeadman.probe?.(during('save'))).to.deep.equal(host)
    const thrown = (await processFreeze.freeze(during('save'), {}).catch((error: unknown) => error)) as Fault
    expect(thrown.code).to.equal('local.not_running')
  })

  it('has a deadman again, for either purpose, once it runs', async () => {
    await unit.run(processStart)
    for (const purpose of ['save', 'replace'] as const)
      expect(await processDeadman.probe?.(during(purpose))).to.deep.equal(host)
  })
})
