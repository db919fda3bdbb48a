import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { Fault } from '../../../src/kernel/fault.ts'
import { faultOf } from '../../support/freezing-provider.ts'
import { temporaryFolder } from '../../support/folder.ts'

const child = new URL('../../support/store-child.ts', import.meta.url).pathname
const opening = (path: string): Promise<(Error & { readonly code?: string }) | undefined> =>
  faultOf(Promise.resolve().then(() => openSqliteStore(path).close()))

describe('opening a store', () => {
  it('makes folders and file for their owner only, with the schema of today', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'deep', 'home', 'store.db')
    const store = openSqliteStore(path)
    const version = store.schemaVersion
    await store.close()
    expect(statSync(join(folder.path, 'deep', 'home')).mode & 0o077).to.equal(0)
    expect(version).to.be.at.least(1)
    const database = openDatabase(path)
    expect(database.prepare('pragma user_version').get()).to.deep.include({ user_version: version })
    expect(database.prepare('pragma journal_mode').get()).to.deep.include({ journal_mode: 'wal' })
    database.close()
  })

  it('opens again what it made, with everything in it', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'store.db')
    const store = openSqliteStore(path)
    await store.commit([{ sql: 'insert into engines values (?, ?, ?)', rows: [['a', '{}', 1]] }])
    await store.close()
    const again = openSqliteStore(path)
    expect(await again.query.selectFrom('engines').selectAll().execute()).to.have.length(1)
    await again.close()
  })

  it('takes an empty file for a new store', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'store.db')
    writeFileSync(path, '')
    expect(await opening(path)).to.equal(undefined)
  })

  it('refuses one that a newer fermata wrote, and leaves it as it is', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'store.db')
    await openSqliteStore(path).close()
    const database = openDatabase(path)
    database.exec('pragma user_version = 4711')
    database.close()
    const before = readFileSync(path)
    const problem = await opening(path)
    expect(problem?.code).to.equal('store.newer')
    expect(problem?.message).to.contain('4711')
    expect(readFileSync(path).equals(before)).to.equal(true)
  })

  it('refuses garbage as damaged, and leaves it as it is', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'store.db')
    const garbage = Buffer.alloc(20_000, 'no database at all ')
    writeFileSync(path, garbage)
    expect((await opening(path))?.code).to.equal('store.corrupt')
    expect(readFileSync(path).equals(garbage)).to.equal(true)
  })

  it('says of damaged pages that they are damaged', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'store.db')
    const store = openSqliteStore(path)
    await store.commit([
      {
        sql: 'insert into engines values (?, ?, ?)',
        rows: Array.from({ length: 2000 }, (_none, index) => [`n${index}`, 'x'.repeat(100), 1]),
      },
    ])
    await store.close()
    const size = statSync(path).size
    const file = openSync(path, 'r+')
    // The first pages hold the schema, those behind them the rows.
    const half = Math.floor(size / 2)
    writeSync(file, Buffer.alloc(size - half, 0xa5), 0, size - half, half)
    closeSync(file)
    const damaged = openSqliteStore(path)
    const reading = await faultOf(damaged.query.selectFrom('engines').selectAll().execute())
    expect(reading).to.be.instanceOf(Fault)
    expect(reading?.code).to.equal('store.corrupt')
    const writing = await faultOf(
      damaged.commit([{ sql: 'insert into engines values (?, ?, ?)', rows: [['x', '{}', 1]] }]),
    )
    expect(writing?.code).to.equal('store.corrupt')
    expect((await faultOf(damaged.read('select * from engines')))?.code).to.equal('store.corrupt')
    await damaged.close()
  })

  it('refuses a folder in place of the file, and a file in place of the folder', async () => {
    await using folder = await temporaryFolder()
    mkdirSync(join(folder.path, 'store.db'))
    expect((await opening(join(folder.path, 'store.db')))?.code).to.equal('store.unwell')
    writeFileSync(join(folder.path, 'file'), '')
    expect((await opening(join(folder.path, 'file', 'store.db')))?.code).to.equal('store.unwell')
  })

  it('says of a folder it may not write to that it may not', async () => {
    await using folder = await temporaryFolder()
    chmodSync(folder.path, 0o755)
    const closed = join(folder.path, 'closed')
    mkdirSync(closed, { mode: 0o555 })
    const isRoot = process.getuid?.() === 0
    const asNobody = isRoot ? { uid: 65_534, gid: 65_534 } : {}
    const said = (path: string): string =>
      spawnSync(process.execPath, [child, 'open', path], { encoding: 'utf8', ...asNobody }).stdout.trim()
    expect(said(join(closed, 'deep', 'store.db'))).to.equal('store.read_only')
    expect(said(join(closed, 'store.db'))).to.be.oneOf(['store.read_only', 'store.unwell'])
    const path = join(folder.path, 'store.db')
    await openSqliteStore(path).close()
    chmodSync(path, 0o444)
    if (isRoot) chownSync(path, 0, 0)
    expect(said(path)).to.equal('store.read_only')
  })
})
