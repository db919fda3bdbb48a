// Claim: what scripts froze runs again at most lease + 2 s after the freeze, when fermata is killed, is stopped, or loses
// its home folder. The figures come from the log of the frozen process itself.
import { expect } from 'chai'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { isAlive } from '../../src/plugins/guard/process-table.ts'
import type { GuardHandle } from '../../src/plugins/guard/handle.ts'
import { scriptDeadman } from '../../src/plugins/script/deadman.ts'
import { eventually, linesIn, stateOf, textOf } from '../unit/plugins/local/processes.ts'
import { finalizeName, frozenWriter, prepareName, type FrozenWriter } from '../unit/plugins/script/frozen-by-scripts.ts'
import { callScript } from '../unit/plugins/script/run-script-operation.ts'

const times = 5
const lease = 1500
const promise = lease + 2000

describe('crash: fermata dies while scripts hold something frozen', () => {
  const units: FrozenWriter[] = []
  const freezers: ChildProcess[] = []

  afterEach(async () => {
    for (const freezer of freezers.splice(0)) freezer.kill('SIGKILL')
    for (const unit of units.splice(0)) await unit.cleanUp()
  })

  const ways: Readonly<Record<string, (freezer: ChildProcess, unit: FrozenWriter) => void>> = {
    'is killed': (freezer) => freezer.kill('SIGKILL'),
    'is stopped': (freezer) => freezer.kill('SIGSTOP'),
    'loses its home folder and is killed': (freezer, { ctx }) => {
      rmSync(ctx.stateDirectory, { recursive: true })
      rmSync(`${ctx.folder}/blueprint`, { recursive: true })
      freezer.kill('SIGKILL')
    },
  }

  for (const [way, harm] of Object.entries(ways)) {
    it(`thaws in time when fermata ${way}, ${times} of ${times} times`, async function () {
      this.timeout(60_000)
      const gaps = await Promise.all(Array.from({ length: times }, () => frozenUntilThawed(harm)))
      expect(Math.max(...gaps)).to.be.at.most(promise)
      console.log(`      frozen for at most ${Math.max(...gaps)} ms, lease ${lease} ms`)
    })
  }

  it('ends a script that still prepares when the lease is over, and then thaws', async () => {
    const unit = await made({ 'slow.sh': 'sleep 0.2; trap "" TERM; while :; do kill -STOP "$(cat "$PID_FILE")"; done' })
    const { lines } = freezeElsewhere(unit, { prepare: 'slow.sh' })
    const { handle } = await lines.next()
    await eventually('it stands still', () => stateOf(unit.pid) === 'T')
    expect((await lines.next()).refused).to.equal('freeze.refused')
    await eventually('the guard has done its work', () => !isAlive(handle))
    const before = linesIn(unit.log)
    await eventually('it writes for good', () => linesIn(unit.log) > before + 20)
    expect(unit.longestGap()).to.be.at.most(promise)
  })

  it('waits for a finalize that runs while the lease ends, and only then runs its own', async () => {
    const unit = await made({
      'long.sh':
        'echo begin >> "$NOTES"; while [ ! -e "$MARKER" ]; do sleep 0.02; done; kill -CONT "$(cat "$PID_FILE")"; echo end >> "$NOTES"',
    })
    const at = unit.at(prepareName)
    const handle = (await scriptDeadman.arm(at, unit.request())) as GuardHandle
    await callScript(at, { script_path: 'stop.sh', ...unit.inputs })
    const inputs = { ...unit.inputs, MARKER: handle.marker }
    const finalized = callScript(unit.at(finalizeName), { script_path: 'long.sh', ...inputs })
    await eventually('it has begun', () => linesIn(unit.notes) > 0)
    await scriptDeadman.extend?.(at, handle, 500)
    await finalized
    expect(stateOf(unit.pid)).to.not.equal('T')
    expect((await scriptDeadman.disarm(unit.at(finalizeName), handle)).firedAt).to.be.a('number')
    expect(textOf(unit.notes)).to.equal(`begin\nend\nrun ${finalizeName}\n`)
  })

  it('thaws in place of a finalize whose fermata was stopped', async () => {
    const unit = await made({ 'halt.sh': 'echo begin >> "$NOTES"; kill -STOP $PPID; sleep 100; echo end >> "$NOTES"' })
    const { lines } = freezeElsewhere(unit, { thaw: 'halt.sh' })
    const { handle } = await lines.next()
    await lines.next()
    await eventually('the guard has ended', () => !isAlive(handle))
    expect(stateOf(unit.pid)).to.not.equal('T')
    expect(textOf(unit.notes)).to.equal(`begin\nrun ${finalizeName}\n`)
    await eventually('it writes again', () => unit.longestGap() > lease / 2)
    expect(unit.longestGap()).to.be.at.most(promise)
  })

  it('finds another place for ctx where the folder of memory lets nothing run', async function () {
    const unit = await made()
    const memory = join(unit.ctx.folder, 'memory')
    mkdirSync(memory)
    const mount = [
      'unshare',
      '-Urm',
      'sh',
      '-c',
      `mount -t tmpfs -o noexec,mode=700 tmpfs '${memory}' && exec "$@"`,
      'sh',
    ]
    if (spawnSync(mount[0] ?? '', [...mount.slice(1), 'true']).status !== 0) {
      console.log('      skipped: no file system of our own can be mounted here (unshare)')
      this.skip()
    }
    const { freezer, lines } = freezeElsewhere(unit, {}, { prefix: mount, environment: { XDG_RUNTIME_DIR: memory } })
    await lines.next()
    const { handle } = await lines.next()
    expect(handle.record).to.include(memory)
    freezer.kill('SIGKILL')
    await eventually('the guard has ended', () => !isAlive(handle))
    expect(stateOf(unit.pid)).to.not.equal('T')
    expect(textOf(unit.notes)).to.equal(`run ${finalizeName}\n`)
  })

  interface Said {
    readonly handle: GuardHandle
    readonly refused?: string
  }

  async function made(files = {}): Promise<FrozenWriter> {
    const unit = await frozenWriter({ files })
    units.push(unit)
    return unit
  }

  async function frozenUntilThawed(harm: (freezer: ChildProcess, unit: FrozenWriter) => void): Promise<number> {
    const unit = await made()
    const { freezer, lines } = freezeElsewhere(unit)
    await lines.next()
    const { handle } = await lines.next()
    expect(stateOf(unit.pid)).to.equal('T')
    harm(freezer, unit)
    await eventually('the guard has ended', () => !isAlive(handle))
    const before = linesIn(unit.log)
    await eventually('it writes again', () => linesIn(unit.log) > before)
    expect(textOf(unit.notes)).to.equal(`run ${finalizeName}\n`)
    expect((await scriptDeadman.disarm(unit.at(finalizeName), handle)).firedAt).to.be.a('number')
    return unit.longestGap()
  }

  interface Surroundings {
    /** Put before the command. */
    readonly prefix?: readonly string[]
    readonly environment?: Readonly<Record<string, string>>
  }

  function freezeElsewhere(
    unit: FrozenWriter,
    scripts: { readonly prepare?: string; readonly thaw?: string } = {},
    { prefix = [], environment = {} }: Surroundings = {},
  ) {
    const { stateDirectory, instance, folder } = unit.ctx
    const { inputs } = unit
    const order = { stateDirectory, blueprintFolder: `${folder}/blueprint`, instanceId: instance.id, lease, inputs }
    const program = new URL('./script-freezer.ts', import.meta.url).pathname
    const orderText = JSON.stringify({ ...order, prepare: 'stop.sh', ...scripts })
    const [command, ...words] = [...prefix, process.execPath, program, orderText]
    const freezer = spawn(command, words, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    freezers.push(freezer)
    const texts = createInterface({ input: freezer.stdout })[Symbol.asyncIterator]()
    const next = async (): Promise<Said> => {
      const { value, done } = await texts.next()
      if (done === true) throw new Error('the freezer ended before it had frozen anything')
      return JSON.parse(value) as Said
    }
    return { freezer, lines: { next } }
  }
})
