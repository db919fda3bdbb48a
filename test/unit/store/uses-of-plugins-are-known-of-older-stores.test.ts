// Claim: a store of before plugins could be uploaded knows, once it is opened, which packages its blueprints name.
import { expect } from 'chai'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { first } from '../../../src/store/migrations/0001-first.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { temporaryFolder } from '../../support/folder.ts'

it('uses of plugins are found in blueprints of older stores', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'fermata.db')
  const older = new DatabaseSync(path)
  for (const statement of first) older.exec(statement)
  older.exec('pragma user_version = 1')
  const insert = older.prepare('insert into blueprints values (?, ?, null, ?, ?, 0)')
  const named = { packageName: 'lamp-plugin', packageVersion: '1.0' }
  const plugins = { lamp: named, again: named, script: { packageName: null, packageVersion: null } }
  insert.run('lit', 'blueprint.yaml', 'digest', JSON.stringify({ plugins }))
  insert.run('dark', 'blueprint.yaml', 'digest', JSON.stringify({ plugins: {} }))
  older.close()

  const store = openSqliteStore(path)
  try {
    const uses = await store.read('select blueprint_id, package, version from blueprint_plugins')
    expect(uses.map((use) => ({ ...(use as object) }))).to.deep.equal([
      { blueprint_id: 'lit', package: 'lamp-plugin', version: '1.0' },
    ])
  } finally {
    await store.close()
  }
})
