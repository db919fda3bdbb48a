// Claim: what the store acknowledged is there after kill -9, and the file is whole. The moments of the kills are drawn
// from a seed that is printed.
import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { simulatedWorld } from '../../src/world/simulated-world.ts'
import { temporaryFolder } from '../support/folder.ts'

const kills = 20
const seed = Number(process.env['FERMATA_SEED'] ?? 20_260_102)
const child = new URL('../support/store-child.ts', import.meta.url).pathname

interface Said {
  readonly exitCode: number | null
  readonly last: number
}

/** Runs a child that commits; kills it once it has acknowledged `until` rows. */
async function committing(args: readonly string[], until = Infinity): Promise<Said> {
  const process_ = spawn(process.execPath, [child, 'commit', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(process_, 'close')
  let last = 0
  for await (const line of createInterface({ input: process_.stdout })) {
    last = Number(line)
    if (last >= until) process_.kill('SIGKILL')
  }
  await ended
  return { exitCode: process_.exitCode, last }
}

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
    this.timeout(60_000)
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'store.db')
    const draw = simulatedWorld(seed)
    for (let round = 0; round < kills; round++) {
      const until = 1 + Number.parseInt(draw.randomText(2, '0123456789abcdef'), 16)
      const how = round % 2 === 0 ? [] : ['background']
      const { last, exitCode } = await committing(['0', path, `r${round}`, ...how], until)
      expect([exitCode, last >= until]).to.deep.equal([null, true])
      const { integrity, idsOf } = inspect(path)
      expect(integrity, `round ${round}`).to.equal('ok')
      const found = idsOf(`r${round}`)
      // What was written and not yet acknowledged may be there, too; nothing before it may be missing.
      expect(found.length, `round ${round}`).to.be.at.least(last)
      expect(found, `round ${round}`).to.deep.equal(upTo(found.length))
    }
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
