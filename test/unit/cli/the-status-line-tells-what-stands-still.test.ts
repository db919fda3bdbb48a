// The line at the foot of the terminal: who is frozen and for how long, what runs, and never anywhere but on a terminal.
import { expect } from 'chai'
import { Call } from '../../../src/cli/call.ts'
import { ProgressState, startProgress } from '../../../src/cli/progress.ts'
import type { EventKind, EventRecord } from '../../../src/engine/api.ts'
import { simulatedWorld } from '../../../src/world/simulated-world.ts'
import { keptHost } from '../../support/cli-host.ts'

const freeze = 'cloudify.interfaces.freeze.fs_prepare'
const thaw = 'cloudify.interfaces.freeze.fs_finalize'
const create = 'cloudify.interfaces.snapshot.create'

function event(kind: EventKind, operation: string, time: number, instanceId = 'db_1'): EventRecord {
  const subject = { instanceId, operation, sourceId: null, targetId: null }
  return { sequence: 1, executionId: 'e', deploymentId: 'd', time, kind, level: null, message: '', ...subject }
}

describe('the status line', () => {
  it('counts a node as frozen from the call of its freeze to the end of its thaw', () => {
    const state = new ProgressState()
    state.take(event('task_started', freeze, 1000))
    state.take(event('task_succeeded', freeze, 1500))
    state.take(event('task_started', create, 2000, 'vm_1'))
    expect(state.text(0, 62_500, 200)).to.equal('01:02  frozen 1: db_1 61.5 s  running 1: vm_1.create')
    state.take(event('task_succeeded', create, 3000, 'vm_1'))
    state.take(event('task_started', thaw, 3000))
    expect(state.text(0, 3000, 200)).to.equal('00:03  frozen 1: db_1 2.0 s  running 1: db_1.fs_finalize')
    state.take(event('task_succeeded', thaw, 3100))
    expect(state.text(0, 3100, 200)).to.equal('00:03')
  })

  it('keeps within its columns, also with wide characters, and shows controls as text', () => {
    const state = new ProgressState()
    state.take(event('task_started', create, 0, '数据库'.repeat(20)))
    expect([...state.text(0, 0, 40)]).to.have.length.below(30)
    expect(state.text(0, 0, 40)).to.match(/…$/)
    const hostile = new ProgressState()
    hostile.take(event('task_started', create, 0, 'a\u001b[2J'))
    expect(hostile.text(0, 0, 200)).not.to.contain('\u001b')
  })

  it('is redrawn as time passes, and taken away at the end', async () => {
    const world = simulatedWorld(1)
    const kept = keptHost({ home: '/nowhere', isTerminal: true, world })
    const progress = startProgress(new Call(kept.host, { arguments: [], options: {} }))
    await world.advance(2000)
    expect(kept.printed.stderr).to.contain('00:00').and.to.contain('00:02')
    progress.stop()
    expect(kept.printed.stderr).to.match(/\u001b\[2K$/)
    const drawn = kept.printed.stderr
    await world.advance(2000)
    expect(kept.printed.stderr).to.equal(drawn)
  })

  for (const [where, isTerminal, options] of [
    ['without a terminal', false, {}],
    ['with --quiet', true, { quiet: true }],
    ['with --json', true, { json: true }],
  ] as const) {
    it(`is not there ${where}`, async () => {
      const world = simulatedWorld(1)
      const kept = keptHost({ home: '/nowhere', isTerminal, world })
      const progress = startProgress(new Call(kept.host, { arguments: [], options }))
      progress.take(event('task_started', freeze, 0))
      await world.advance(1000)
      progress.stop()
      expect(kept.printed.stderr).to.equal('')
    })
  }
})
