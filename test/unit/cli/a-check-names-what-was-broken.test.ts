// `executions check`: what it prints, as which code it ends, and what it takes a log from.
import { expect } from 'chai'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rules } from '../../../src/report/oracle/rules.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { runInProcess, type CliOutcome } from '../../support/cli-host.ts'
import { engineSite } from '../../support/engine-site.ts'
import { temporaryFolder } from '../../support/folder.ts'

const transcript = fileURLToPath(new URL('../../fixtures/transcripts/cloudify-readme-backup.log', import.meta.url))

/** On a home that there is no need of. */
async function check(words: readonly string[], input = ''): Promise<CliOutcome> {
  await using folder = await temporaryFolder()
  return runInProcess(['executions', 'check', ...words], { home: join(folder.path, 'home'), input })
}

describe('executions check', () => {
  it('tells that an execution kept every promise', async () => {
    await using site = await engineSite()
    const { id } = await site.start('backup', { snapshot_name: 'first' })
    const { code, stdout } = await runInProcess(['executions', 'check', id], { home: site.home })
    const all = rules.length
    expect(stdout.replace(/\d+ entries/, 'N entries')).to.equal(
      `${all} of ${all} rules checked over N entries\nEvery promise was kept.\n`,
    )
    expect(code).to.equal(0)
  })

  it('names the rule, the entries and their times when a log was broken, and ends with 7', async () => {
    await using site = await engineSite({ isUnchecked: 'a thaw is taken out of the log' })
    const { id } = await site.start('backup', { snapshot_name: 'first' })
    await withoutThaws(join(site.home, 'fermata.db'))
    const { code, stdout } = await runInProcess(['executions', 'check', id], { home: site.home })
    expect(code).to.equal(7)
    expect(stdout).to.match(/^every-freeze-is-thawed: web_\w+ was frozen and not thawed \(backup#1\)$/m)
    expect(stdout).to.match(/^ {4}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}#\d+ {2}freeze\.done \[web_\w+ backup#1\]$/m)
    const { stdout: json } = await runInProcess(['executions', 'check', id, '--json'], { home: site.home })
    const checked = JSON.parse(json) as { executionId: string; violations: { rule: string; instance: string }[] }
    expect(checked.executionId).to.equal(id)
    expect(new Set(checked.violations.map(({ rule }) => rule))).to.include('every-freeze-is-thawed')
    expect(checked.violations.map(({ instance }) => instance)).to.include(site.ids['db'])
  })

  it('reads a saved console log, from a file or from standard input', async () => {
    const fromFile = await check(['--transcript', transcript])
    expect(fromFile.code).to.equal(7)
    expect(fromFile.stdout).to.contain(
      'cut-while-frozen: qemu_vm_jvv6jt was cut while example_node_s4bgna was not frozen\n',
    )
    expect(fromFile.stdout).to.contain(
      '    2018-05-16 12:10:22.413  #3  workflow_node_event [qemu_vm_jvv6jt] Starting to cloudify.interfaces.snapshot.create',
    )
    const fromInput = await check(['--transcript', '-', '-q'], await readFile(transcript, 'utf8'))
    expect(fromInput.stdout.trim().split('\n')).to.have.members([
      'every-freeze-is-thawed',
      'cut-while-frozen',
      'thaw-after-cut',
      'thaw-after-freeze',
    ])
  })

  it('lists every rule with -v', async () => {
    const { stdout } = await check(['--transcript', transcript, '-v'])
    expect(stdout).to.match(/^broken {2}cut-while-frozen: A cut begins only when/m)
    expect(stdout).to.match(/^kept {4}time-goes-forward: /m)
    expect(stdout).to.match(/^silent {2}ledger-before-freeze: /m)
  })

  it('prints what it checked with --log', async () => {
    await using site = await engineSite()
    const { id } = await site.start('backup', { snapshot_name: 'first' })
    const { stdout } = await runInProcess(['executions', 'check', id, '--log'], { home: site.home })
    expect(stdout).to.match(
      /^\d{4}-\d\d-\d\d [\d:.]{12} {2}#1 {2}workflow_started Starting 'backup' workflow execution$/m,
    )
    expect(stdout).to.match(/ {2}#\d+ {2}freeze\.begun \[web_\w+ backup#1\] \{"token":"[-\w]+","attempt":1\}$/m)
    const { stdout: json } = await runInProcess(['executions', 'check', id, '--log', '--json'], { home: site.home })
    const { log, entries } = JSON.parse(json) as { log: { source: string }[]; entries: number }
    expect(log).to.have.lengthOf(entries)
    expect(new Set(log.map(({ source }) => source))).to.deep.equal(new Set(['event', 'moment']))
  })

  it('refuses what it cannot check', async () => {
    await using folder = await temporaryFolder()
    const empty = join(folder.path, 'empty.log')
    await writeFile(empty, 'nothing of ours\n')
    const cases: readonly (readonly [readonly string[], string])[] = [
      [[], 'either an execution or a transcript'],
      [['some-id', '--transcript', empty], 'either an execution or a transcript'],
      [['--transcript', empty], 'there is no line of an execution in'],
      [['--transcript', join(folder.path, 'none.log')], 'there is no file'],
      [['--transcript', folder.path], 'it is a folder'],
      [['no-such-id'], "no execution 'no-such-id'"],
    ]
    for (const [words, text] of cases) {
      const { code, stderr } = await check(words)
      expect(stderr, words.join(' ')).to.contain(text)
      expect(code, words.join(' ')).to.equal(2)
    }
  })
})

async function withoutThaws(file: string): Promise<void> {
  const store = openSqliteStore(file)
  try {
    const rows = await store.read<{ execution_id: string; batch: number; records: string }>('select * from traces')
    const kept = rows.map((row) => {
      const records = JSON.parse(row.records) as { type: string }[]
      return [JSON.stringify(records.filter(({ type }) => !type.startsWith('thaw.'))), row.execution_id, row.batch]
    })
    await store.commit([{ sql: 'update traces set records = ? where execution_id = ? and batch = ?', rows: kept }])
  } finally {
    await store.close()
  }
}
