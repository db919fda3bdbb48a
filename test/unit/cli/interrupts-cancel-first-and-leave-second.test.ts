// Ctrl-C while an execution runs: the first cancels it and waits for the thaw, the second leaves and says how to carry it on.
import { expect } from 'chai'
import { Call } from '../../../src/cli/call.ts'
import { exitCodes } from '../../../src/cli/exit-codes.ts'
import { watchExecution } from '../../../src/cli/watch-execution.ts'
import type { ExecutionDetails, ExecutionStatus, FreezeWindow } from '../../../src/engine/api.ts'
import { fault } from '../../../src/kernel/fault.ts'
import { keptHost, type KeptHost } from '../../support/cli-host.ts'

type Hooks = Parameters<Parameters<typeof watchExecution>[1]>[0]

const freeze: FreezeWindow = {
  instanceId: 'db_a1b2c3',
  frozenAt: Date.UTC(2026, 0, 1),
  thawedAt: Date.UTC(2026, 0, 1) + 2410,
  length: 2410,
  expired: false,
  bracket: 'backup#1',
  kind: 'host',
}

function execution(status: ExecutionStatus, more: Partial<ExecutionDetails> = {}): ExecutionDetails {
  return {
    id: 'exec-1',
    workflow: 'backup',
    deploymentId: 'shop',
    blueprintId: 'shop',
    status,
    parameters: {},
    createdAt: 0,
    endedAt: status === 'started' ? null : 1,
    error: null,
    result: null,
    planDigest: null,
    freezes: [],
    brackets: [],
    ...more,
  }
}

function watch(kept: KeptHost, start: (hooks: Hooks) => Promise<ExecutionDetails>): Promise<number> {
  return watchExecution(new Call(kept.host, { arguments: [], options: {} }), start)
}

describe('Ctrl-C while an execution runs', () => {
  it('the first one cancels, and the end is waited for', async () => {
    const kept = keptHost({ home: '/nowhere' })
    const code = await watch(kept, async ({ onStarted, signal }) => {
      onStarted(execution('started'))
      kept.interrupt()
      expect(signal.aborted).to.equal(true)
      return execution('cancelled', { freezes: [freeze] })
    })
    expect(code).to.equal(exitCodes.cancelled)
    expect(kept.printed.stderr).to.contain('thawed first')
    expect(kept.printed.stdout).to.contain('db_a1b2c3').and.to.contain('2.41 s')
  })

  it('the second one leaves what does not end, and says how to carry it on', async () => {
    const kept = keptHost({ home: '/nowhere' })
    const code = await watch(kept, async ({ onStarted }) => {
      onStarted(execution('started'))
      kept.interrupt()
      kept.interrupt()
      return new Promise(() => {})
    })
    expect(code).to.equal(exitCodes.interrupted)
    expect(kept.printed.stderr).to.contain('fermata executions resume exec-1')
  })

  it('nobody listens any more once the execution has ended', async () => {
    const kept = keptHost({ home: '/nowhere' })
    await watch(kept, async () => execution('terminated'))
    kept.interrupt()
    expect(kept.printed).to.deep.equal({ stdout: '', stderr: '' })
  })
})

describe('the end of an execution', () => {
  it('a failure is told with its code and how to carry it on', async () => {
    const kept = keptHost({ home: '/nowhere' })
    const error = fault('local.io', { details: { path: '/srv', reason: 'gone' } }).toJSON()
    expect(await watch(kept, async () => execution('failed', { error }))).to.equal(exitCodes.executionFailed)
    expect(kept.printed.stderr).to.contain("error: '/srv': gone [local.io]").and.to.contain('executions resume exec-1')
  })

  it('a freeze that its deadman ended is called so', async () => {
    const kept = keptHost({ home: '/nowhere' })
    await watch(kept, async () => execution('terminated', { freezes: [{ ...freeze, expired: true }] }))
    expect(kept.printed.stdout).to.contain('deadman')
  })
})
