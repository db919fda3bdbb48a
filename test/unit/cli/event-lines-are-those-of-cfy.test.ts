import { expect } from 'chai'
import { paintFor } from '../../../src/cli/colours.ts'
import { eventLine, isShown } from '../../../src/cli/event-line.ts'
import type { EventRecord } from '../../../src/engine/api.ts'

const event: EventRecord = {
  sequence: 1,
  executionId: 'e',
  deploymentId: 'examples',
  time: Date.UTC(2017, 8, 28, 8, 12, 5, 257),
  kind: 'task_started',
  level: null,
  instanceId: 'server_11nk1j',
  operation: 'cloudify.interfaces.lifecycle.resume',
  sourceId: null,
  targetId: null,
  message: "Task started 'script_runner.tasks.run'",
}

describe('an event line', () => {
  it('names the instance and the last part of the operation', () => {
    expect(eventLine(event)).to.equal(
      "2017-09-28 08:12:05.257  CFY <examples> [server_11nk1j.resume] Task started 'script_runner.tasks.run'",
    )
  })

  it('names no operation where there is none, and no instance of the whole execution', () => {
    expect(eventLine({ ...event, operation: null, message: 'Done resume' })).to.contain('> [server_11nk1j] Done resume')
    const whole = { ...event, operation: null, instanceId: null, message: 'Starting' }
    expect(eventLine(whole)).to.equal('2017-09-28 08:12:05.257  CFY <examples> Starting')
  })

  it('shows a log with its level', () => {
    const log = { ...event, kind: 'log', level: 'INFO', message: 'resume server_id=Server!' } as const
    expect(eventLine(log)).to.contain('  LOG <examples> [server_11nk1j.resume] INFO: resume server_id=Server!')
  })

  it('shows both ends of a relationship', () => {
    const link = { ...event, sourceId: 'a_1', targetId: 'b_2', operation: 'x.establish' }
    expect(eventLine(link)).to.contain(' [a_1->b_2|establish] ')
  })

  it('lets no message draw on the terminal, or look like another event', () => {
    const line = eventLine({ ...event, message: 'one\n2017-09-28 08:12:05.257  CFY <x> two\u001b[2J' })
    expect(line).not.to.contain('\u001b')
    expect(line.split('\n')[1]).to.match(/^ {4}2017/)
  })

  it('has colours on a terminal only, and never against NO_COLOR', () => {
    const escape = '\u001b['
    expect(eventLine(event, paintFor({}, true, true))).to.contain(escape)
    expect(eventLine(event, paintFor({}, false, true))).not.to.contain(escape)
    expect(eventLine(event, paintFor({ NO_COLOR: '1' }, true, true))).not.to.contain(escape)
    expect(eventLine(event, paintFor({}, true, false))).not.to.contain(escape)
  })

  it('of a DEBUG log is shown only to who wants all', () => {
    const debug = { ...event, kind: 'log', level: 'DEBUG' } as const
    expect([isShown(debug, false), isShown(debug, true), isShown(event, false)]).to.deep.equal([false, true, true])
  })
})
