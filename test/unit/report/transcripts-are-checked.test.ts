// A console log is enough to see a broken bracket: the one in the README of Cloudify's plugin shows a thaw that was done
// before its freeze was.
import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { checkLog } from '../../../src/report/oracle/check.ts'
import { readTranscript } from '../../../src/report/transcript.ts'

const quoted = readFileSync(new URL('../../fixtures/transcripts/cloudify-readme-backup.log', import.meta.url), 'utf8')

const correct = `
$ fermata executions start backup -d examples -p snapshot_name=backup_example
2026-05-16 12:10:22.408  CFY <examples> Starting 'backup' workflow execution
2026-05-16 12:10:22.413  CFY <examples> [example_node_s4bgna] Starting to cloudify.interfaces.freeze.fs_prepare
2026-05-16 12:10:22.414  CFY <examples> [example_node_s4bgna.fs_prepare] Sending task 'cloudify_terminal.tasks.run'
2026-05-16 12:10:22.415  CFY <examples> [example_node_s4bgna.fs_prepare] Task started 'cloudify_terminal.tasks.run'
2026-05-16 12:10:22.430  LOG <examples> [example_node_s4bgna.fs_prepare] INFO: frozen
    as was asked
2026-05-16 12:10:22.512  CFY <examples> [example_node_s4bgna.fs_prepare] Task succeeded 'cloudify_terminal.tasks.run'
2026-05-16 12:10:22.512  CFY <examples> [example_node_s4bgna] Done cloudify.interfaces.freeze.fs_prepare
2026-05-16 12:10:22.513  CFY <examples> [qemu_vm_jvv6jt] Starting to cloudify.interfaces.snapshot.create
2026-05-16 12:10:22.514  CFY <examples> [qemu_vm_jvv6jt.create] Sending task 'cloudify_libvirt.domain_tasks.snapshot_create'
2026-05-16 12:10:22.515  CFY <examples> [qemu_vm_jvv6jt.create] Task started 'cloudify_libvirt.domain_tasks.snapshot_create'
2026-05-16 12:10:22.600  CFY <examples> [qemu_vm_jvv6jt.create] Task succeeded 'cloudify_libvirt.domain_tasks.snapshot_create'
2026-05-16 12:10:22.604  CFY <examples> [qemu_vm_jvv6jt] Done cloudify.interfaces.snapshot.create
2026-05-16 12:10:22.605  CFY <examples> [example_node_s4bgna] Starting to cloudify.interfaces.freeze.fs_finalize
2026-05-16 12:10:22.606  CFY <examples> [example_node_s4bgna.fs_finalize] Sending task 'cloudify_terminal.tasks.run'
2026-05-16 12:10:22.607  CFY <examples> [example_node_s4bgna.fs_finalize] Task started 'cloudify_terminal.tasks.run'
2026-05-16 12:10:22.680  CFY <examples> [example_node_s4bgna.fs_finalize] Task succeeded 'cloudify_terminal.tasks.run'
2026-05-16 12:10:22.681  CFY <examples> [example_node_s4bgna] Done cloudify.interfaces.freeze.fs_finalize
2026-05-16 12:10:22.767  LOG <examples> INFO: Backuped to 'backup_example'
2026-05-16 12:10:22.768  CFY <examples> 'backup' workflow execution succeeded
`

const broken = (text: string): string[] => [
  ...new Set(checkLog(readTranscript(text)).violations.map(({ rule }) => rule)),
]

describe('oracle: console logs', () => {
  it('the backup in the README of Cloudify breaks the bracket, and the bracket only', () => {
    expect(broken(quoted)).to.have.members([
      'every-freeze-is-thawed',
      'cut-while-frozen',
      'thaw-after-cut',
      'thaw-after-freeze',
    ])
  })

  it('names the entries with their times', () => {
    const { violations } = checkLog(readTranscript(quoted))
    const cut = violations.find(({ rule }) => rule === 'cut-while-frozen')
    expect(cut?.message).to.equal('qemu_vm_jvv6jt was cut while example_node_s4bgna was not frozen')
    expect(cut?.entries.map(({ at }) => new Date(at).toISOString())).to.deep.equal([
      '2018-05-16T12:10:22.413Z',
      '2018-05-16T12:10:22.413Z',
    ])
  })

  it('a correct one passes, and rules that need more say nothing', () => {
    const { violations, rules, entries } = checkLog(readTranscript(correct))
    expect(violations).to.deep.equal([])
    expect(entries).to.equal(19)
    expect(rules.filter(({ state }) => state === 'kept').map(({ id }) => id)).to.include.members([
      'cut-while-frozen',
      'sent-before-started',
      'sequence-without-gaps',
    ])
    expect(rules.filter(({ state }) => state === 'silent').map(({ id }) => id)).to.include('ledger-before-freeze')
  })

  it('a thaw that is missing is seen', () => {
    const lines = correct.split('\n').filter((line) => !line.includes('fs_finalize'))
    expect(broken(lines.join('\n'))).to.deep.equal(['every-freeze-is-thawed'])
  })

  it('a freeze that failed and was tried again is no breach', () => {
    const [head, tail] = correct.split(/(?<=Task started 'cloudify_terminal.tasks.run'\n)(?=[^]*frozen)/) as [
      string,
      string,
    ]
    const again = [
      "2026-05-16 12:10:22.416  CFY <examples> [example_node_s4bgna.fs_prepare] Task failed 'cloudify_terminal.tasks.run' -> no",
      "2026-05-16 12:10:22.417  CFY <examples> [example_node_s4bgna.fs_prepare] Sending task 'cloudify_terminal.tasks.run' [retry 1/3]",
      "2026-05-16 12:10:22.418  CFY <examples> [example_node_s4bgna.fs_prepare] Task started 'cloudify_terminal.tasks.run' [retry 1/3]",
      '',
    ]
    expect(broken(head + again.join('\n') + tail)).to.deep.equal([])
  })

  it('colours, another year, relationships and levels are read', () => {
    const text = [
      "\u001b[2m2026-11-21 05:25:28.059  CFY <shop>\u001b[0m \u001b[1mResuming 'install' workflow execution\u001b[0m",
      "2026-11-21 05:25:28.060  CFY <shop> [web_1->db_1|establish] Sending task 'x.link'",
      '2026-11-21 05:25:28.061  LOG <shop> [web_1->db_1|establish] WARNING: slow',
      '...',
      "2026-11-21 05:25:28.062  CFY <shop> 'install' workflow execution failed: no",
    ].join('\n')
    const [started, sent, log, gap, failed] = readTranscript(text)
    expect(started).to.include({ type: 'workflow_started', instance: null, at: Date.UTC(2026, 10, 21, 5, 25, 28, 59) })
    expect(sent).to.include({ type: 'sending_task', instance: 'web_1', operation: 'establish', pair: 'web_1->db_1' })
    expect(log).to.include({ type: 'log', level: 'WARNING', text: 'slow' })
    expect(gap).to.include({ source: 'gap', position: 4, sequence: 3 })
    expect(failed).to.include({ type: 'workflow_failed', sequence: 4 })
  })
})
