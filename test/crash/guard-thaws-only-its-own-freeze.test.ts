// Claim: a guard thaws the freeze it was armed for and no other, in the process it was armed for and no other.
import { expect } from 'chai'
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Fault } from '../../src/kernel/fault.ts'
import { isOnWatch, type GuardHandle } from '../../src/plugins/guard/handle.ts'
import { guardOf, processDeadman } from '../../src/plugins/local/deadman.ts'
import { identityOf, isAlive } from '../../src/plugins/guard/process-table.ts'
import { readRecord, replaceRecord } from '../../src/plugins/guard/record-file.ts'
import type { GuardRequest } from '../../src/plugins/local/guard/request.ts'
import { processFreeze } from '../../src/plugins/local/operations/process-freeze.ts'
import { processResume } from '../../src/plugins/local/operations/process-resume.ts'
import { processStart } from '../../src/plugins/local/operations/process-start.ts'
import { processSuspend } from '../../src/plugins/local/operations/process-suspend.ts'
import { processThaw } from '../../src/plugins/local/operations/process-thaw.ts'
import { processCreate } from '../../src/plugins/local/operations/process-create.ts'
import { keyMark } from '../../src/plugins/local/process/process-settings.ts'
import { knownProcess } from '../../src/plugins/local/process/running-process.ts'
import { eventually, processUnderTest, stateOf, type ProcessUnderTest } from '../unit/plugins/local/processes.ts'

const deadman = processDeadman

describe('crash: what a guard leaves alone', () => {
  let unit: ProcessUnderTest

  async function started(properties = {}): Promise<void> {
    unit = processUnderTest({ command: ['sleep', '1000'], ...properties })
    await unit.run(processCreate)
    await unit.run(processStart)
  }

  const arm = async (token: string, lease: number): Promise<GuardHandle> =>
    (await deadman.arm(unit.ctx, { token, lease })) as GuardHandle
  /** A lease that is short from the start could be over before anything is frozen. */
  const endLease = async (guard: GuardHandle, lease = 500): Promise<void> =>
    void (await deadman.extend?.(unit.ctx, guard, lease))
  const pid = (): number => knownProcess(unit.ctx)!.pid
  const isGone = (guard: GuardHandle): Promise<void> => eventually('the guard has ended', () => !isAlive(guard))

  afterEach(async () => {
    const guard = guardOf(unit.ctx)
    if (guard) await deadman.disarm(unit.ctx, guard)
    await unit.cleanUp()
  })

  it('leaves a freeze with another token alone', async () => {
    await started()
    const guard = await arm('the old freeze', 60_000)
    await unit.run(processFreeze)
    await endLease(guard, 1500)
    const armed = readRecord(guard.record)!
    replaceRecord(guard.record, { ...armed, token: 'a newer freeze' })
    await isGone(guard)
    expect(stateOf(pid())).to.equal('T')
    expect(existsSync(guard.marker)).to.equal(false)
    expect(await deadman.disarm(unit.ctx, guard)).to.deep.equal({ firedAt: null })
    execFileSync('rm', [guard.record])
  })

  it('is relieved by the guard of another attempt, without a moment in which nobody watches', async () => {
    await started()
    const old = await arm('one freeze', 60_000)
    await unit.run(processFreeze)
    const current = await arm('one freeze', 60_000)
    expect(isAlive(old)).to.equal(false)
    expect(isOnWatch(current)).to.equal(true)
    expect(stateOf(pid())).to.equal('T')
    await unit.run(processThaw)
    expect(await deadman.disarm(unit.ctx, old)).to.deep.equal({ firedAt: null })
    expect(isOnWatch(current)).to.equal(true)
  })

  it('never signals a process that has the pid of its own by chance', async () => {
    await started()
    process.kill(pid(), 'SIGSTOP')
    const record = await arm('to learn the folder', 60_000)
    const known = knownProcess(unit.ctx)!
    const request: GuardRequest = {
      token: 'for a process long gone',
      lease: 100,
      maximum: 100,
      target: { ...known, startTime: known.startTime - 1 },
      mark: keyMark(known.key),
      leaveStopped: false,
      finalize: {
        command: ['touch', `${unit.ctx.folder}/ran`],
        cwd: '/',
        env: { PATH: process.env['PATH'] ?? '' },
        timeout: 1000,
      },
      recordPath: `${record.record}-test`,
      folder: dirname(record.record),
    }
    const program = new URL('../../src/plugins/local/guard/guard.ts', import.meta.url).pathname
    const guard = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
    let answer = ''
    guard.stdout.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    guard.stdin.end(JSON.stringify(request))
    await new Promise((resolve) => guard.once('exit', resolve))
    expect(stateOf(pid())).to.equal('T')
    const { marker } = JSON.parse(answer)
    expect(readRecord(marker)?.outcome).to.equal('the process is gone')
    expect(existsSync(`${unit.ctx.folder}/ran`)).to.equal(false)
    execFileSync('rm', [marker])
  })

  it('is never taken for itself when its pid belongs to another: disarm does not signal that one', async () => {
    await started()
    const guard = await arm('token', 60_000)
    const stranger = spawn('sleep', ['1000'], { stdio: 'ignore' })
    const disguised = { ...guard, pid: stranger.pid! }
    expect(await deadman.disarm(unit.ctx, disguised)).to.deep.equal({ firedAt: null })
    expect(identityOf(stranger.pid!)).to.not.equal(undefined)
    expect(stranger.exitCode).to.equal(null)
    stranger.kill()
    await deadman.disarm(unit.ctx, guard)
  })

  it('does not leave on SIGHUP or SIGINT, and thaws when its lease ends', async () => {
    await started()
    const guard = await arm('token', 60_000)
    await unit.run(processFreeze)
    process.kill(guard.pid, 'SIGHUP')
    process.kill(guard.pid, 'SIGINT')
    await endLease(guard)
    await isGone(guard)
    expect(stateOf(pid())).to.not.equal('T')
    expect((await deadman.disarm(unit.ctx, guard)).firedAt).to.be.a('number')
  })

  it('that was killed is reported as not fired', async () => {
    await started()
    const guard = await arm('token', 60_000)
    process.kill(guard.pid, 'SIGKILL')
    await isGone(guard)
    expect(await deadman.disarm(unit.ctx, guard)).to.deep.equal({ firedAt: null })
    expect(existsSync(guard.record)).to.equal(false)
  })

  it('that fires while prepare still runs leaves nothing frozen: the freeze is refused', async () => {
    await started({ prepare: 'while [ -e "$RECORD" ]; do sleep 0.02; done' })
    const guard = await arm('token', 400)
    const { properties } = unit.ctx.node
    const ctx = {
      ...unit.at({}),
      node: { ...unit.ctx.node, properties: { ...properties, env: { RECORD: guard.record } } },
    }
    const thrown = (await processFreeze.freeze(ctx, {}).catch((error: unknown) => error)) as Fault
    expect(thrown.code).to.equal('freeze.refused')
    expect(stateOf(pid())).to.not.equal('T')
    expect((await deadman.disarm(unit.ctx, guard)).firedAt).to.be.a('number')
  })

  it('leaves a suspended process suspended', async () => {
    await started()
    await unit.run(processSuspend)
    const guard = await arm('token', 60_000)
    await unit.run(processFreeze)
    await endLease(guard)
    await isGone(guard)
    await unit.run(processThaw)
    expect(stateOf(pid())).to.equal('T')
    await unit.run(processResume)
    expect(stateOf(pid())).to.not.equal('T')
  })

  it('keeps its files where only we may look, and shows no secret in the process list', async () => {
    await started({ env: { PASSWORD: 'correct-horse' }, finalize: 'true' })
    const guard = await arm('token', 60_000)
    expect(statSync(dirname(guard.record)).mode & 0o077).to.equal(0)
    const shown = execFileSync('ps', ['-o', 'args=', '-p', String(guard.pid)], { encoding: 'utf8' })
    expect(shown).to.include('guard.ts').and.not.include('correct-horse')
    expect(JSON.stringify(readRecord(guard.record))).to.not.include('correct-horse')
  })
})
