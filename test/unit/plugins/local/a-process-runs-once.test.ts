// Claim: at most one process runs for an instance, no other is ever signalled, and stop leaves none behind.
import { expect } from 'chai'
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from '../../../../src/kernel/fault.ts'
import type { JsonObject } from '../../../../src/kernel/json.ts'
import type { PluginOperation } from '../../../../src/plugins/contract/operation.ts'
import { listProcesses, hasInEnvironment } from '../../../../src/plugins/guard/process-table.ts'
import { processCreate } from '../../../../src/plugins/local/operations/process-create.ts'
import { processDelete } from '../../../../src/plugins/local/operations/process-delete.ts'
import { processResume } from '../../../../src/plugins/local/operations/process-resume.ts'
import { processStart } from '../../../../src/plugins/local/operations/process-start.ts'
import { processStatistics } from '../../../../src/plugins/local/operations/process-statistics.ts'
import { processStop } from '../../../../src/plugins/local/operations/process-stop.ts'
import { processSuspend } from '../../../../src/plugins/local/operations/process-suspend.ts'
import { keyMark } from '../../../../src/plugins/local/process/process-settings.ts'
import { knownProcess, membersOf } from '../../../../src/plugins/local/process/running-process.ts'
import { eventually, processUnderTest, stateOf, textOf, type ProcessUnderTest } from './processes.ts'

describe('local process: start, stop, suspend', () => {
  let unit: ProcessUnderTest
  afterEach(() => unit.cleanUp())

  async function created(properties: Readonly<Record<string, never>> | object): Promise<void> {
    unit = processUnderTest(properties as Record<string, string>)
    await unit.run(processCreate)
  }

  const folder = (): string => join(unit.ctx.stateDirectory, 'processes', unit.ctx.instance.id)
  const pid = (): number => knownProcess(unit.ctx)!.pid
  const startedByUs = (): number[] => {
    const mark = keyMark(unit.at({}).operation.key)
    return listProcesses().flatMap((entry) => (hasInEnvironment(entry.pid, mark) ? [entry.pid] : []))
  }
  const failure = async (operation: PluginOperation): Promise<Fault> =>
    (await unit.run(operation).then(
      () => expect.fail('it succeeded'),
      (error: unknown) => error,
    )) as Fault

  it('starts a session of its own, with an environment that holds nothing of ours', async () => {
    process.env['FERMATA_TEST_ONLY'] = 'a secret of the engine'
    await created({ command: ['sh', '-c', 'env; exec sleep 1000'], env: { GREETING: 'hello', NUMBER: 7 } })
    await unit.run(processStart)
    delete process.env['FERMATA_TEST_ONLY']
    const entry = listProcesses().find((process) => process.pid === pid())
    expect(entry).to.include({ session: pid(), group: pid() })
    await eventually('it printed its environment', () => textOf(join(folder(), 'output.log')).includes('GREETING'))
    const printed = textOf(join(folder(), 'output.log'))
    expect(printed).to.include('GREETING=hello').and.include('NUMBER=7').and.not.include('a secret of the engine')
    expect(statSync(join(folder(), 'output.log')).mode & 0o077).to.equal(0)
  })

  it('starts no second one when it runs already', async () => {
    await created({ command: ['sleep', '1000'] })
    await unit.run(processStart)
    const first = pid()
    await unit.run(processStart, { key: 'another start' })
    expect(pid()).to.equal(first)
    expect(startedByUs()).to.deep.equal([first])
  })

  it('finds the process of a start whose outcome was lost', async () => {
    await created({ command: ['sh', '-c', 'sleep 1000 & wait'] })
    await unit.run(processStart)
    const first = pid()
    delete unit.ctx.instance.runtimeProperties['process']
    await unit.run(processStart, { inDoubt: true, attempt: 2 })
    expect(pid()).to.equal(first)
  })

  it('starts again after the process has died', async () => {
    await created({ command: ['sleep', '1000'] })
    await unit.run(processStart)
    const first = pid()
    process.kill(first, 'SIGKILL')
    await eventually('it is gone', () => membersOf(knownProcess(unit.ctx)!).length === 0)
    await unit.run(processStart, { attempt: 2 })
    expect(pid()).to.not.equal(first)
    expect(startedByUs()).to.deep.equal([pid()])
  })

  it('reports a program that is missing, one that ends at once and a folder that is missing', async () => {
    await created({ command: ['no-such-program'] })
    expect((await failure(processStart)).message).to.include('no-such-program')
    await unit.cleanUp()
    await created({ command: 'echo out of memory >&2; exit 3', start_grace: 5 })
    const thrown = await failure(processStart)
    expect(thrown.code).to.equal('local.start_failed')
    expect(thrown.message).to.include('exit code 3').and.include('out of memory')
    await unit.cleanUp()
    await created({ command: ['true'], cwd: '/no/such/folder' })
    expect((await failure(processStart)).message).to.include("its working folder '/no/such/folder' does not exist")
    expect(knownProcess(unit.ctx)).to.equal(undefined)
  })

  it('stops all of the session, also what ignores SIGTERM and what is suspended', async () => {
    await created({ command: 'trap "" TERM; sleep 1000 & sleep 1000 & wait; wait; wait', stop_timeout: 0.2 })
    await unit.run(processStart)
    await eventually('its children run', () => startedByUs().length >= 3)
    await unit.run(processSuspend)
    await unit.run(processStop)
    expect(startedByUs()).to.deep.equal([])
    expect(unit.ctx.lines.join('\n')).to.include('did not end within 200 ms and is killed')
    await unit.run(processStop)
  })

  it('lets a process end in its own way when it heeds SIGTERM', async () => {
    await created({ command: 'trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.02; done' })
    await unit.run(processStart)
    await eventually('its trap is set', () => textOf(join(folder(), 'output.log')).includes('ready'))
    await unit.run(processStop)
    expect(textOf(join(folder(), 'output.log'))).to.match(/^ready\n(.*\n)?bye\n$/)
  })

  it('ends the children of a process that died before', async () => {
    await created({ command: 'sleep 1000 & wait' })
    await unit.run(processStart)
    await eventually('its child runs', () => startedByUs().length === 2)
    process.kill(pid(), 'SIGKILL')
    await eventually('it is gone', () => startedByUs().length === 1)
    await unit.run(processStop)
    expect(startedByUs()).to.deep.equal([])
  })

  it('never signals a process that got its pid later', async () => {
    await created({ command: ['sleep', '1000'] })
    await unit.run(processStart)
    const stranger = pid()
    const real = unit.ctx.instance.runtimeProperties['process'] as JsonObject
    unit.ctx.instance.runtimeProperties['process'] = { ...real, start_time: Number(real['start_time']) - 1 }
    await unit.run(processStop)
    expect(stateOf(stranger)).to.be.oneOf(['S', 'R'])
    unit.ctx.instance.runtimeProperties['process'] = { ...real, boot_id: 'an earlier boot' }
    expect((await failure(processSuspend)).code).to.equal('local.not_running')
    expect(stateOf(stranger)).to.be.oneOf(['S', 'R'])
    unit.ctx.instance.runtimeProperties['process'] = real
  })

  it('suspends until resume, and leaves stopped what it found stopped', async () => {
    await created({ command: ['sleep', '1000'] })
    await unit.run(processStart)
    await unit.run(processSuspend)
    await unit.run(processSuspend)
    expect(stateOf(pid())).to.equal('T')
    await unit.run(processResume)
    expect(stateOf(pid())).to.be.oneOf(['S', 'R'])

    process.kill(pid(), 'SIGSTOP')
    await eventually('it is stopped', () => stateOf(pid()) === 'T')
    await unit.run(processSuspend)
    await unit.run(processResume)
    expect(stateOf(pid())).to.equal('T')
    await unit.run(processResume)
    expect(stateOf(pid())).to.be.oneOf(['S', 'R'])
  })

  it('makes durable what suspend found before it stops anything', async () => {
    await created({ command: ['sleep', '1000'] })
    await unit.run(processStart)
    const ctx = { ...unit.at({}), save: async () => void states.push(stateOf(pid())) }
    const states: string[] = []
    await processSuspend.run(ctx, {})
    expect(states).to.deep.equal(['S'])
  })

  it('measures what the process uses', async () => {
    await created({ command: 'while :; do :; done' })
    await unit.run(processStart)
    const result = (await unit.run(processStatistics)) as Record<string, { value: number; unit: string }>
    expect(result['cpu']?.unit).to.equal('%')
    expect(result['cpu']?.value).to.be.above(0).and.at.most(150)
    expect(result['memory']?.value).to.be.within(100_000, 50_000_000)
    expect(result['threads']?.value).to.equal(1)
    expect(result['open_files']?.value).to.be.within(3, 20)
  })

  it('copies the blueprint files it needs, and takes its folder away again', async () => {
    unit = processUnderTest({ command: ['sleep', '1'], files: ['scripts/run.sh'] })
    mkdirSync(join(unit.ctx.folder, 'blueprint/scripts'))
    writeFileSync(join(unit.ctx.folder, 'blueprint/scripts/run.sh'), 'echo hello')
    await unit.run(processCreate)
    await unit.run(processCreate)
    expect(textOf(join(folder(), 'scripts/run.sh'))).to.equal('echo hello')
    await unit.run(processDelete)
    await unit.run(processDelete)
    expect(existsSync(join(unit.ctx.stateDirectory, 'processes'))).to.equal(false)
  })

  it('says what is wrong with the properties', async () => {
    for (const [properties, words] of [
      [{}, "property 'command': it is missing"],
      [{ command: [{ a: 1 }] }, "property 'command': it must be a list of texts"],
      [{ command: 'x', env: { A: [] } }, "property 'env': A must be a text"],
      [{ command: 'x', hook_timeout: -1 }, "property 'hook_timeout': it must be a number of seconds"],
      [{ command: 'x', files: ['../etc'] }, 'leaves the blueprint'],
    ] as const) {
      unit = processUnderTest(properties as never)
      const operation = 'files' in properties ? processCreate : processStart
      const thrown = await failure(operation)
      await unit.ctx.cleanUp()
      expect(thrown.code).to.equal('local.bad_property')
      expect(thrown.message).to.include(words)
    }
  })
})
