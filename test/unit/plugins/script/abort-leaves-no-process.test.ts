// An abort ends the script and everything it started: politely first, then for certain.
import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Duration } from '../../../../src/kernel/duration.ts'
import { realWorld } from '../../../../src/world/real-world.ts'
import type { World } from '../../../../src/world/world.ts'
import { operationContext } from '../../../support/operation-context.ts'
import { callScript } from './run-script-operation.ts'

describe('an aborted script', () => {
  it('is ended together with its children', async () => {
    const { lines, alive, reason } = await abortWhenReady('tail -f /dev/null & echo "ready $$ $!"; wait')
    expect(reason).to.equal('cancelled')
    expect(lines).to.have.length(1)
    expect(alive).to.deep.equal([false, false])
  })

  it('may clean up when it gets SIGTERM', async () => {
    const script = `trap 'echo cleaned; exit 0' TERM; tail -f /dev/null & echo "ready $$ $!"; wait`
    const { lines, alive } = await abortWhenReady(script)
    expect(lines.at(-1)).to.equal('INFO: <out> cleaned')
    expect(alive).to.deep.equal([false, false])
  })

  it('is killed after the grace when it ignores SIGTERM', async () => {
    const script = `trap '' TERM; tail -f /dev/null & echo "ready $$ $!"; while true; do wait; done`
    const hurried = hurriedWorld()
    const { pids } = await abortWhenReady(script, hurried)
    expect(pids).to.have.length(2)
    expect(hurried.passed).to.be.at.least(5000)
    // In a hurry the time for dying is short as well.
    while (pids.some(isAlive)) await nextTurn()
  })

  it('dies with the engine when that exits at once', async () => {
    const support = new URL('../../../support/operation-context.ts', import.meta.url)
    const runner = new URL('./run-script-operation.ts', import.meta.url)
    const code = `
      import { operationContext } from '${support.href}'
      import { callScript } from '${runner.href}'
      const files = { 'a.sh': 'tail -f /dev/null & echo ready $$ $!; wait' }
      const onLog = ({ text }) => { if (text.includes('ready')) { process.stdout.write(text); process.exit(0) } }
      await callScript(operationContext({ files, onLog }), { script_path: 'a.sh' })`
    const home = mkdtempSync(join(tmpdir(), 'fermata-test-'))
    const options = { encoding: 'utf8', env: { ...process.env, TMPDIR: home } } as const
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], options)
    rmSync(home, { recursive: true })
    const pids = (stdout.match(/\d+/g) ?? []).map(Number)
    expect(pids).to.have.length(2)
    // The signal is sent before the exit, but takes effect when the system gets to it; the test's timeout is the limit.
    while (pids.some(isAlive)) await nextTurn()
  })

  it('does not hold the operation up when a process it left behind prints for ever', async () => {
    const ctx = operationContext({
      files: { 'a.sh': 'while :; do echo more; done & ctx returns $!' },
      world: hurriedWorld(),
    })
    const left = Number(await callScript(ctx, { script_path: 'a.sh' }))
    await ctx.cleanUp()
    expect(left).to.be.above(1)
    if (isAlive(left)) process.kill(left, 'SIGKILL')
    expect(ctx.lines.filter((line) => line.startsWith('WARNING'))).to.have.length.at.most(1)
    expect(ctx.lines.length).to.be.below(10_010)
  })
})

/** Time runs a hundred times as fast while something sleeps, so that the grace need not be waited for. */
function hurriedWorld(): World & { readonly passed: Duration } {
  const world = realWorld()
  let passed = 0
  return {
    ...world,
    get passed() {
      return passed
    },
    clock: {
      ...world.clock,
      monotonic: () => passed,
      sleep: async (length, signal) => {
        await world.clock.sleep(length / 100, signal)
        passed += length
      },
    },
  }
}

interface Aborted {
  readonly lines: readonly string[]
  readonly pids: readonly number[]
  readonly alive: readonly boolean[]
  readonly reason: unknown
}

/** The script prints `ready` and the ids of its processes; then comes the abort. */
async function abortWhenReady(script: string, world: World = realWorld()): Promise<Aborted> {
  const abort = new AbortController()
  const pids: number[] = []
  const ctx = operationContext({
    files: { 'a.sh': script },
    signal: abort.signal,
    world,
    onLog: ({ text }) => {
      if (!text.includes('ready')) return
      pids.push(...(text.match(/\d+/g) ?? []).map(Number))
      abort.abort('cancelled')
    },
  })
  const reason = await callScript(ctx, { script_path: 'a.sh' }).then(
    () => 'ended',
    (thrown: unknown) => thrown,
  )
  const lines = ctx.lines.filter((line) => !line.startsWith('DEBUG'))
  await ctx.cleanUp()
  return { lines, pids, alive: pids.map(isAlive), reason }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !isZombie(pid)
  } catch {
    return false
  }
}

/** Ended, but not yet collected by whoever adopted it. */
function isZombie(pid: number): boolean {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
}
