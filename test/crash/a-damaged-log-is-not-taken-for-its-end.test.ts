// Claim: whatever a crash or a bad disk makes of the store's files, it opens with everything that was acknowledged, or
// says that it is damaged. What is legal, exactly:
// - anything behind the last transaction that was on disk (what a crash can leave): nothing acknowledged is lost;
// - damage before it: `store.corrupt`. Only where it hits the very last transaction it cannot be told from one that was
//   never finished; then all before that one are there;
// - a log that is cut short, or gone: the state of an earlier moment (its frames hide newer pages of the file), or an
//   integrity check that fails;
// - a page of the file itself: `store.corrupt`, or every row as it was.
import { expect } from 'chai'
import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../../src/kernel/fault.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { seededRandom, type Random } from '../../src/world/simulation/random.ts'
import { committing } from '../support/committing.ts'
import { tell } from '../support/figures.ts'
import { temporaryFolder } from '../support/folder.ts'
import { inParallel } from '../support/in-parallel.ts'

const seed = Number(process.env['FERMATA_SEED'] ?? 20_260_103)
const rounds = 40
const frameHeader = 24

const upTo = (count: number): number[] => Array.from({ length: count }, (_none, index) => index + 1)

/** The rows there are, in order; or the code of the fault. */
async function rowsIn(path: string): Promise<readonly number[] | string> {
  let store: ReturnType<typeof openSqliteStore> | undefined
  try {
    store = openSqliteStore(path)
    const rows = await store.read<{ id: string; started_at: number }>('select * from engines')
    const [found] = await store.read<{ integrity_check: string }>('pragma integrity_check')
    if (found?.integrity_check !== 'ok') return 'store.corrupt'
    for (const row of rows) expect(row.id).to.equal(`row-${row.started_at}`)
    return rows.map((row) => row.started_at).toSorted((left, right) => left - right)
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.code
    throw thrown
  } finally {
    await store?.close()
  }
}

interface Wreck {
  readonly path: string
  readonly acknowledged: number
  readonly log: Buffer
  /** A fresh copy of what the killed process left, with another log. */
  withLog(log: Buffer): string
}

/** What a process that was killed while it wrote leaves behind. */
async function wreck(folder: string, random: Random): Promise<Wreck> {
  const path = join(folder, 'store.db')
  const background = random.chance(0.5) ? ['background'] : []
  const { last } = await committing(['0', path, 'row', ...background], random.whole(2, 500))
  const log = readFileSync(`${path}-wal`)
  const copy = join(folder, 'copy.db')
  return {
    path,
    acknowledged: last,
    log,
    withLog(changed) {
      for (const ending of ['', '-wal', '-shm']) rmSync(`${copy}${ending}`, { force: true })
      copyFileSync(path, copy)
      writeFileSync(`${copy}-wal`, changed)
      return copy
    },
  }
}

/** Frames of a transaction that was never finished: of this log, with sums that do not fit. */
function halfATransaction(log: Buffer, random: Random): Buffer {
  const frame = frameHeader + log.readUInt32BE(8)
  const frames = Array.from({ length: random.whole(1, 3) }, () => noise(frame, random))
  for (const one of frames) log.copy(one, 8, 16, 24)
  // The last of them ends the transaction, as far as its header tells.
  for (const [index, one] of frames.entries()) one.writeUInt32BE(index === frames.length - 1 ? 7 : 0, 4)
  return Buffer.concat(frames).subarray(0, random.whole(1, frame * frames.length))
}

function noise(length: number, random: Random): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => random.whole(0, 255)))
}

/** Where the last frame of the present log ends, and where its last transaction begins. */
function endOf(log: Buffer): { readonly end: number; readonly lastTransaction: number } {
  const frame = frameHeader + log.readUInt32BE(8)
  let [end, before] = [32, 32]
  for (let at = 32; at + frame <= log.length && log.compare(log, at + 8, at + 16, 16, 24) === 0; at += frame)
    if (log.readUInt32BE(at + 4) !== 0) [before, end] = [end, at + frame]
  return { end, lastTransaction: before }
}

function garbled(log: Buffer, at: number, random: Random): Buffer {
  const changed = Buffer.from(log)
  for (let byte = at; byte < Math.min(at + 8, log.length); byte++)
    changed[byte] = (changed[byte] ?? 0) ^ random.whole(1, 255)
  return changed
}

describe('the files of a store', () => {
  it(`hold what was acknowledged, or say that they are damaged (FERMATA_SEED=${seed})`, async function () {
    this.timeout(120_000)
    const seen = { whole: 0, corrupt: 0, 'last transaction': 0, 'cut short': 0 }
    await inParallel(upTo(4), async (lane) => {
      for (let round = lane; round <= rounds; round += 4) {
        await using folder = await temporaryFolder()
        const random = seededRandom(seed + round)
        const { acknowledged, log, withLog } = await wreck(folder.path, random)
        const { end, lastTransaction } = endOf(log)

        // Behind the end: what a crash leaves.
        const torn = Buffer.concat([log.subarray(0, end), halfATransaction(log, random)])
        const rows = await rowsIn(withLog(torn))
        expect(rows, `round ${round}, torn`).to.deep.equal(upTo(rows.length))
        expect(rows.length, `round ${round}, torn`).to.be.at.least(acknowledged)
        seen.whole++

        // Before it: what only a bad disk does.
        for (let count = 0; count < 5; count++) {
          const at = random.whole(0, end - 1)
          const name = `round ${round}, garbled at ${at} of ${end}`
          const found = await rowsIn(withLog(garbled(log.subarray(0, end), at, random)))
          if (typeof found === 'string') {
            expect(found, name).to.equal('store.corrupt')
            seen.corrupt++
            continue
          }
          expect(found, name).to.deep.equal(upTo(found.length))
          expect(found.length, name).to.be.at.least(at + 8 > lastTransaction ? acknowledged - 1 : acknowledged)
          seen['last transaction']++
        }

        const short = await rowsIn(withLog(log.subarray(0, random.whole(0, end))))
        if (typeof short === 'string') expect(short, `round ${round}, cut short`).to.equal('store.corrupt')
        else expect(short, `round ${round}, cut short`).to.deep.equal(upTo(short.length))
        seen['cut short']++
      }
    })
    expect(seen.corrupt).to.be.above(rounds)
    tell(`damaged logs of killed stores: ${JSON.stringify(seen)}, none with a wrong state`)
  })

  it('are found damaged wherever the head of the log is garbled', async function () {
    this.timeout(60_000)
    await using folder = await temporaryFolder()
    const random = seededRandom(seed)
    const { acknowledged, log, withLog } = await wreck(folder.path, random)
    const { end, lastTransaction } = endOf(log)
    expect(lastTransaction).to.be.above(64)
    for (let at = 0; at < 56; at++) {
      const found = await rowsIn(withLog(garbled(log.subarray(0, end), at, random)))
      if (typeof found === 'string') expect(found, `garbled at ${at}`).to.equal('store.corrupt')
      else expect(found.length, `garbled at ${at}`).to.be.at.least(acknowledged)
    }
  })

  it('never give a wrong row when a page of theirs is garbled', async function () {
    this.timeout(60_000)
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'store.db')
    await committing(['400', path, 'row'])
    expect(existsSync(`${path}-wal`)).to.equal(false)
    const whole = readFileSync(path)
    const page = whole.readUInt16BE(16)
    const random = seededRandom(seed)
    let corrupt = 0
    for (let at = page; at < whole.length; at += page) {
      const changed = Buffer.from(whole)
      noise(page, random).copy(changed, at)
      const copy = join(folder.path, 'copy.db')
      for (const ending of ['-wal', '-shm']) rmSync(`${copy}${ending}`, { force: true })
      writeFileSync(copy, changed)
      const found = await rowsIn(copy)
      if (found === 'store.corrupt') corrupt++
      else expect(found, `page at ${at}`).to.deep.equal(upTo(400))
    }
    expect(corrupt).to.be.above(10)
    truncateSync(path, page * 3)
    expect(await rowsIn(path)).to.equal('store.corrupt')
  })
})
