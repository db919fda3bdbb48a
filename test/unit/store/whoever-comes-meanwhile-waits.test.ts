// Claim: whoever opens a store at the very moment at which another process makes it, or writes to it, waits or looks
// again, and takes neither for a store that cannot be used.
import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { useWriteAheadLog } from '../../../src/store/sqlite/database.ts'
import { logDamage } from '../../../src/store/sqlite/log-damage.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { inParallel } from '../../support/in-parallel.ts'

const child = new URL('../../support/store-child.ts', import.meta.url).pathname

describe('a store that is being made', () => {
  it('is waited for when another holds it just as it is turned over to a log', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'store.db')
    const [other, own] = [new DatabaseSync(path), new DatabaseSync(path, { timeout: 10_000 })]
    const said: string[] = []
    useWriteAheadLog({
      exec(sql) {
        const isMeeting = said.push(sql) === 1
        if (isMeeting) other.exec('begin immediate')
        try {
          own.exec(sql)
        } finally {
          if (isMeeting) other.exec('commit')
        }
      },
    })
    const log = 'pragma journal_mode = wal'
    expect(said).to.deep.equal([log, 'begin immediate; rollback', log])
    expect(own.prepare('pragma journal_mode').get()).to.deep.include({ journal_mode: 'wal' })
    for (const database of [other, own]) database.close()
  })

  it('is given up when the other does not let go within the timeout', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'store.db')
    const [other, own] = [new DatabaseSync(path), new DatabaseSync(path, { timeout: 20 })]
    other.exec('begin immediate')
    expect(() => useWriteAheadLog(own)).to.throw('database is locked')
    for (const database of [other, own]) database.close()
  })

  it('serves all who come at once', async function () {
    this.timeout(60_000)
    await using folder = await temporaryFolder()
    const said = await inParallel([1, 2, 3, 4], async () => {
      const opening = spawn(process.execPath, [child, 'open', join(folder.path, 'home', 'store.db')])
      return text(opening.stdout)
    })
    expect(new Set(said).size, said.join('')).to.equal(1)
    expect(said[0]).to.match(/^schema \d+\n$/)
  })
})

describe('a log that is being written', () => {
  /** The log of a store with some commits, as it is and with a frame in the middle that does not fit. */
  async function logs(
    folder: string,
  ): Promise<{ readonly path: string; readonly whole: Buffer; readonly torn: Buffer }> {
    const path = join(folder, 'copy.db')
    const database = new DatabaseSync(join(folder, 'store.db'))
    database.exec('pragma journal_mode = wal; create table lines (line)')
    for (let line = 0; line < 9; line++) database.exec(`insert into lines values (${line})`)
    copyFileSync(join(folder, 'store.db'), path)
    const whole = readFileSync(join(folder, 'store.db-wal'))
    database.close()
    const torn = Buffer.from(whole)
    torn.fill(0, whole.length >> 1, (whole.length >> 1) + 4096)
    return { path: `${path}-wal`, whole, torn }
  }

  it('is looked at again when a place seems damaged', async () => {
    await using folder = await temporaryFolder()
    const { path, whole, torn } = await logs(folder.path)
    const readings = [torn, whole]
    expect(logDamage(path, () => readings.shift())).to.equal(undefined)
    expect(readings).to.have.length(0)
  })

  it('is looked at again when it became another log, or is gone', async () => {
    await using folder = await temporaryFolder()
    const { path, whole, torn } = await logs(folder.path)
    const another = Buffer.from(torn)
    another.writeUInt32BE(another.readUInt32BE(12) + 1, 12)
    for (const readings of [
      [torn, another, whole],
      [torn, undefined],
    ]) {
      expect(logDamage(path, () => readings.shift())).to.equal(undefined)
      expect(readings).to.have.length(0)
    }
  })

  it('is damaged when it stays so', async () => {
    await using folder = await temporaryFolder()
    const { path, torn } = await logs(folder.path)
    writeFileSync(path, torn)
    expect(logDamage(path)).to.match(/^\d+ transactions follow on a damaged place in the log, behind \d+ sound ones$/)
  })
})
