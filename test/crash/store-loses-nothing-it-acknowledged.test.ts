// Claim: what the store acknowledged is there after kill -9, and the file is whole. The moments of the kills are drawn
// from a seed that is printed.
import { expect } from 'chai'
import { join } from 'node:path'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { simulatedWorld } from '../../src/world/simulated-world.ts'
import { committing } from '../support/committing.ts'
import { tell } from '../support/figures.ts'
import { temporaryFolder } from '../support/folder.ts'
import { inParallel } from '../support/in-parallel.ts'

const kills = 200
/** Stores that are written to, and whose writers are killed, side by side. */
const lanes = 8
const seed = Number(process.env['FERMATA_SEED'] ?? 20_260_102)

function inspect(path: string): { readonly integrity: unknown; readonly idsOf: (prefix: string) => number[] } {
  const database = openDatabase(path)
  const integrity = database.prepare('pragma integrity_check').get()?.['integrity_check']
  const ids = database
    .prepare('select id from engines')
    .all()
    .map((row) => String(row['id']))
  database.close()
  const idsOf = (prefix: string): number[] =>
    ids
      .filter((id) => id.startsWith(`${prefix}-`))
      .map((id) => Number(id.slice(prefix.length + 1)))
      .toSorted((left, right) => left - right)
  return { integrity, idsOf }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_none, index) => index + 1)

describe('a store whose process is killed', () => {
  it(`has every acknowledged row, in order, ${kills} times (FERMATA_SEED=${seed})`, async function () {
    this.timeout(120_000)
    let acknowledged = 0
    await inParallel(upTo(lanes), async (lane) => {
      await using folder = await temporaryFolder()
      const path = join(folder.path, 'store.db')
      const draw = simulatedWorld(seed + lane)
      for (let round = 0; round < kills / lanes; round++) {
        const until = 1 + Number.parseInt(draw.randomText(2, '0123'), 4) * 4
        const how = round % 2 === 0 ? [] : ['background']
        const { last, exitCode } = await committing(['0', path, `r${round}`, ...how], until)
        expect([exitCode, last >= until]).to.deep.equal([null, true])
        acknowledged += last
        const { integrity, idsOf } = inspect(path)
        const name = `lane ${lane}, round ${round}`
        expect(integrity, name).to.equal('ok')
        const found = idsOf(`r${round}`)
        // What was written and not yet acknowledged may be there, too; nothing before it may be missing.
        expect(found.length, name).to.be.at.least(last)
        expect(found, name).to.deep.equal(upTo(found.length))
      }
    })
    tell(`store killed while it wrote: ${kills} times, ${acknowledged} acknowledged rows, none lost`)
  })

  it('takes the writes of several processes at once', async function () {
    this.timeout(60_000)
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'store.db')
    // None of them finds a store: all of them make it.
    const names = ['a', 'b', 'c', 'd']
    const said = await Promise.all(
      names.map((name, index) => committing(['100', path, name, ...(index % 2 === 0 ? [] : ['background'])])),
    )
    expect(said.map(({ exitCode, last }) => [exitCode, last])).to.deep.equal(names.map(() => [0, 100]))
    const { integrity, idsOf } = inspect(path)
    expect(integrity).to.equal('ok')
    for (const name of names) expect(idsOf(name)).to.deep.equal(upTo(100))
  })

  it('is made once by processes that begin at the same moment', async function () {
    this.timeout(60_000)
    for (let round = 0; round < 3; round++) {
      await using folder = await temporaryFolder()
      const path = join(folder.path, 'store.db')
      const said = await Promise.all(upTo(5).map((index) => committing(['1', path, `p${index}`])))
      expect(said.map(({ exitCode }) => exitCode)).to.deep.equal([0, 0, 0, 0, 0])
    }
  })
})
