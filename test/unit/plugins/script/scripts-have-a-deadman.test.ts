// Claim: what scripts froze is thawed by the node's own fs_finalize when the lease ends, with `ctx` at hand, and by
// nothing else before; whoever comes back learns what it did.
import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Fault } from '../../../../src/kernel/fault.ts'
import { isAlive } from '../../../../src/plugins/guard/process-table.ts'
import { readRecord, runtimeFolder } from '../../../../src/plugins/guard/record-file.ts'
import type { GuardHandle } from '../../../../src/plugins/guard/handle.ts'
import { scriptDeadman as deadman } from '../../../../src/plugins/script/deadman.ts'
import { eventually, linesIn, stateOf, textOf } from '../local/processes.ts'
import { finalizeName, frozenWriter, prepareName, type FrozenWriter } from './frozen-by-scripts.ts'
import { callScript } from './run-script-operation.ts'

describe('script deadman', () => {
  let unit: FrozenWriter
  let handle: GuardHandle

  const arm = async (more = {}): Promise<GuardHandle> =>
    (handle = (await deadman.arm(unit.at(prepareName), unit.request(more))) as GuardHandle)
  const freeze = (more = {}) => callScript(unit.at(prepareName), { script_path: 'stop.sh', ...unit.inputs, ...more })
  const thaw = (more = {}) => callScript(unit.at(finalizeName), { script_path: 'continue.sh', ...unit.inputs, ...more })
  const disarm = async (): Promise<number | null> => (await deadman.disarm(unit.at(finalizeName), handle)).firedAt
  const isGone = (): Promise<void> => eventually('the guard has ended', () => !isAlive(handle))
  /** A lease that is short from the start could be over before anything is frozen. */
  const endLease = async (lease = 500): Promise<void> => {
    handle = (await deadman.extend?.(unit.at(prepareName), handle, lease)) as GuardHandle
  }
  const finalizeWith = (inputs: object) => ({
    finalize: { plugin: 'script', operation: 'script_runner.tasks.run', inputs: { ...unit.inputs, ...inputs } },
  })

  const refusal = async (work: Promise<unknown>): Promise<Fault> =>
    work.then(
      () => expect.fail('it went well'),
      (thrown: unknown) => thrown as Fault,
    )

  beforeEach(async () => {
    unit = await frozenWriter({
      files: {
        'report.sh': [
          'echo "$(ctx node id) $(ctx node properties port) $(ctx instance id) $(ctx deployment id) $(ctx execution-id)" >> "$NOTES"',
          'echo "$(ctx instance runtime-properties stopped) $PASSWORD $(ctx inputs PASSWORD)" >> "$NOTES"',
          'ctx logger warning "let go"; ctx instance runtime-properties freed.by guard; echo done',
          'ctx secret get key || echo refused; ctx download-resource other.txt || echo refused',
          'kill -CONT "$(cat "$PID_FILE")"',
        ].join('\n'),
        'report.py': [
          'import os, signal',
          'from cloudify import ctx',
          'from cloudify.state import ctx_parameters',
          "ctx.instance.runtime_properties['port'] = ctx.node.properties['port'] + 1",
          "ctx.logger.info('from %s', ctx_parameters['NOTES'] == os.environ['NOTES'])",
          "os.kill(int(open(os.environ['PID_FILE']).read()), signal.SIGCONT)",
        ].join('\n'),
      },
    })
  })

  afterEach(async () => {
    await disarm()
    await unit.cleanUp()
  })

  it('runs fs_finalize when the lease ends, not before', async () => {
    await arm()
    await freeze()
    await endLease(1500)
    expect(stateOf(unit.pid)).to.equal('T')
    await isGone()
    expect(stateOf(unit.pid)).to.not.equal('T')
    await eventually('it writes again', () => unit.longestGap() >= 1500)
    expect(textOf(unit.notes)).to.equal(`run ${finalizeName}\n`)
    expect(await disarm()).to.be.a('number')
    expect(unit.ctx.lines).to.include('WARNING: The lease ended, and the deadman ran fs_finalize: it ended well')
    expect(await disarm(), 'a second time').to.equal(null)
  })

  it('leaves when it is disarmed, with all its files', async () => {
    await arm()
    const folder = runtimeFolder(process.env) ?? ''
    const { parcel = '' } = readRecord(handle.record) ?? {}
    expect(statSync(parcel).mode & 0o777).to.equal(0o700)
    await freeze()
    await thaw()
    expect(await disarm()).to.equal(null)
    expect(isAlive(handle)).to.equal(false)
    const ours = [parcel, handle.record, handle.marker].map((path) => path.slice(folder.length + 1))
    expect(readdirSync(folder)).to.not.include.members(ours)
    expect(readdirSync(folder).filter((name) => handle.record.includes(name.split('.')[0] ?? ''))).to.deep.equal([])
    expect(linesIn(unit.notes)).to.equal(1)
  })

  it('serves ctx to the script: what was known, what prepare wrote, and clear words for the rest', async () => {
    await arm(finalizeWith({ script_path: 'report.sh', PASSWORD: 'correct-horse' }))
    const shown = execFileSync('ps', ['-o', 'args=', '-p', String(handle.pid)], { encoding: 'utf8' })
    expect(shown).to.include('guard.ts').and.not.include('correct-horse')
    expect(textOf(handle.record)).to.not.include('correct-horse')
    expect(statSync(dirname(handle.record)).mode & 0o077).to.equal(0)
    await freeze()
    await endLease()
    await isGone()
    const { instance, deployment, execution } = unit.ctx
    expect(textOf(unit.notes).split('\n')).to.deep.equal([
      `writer 5432 ${instance.id} ${deployment.id} ${execution.id}`,
      'yes correct-horse correct-horse',
      '',
    ])
    expect(await disarm()).to.be.a('number')
    expect(instance.runtimeProperties).to.deep.equal({ stopped: 'yes', freed: { by: 'guard' } })
    expect(unit.ctx.saves.at(-1)).to.deep.equal(instance.runtimeProperties)
    expect(unit.ctx.lines).to.include.members([
      'WARNING: let go',
      'INFO: <out> done',
      "INFO: <err> ctx: the deadman knows no secret 'key': hand it to fs_finalize as an input",
      "INFO: <err> ctx: the deadman has no copy of 'other.txt': only of the script itself",
    ])
  })

  it('serves Python scripts, and keeps what was changed since', async () => {
    unit.ctx.instance.runtimeProperties['port'] = 1
    await arm(finalizeWith({ script_path: 'report.py' }))
    await freeze()
    await endLease()
    await isGone()
    unit.ctx.instance.runtimeProperties['stopped'] = 'later'
    expect(await disarm()).to.be.a('number')
    expect(unit.ctx.instance.runtimeProperties).to.deep.equal({ stopped: 'later', port: 5433 })
    expect(unit.ctx.lines).to.include('INFO: from True')
  })

  it('runs inline scripts', async () => {
    await arm(finalizeWith({ script_source: '#!/bin/sh\n kill -CONT "$(cat "$PID_FILE")"' }))
    await freeze()
    await endLease()
    await isGone()
    expect(stateOf(unit.pid)).to.not.equal('T')
  })

  it('tries again when fs_finalize fails, and tells its end', async () => {
    const source = '#!/bin/sh\necho try >> "$NOTES"; [ "$(wc -l < "$NOTES")" -gt 1 ] && kill -CONT "$(cat "$PID_FILE")"'
    await arm(finalizeWith({ script_source: source }))
    await freeze()
    await endLease()
    await isGone()
    expect(stateOf(unit.pid)).to.not.equal('T')
    await disarm()
    await arm({ ...finalizeWith({ script_source: '#!/bin/sh\necho broken >&2; exit 3' }), lease: 100 })
    await isGone()
    expect(await disarm()).to.be.a('number')
    expect(unit.ctx.lines.filter((line) => line.startsWith('WARNING')).at(-1)).to.match(
      /it failed: .*exit_code: 3.*broken/,
    )
  })

  it('is extended, and not beyond its maximum', async () => {
    await arm()
    await freeze()
    // Another guard takes over: what is frozen already need not be frozen within its lease.
    await arm({ lease: 2000, maximum: 4000 })
    const begun = performance.now()
    await endLease(60_000)
    await isGone()
    expect(performance.now() - begun).to.be.above(2000)
    expect(stateOf(unit.pid)).to.not.equal('T')
    expect((await refusal(deadman.extend!(unit.at(prepareName), handle, 1000))).code).to.equal('freeze.not_armed')
  })

  it('leaves nothing behind either when it was killed', async () => {
    await arm()
    await freeze()
    const { parcel = '' } = readRecord(handle.record) ?? {}
    process.kill(handle.pid, 'SIGKILL')
    await isGone()
    expect((await refusal(freeze())).code, 'nothing is frozen without a guard').to.equal('freeze.not_armed')
    await thaw()
    expect(await disarm()).to.equal(null)
    expect([parcel, handle.record].filter((path) => existsSync(path))).to.deep.equal([])
  })

  it('says where there cannot be one', async () => {
    const probe = async (finalize?: object) =>
      await deadman.probe?.(
        unit.at(prepareName),
        finalize && { plugin: 'script', operation: 'tasks.run', inputs: {}, ...finalize },
      )
    expect(await probe({})).to.deep.equal({ kind: 'host', longestHold: null, reason: null })
    expect(await probe()).to.deep.equal({ kind: 'none', longestHold: null, reason: 'the node has no fs_finalize' })
    expect((await probe({ plugin: 'fabric', operation: 'run' }))?.reason).to.equal(
      'its fs_finalize is no script but fabric.run, which only fermata can run',
    )
    const { finalize: _none, ...without } = unit.request()
    expect((await refusal(deadman.arm(unit.at(prepareName), without))).code).to.equal('freeze.not_armed')
    await arm()
  })

  it('cannot be armed with a script that cannot run, and leaves nothing then', async () => {
    const before = process.env['XDG_RUNTIME_DIR']
    process.env['XDG_RUNTIME_DIR'] = unit.ctx.folder
    try {
      const absent = unit.request(finalizeWith({ script_path: 'no.sh' }))
      expect((await refusal(deadman.arm(unit.at(prepareName), absent))).code).to.equal('script.not_found')
      expect(readdirSync(runtimeFolder(process.env) ?? '')).to.deep.equal([])
    } finally {
      if (before === undefined) delete process.env['XDG_RUNTIME_DIR']
      else process.env['XDG_RUNTIME_DIR'] = before
    }
    await arm()
  })
})
