// Claim: a program that starts others without pause is frozen too, every time, whatever it is at when the signal comes.
import { expect } from 'chai'
import { processFreeze } from '../../../../src/plugins/local/operations/process-freeze.ts'
import { processCreate } from '../../../../src/plugins/local/operations/process-create.ts'
import { processStart } from '../../../../src/plugins/local/operations/process-start.ts'
import { processThaw } from '../../../../src/plugins/local/operations/process-thaw.ts'
import { knownProcess, membersOf } from '../../../../src/plugins/local/process/running-process.ts'
import { processUnderTest, stateOf } from './processes.ts'
import { processDeadman } from '../../../../src/plugins/local/deadman.ts'

describe('local process: freezing one that forks all the time', () => {
  it('stops it a hundred times', async () => {
    const unit = processUnderTest({ command: 'while :; do /bin/true; done' })
    try {
      await unit.run(processCreate)
      await unit.run(processStart)
      const handle = await processDeadman.arm(unit.ctx, { token: 'token', lease: 60_000 })
      for (let round = 0; round < 100; round += 1) {
        await unit.run(processFreeze)
        const states = membersOf(knownProcess(unit.ctx)!).map((entry) => stateOf(entry.pid))
        expect(new Set(states)).to.deep.equal(new Set(['T']))
        await unit.run(processThaw)
      }
      await processDeadman.disarm(unit.ctx, handle)
    } finally {
      await unit.cleanUp()
    }
  })
})
