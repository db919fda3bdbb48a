// Claim: freeze really stops a process and all its children, thaw really lets them go on, and both may be repeated.
import { expect } from 'chai'
import { join } from 'node:path'
import { existsSync } from 'node:fs'
import { fault, type Fault } from '../../../../src/kernel/fault.ts'
import { listProcesses } from '../../../../src/plugins/guard/process-table.ts'
import { processFreeze } from '../../../../src/plugins/local/operations/process-freeze.ts'
import { processCreate } from '../../../../src/plugins/local/operations/process-create.ts'
import { processStart } from '../../../../src/plugins/local/operations/process-start.ts'
import { processThaw } from '../../../../src/plugins/local/operations/process-thaw.ts'
import { knownProcess, membersOf } from '../../../../src/plugins/local/process/running-process.ts'
import {
  counter,
  eventually,
  linesIn,
  perform,
  processUnderTest,
  stateOf,
  textOf,
  type ProcessUnderTest,
} from './processes.ts'
import { processDeadman } from '../../../../src/plugins/local/deadman.ts'

describe('local process: freeze and thaw', () => {
  let unit: ProcessUnderTest
  let count: string

  async function started(properties = {}): Promise<void> {
    unit = processUnderTest({ command: counter, env: { COUNT: 'count' }, hook_timeout: 5, ...properties })
    count = join(unit.ctx.stateDirectory, 'processes', unit.ctx.instance.id, 'count')
    await unit.run(processCreate)
    await unit.run(processStart)
    await eventually('it counts', () => linesIn(count) > 2)
  }

  async function armed(): Promise<() => Promise<{ readonly firedAt: number | null }>> {
    const handle = await processDeadman.arm(unit.at({}), { token: 'token-1', lease: 60_000 })
    return () => processDeadman.disarm(unit.at({}), handle)
  }

  const states = (): string[] => membersOf(knownProcess(unit.ctx)!).map((entry) => stateOf(entry.pid))

  afterEach(() => unit.cleanUp())

  it('stops every process of the session, and what it writes stays as it is', async () => {
    await started()
    const disarm = await armed()
    await unit.run(processFreeze)
    const before = linesIn(count)
    expect(states().every((state) => state === 'T')).to.equal(true)
    expect(linesIn(count)).to.equal(before)

    await unit.run(processThaw)
    expect(states()).to.not.include('T')
    await eventually('it counts again', () => linesIn(count) > before)
    expect(await disarm()).to.deep.equal({ firedAt: null })
  })

  it('runs prepare before the stop and finalize after the thaw, with the environment of the process', async () => {
    await started({
      prepare: 'echo "prepare $COUNT" >> hooks',
      finalize: ['/bin/sh', '-c', 'echo "finalize $COUNT" >> hooks'],
    })
    const hooks = join(unit.ctx.stateDirectory, 'processes', unit.ctx.instance.id, 'hooks')
    const disarm = await armed()
    await unit.run(processFreeze)
    await unit.run(processFreeze)
    expect(textOf(hooks)).to.equal('prepare count\n')
    await unit.run(processThaw)
    expect(textOf(hooks)).to.equal('prepare count\nfinalize count\n')
    await disarm()
  })

  it('refuses to freeze without a guard on watch', async () => {
    await started()
    const thrown = await unit.run(processFreeze).catch((error: unknown) => error)
    expect((thrown as Fault).code).to.equal('freeze.not_armed')
    expect(states()).to.not.include('T')
  })

  it('reports a prepare hook that fails, and leaves the process running', async () => {
    await started({ prepare: 'echo cannot now; exit 3' })
    const disarm = await armed()
    const failed = (await unit.run(processFreeze).catch((error: unknown) => error)) as Fault
    expect(failed.code).to.equal('local.hook_failed')
    expect(failed.message).to.include('exit code 3: cannot now')
    expect(states()).to.not.include('T')
    await disarm()
  })

  it('ends a prepare hook that takes too long, with all it started', async () => {
    await started({ prepare: 'echo $$ > hook-pid; sleep 1000 & sleep 1000', hook_timeout: 2 })
    const disarm = await armed()
    const failed = (await unit.run(processFreeze).catch((error: unknown) => error)) as Fault
    expect(failed.code).to.equal('local.hook_failed')
    expect(failed.message).to.include('it took too long')
    const hook = textOf(join(unit.ctx.stateDirectory, 'processes', unit.ctx.instance.id, 'hook-pid')).trim()
    await eventually(
      'nothing of the hook is left',
      () => !listProcesses().some((entry) => entry.group === Number(hook)),
    )
    expect(states()).to.not.include('T')
    await disarm()
  })

  it('is cancelled while its prepare hook runs', async () => {
    await started({ prepare: 'touch hook-runs; sleep 1000', hook_timeout: 1000 })
    const disarm = await armed()
    const cancel = new AbortController()
    const freezing = processFreeze
      .freeze({ ...unit.at({}), signal: cancel.signal }, {})
      .catch((error: unknown) => error)
    const sign = join(unit.ctx.stateDirectory, 'processes', unit.ctx.instance.id, 'hook-runs')
    await eventually('the hook runs', () => existsSync(sign))
    cancel.abort(fault('engine.cancelled'))
    expect(((await freezing) as Fault).code).to.equal('engine.cancelled')
    expect(states()).to.not.include('T')
    await disarm()
  })

  it('says clearly that there is no process to freeze', async () => {
    unit = processUnderTest({ command: counter })
    const thrown = (await perform(processFreeze, unit.ctx).catch((error: unknown) => error)) as Fault
    expect(thrown.code).to.equal('local.not_running')
    expect(thrown.message).to.include('it was never started')
  })
})
