// Claim: backups that an older version made are listed and shown with what is known of them, and can be held and told apart.
import { expect } from 'chai'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openFermata } from '../../../src/engine/open.ts'
import { first } from '../../../src/store/migrations/0001-first.ts'
import { plugins } from '../../../src/store/migrations/0002-plugins.ts'
import { realWorld } from '../../../src/world/real-world.ts'
import { temporaryFolder } from '../../support/folder.ts'

const part = { kind: 'directory-snapshot', providerId: '/backups/one', bytes: 12, digest: 'sha256:00' }

function writeOlderStore(path: string): void {
  const older = new DatabaseSync(path)
  for (const statement of [...first, ...plugins]) older.exec(statement)
  older.exec('pragma user_version = 2')
  older.exec(`
    insert into blueprints values ('shop', 'blueprint.yaml', null, 'digest', '{}', 1);
    insert into deployments values ('shop', 'shop', '{}', '{}', 1);
    insert into node_instances values ('shop', 'data_a1b2c3', 'data', 'started', '{}');
    insert into recovery_points values ('point-1', 'shop', 'one', 1, 'daily', 'good', 'execution-1', 'digest', 2, 3);
    insert into recovery_points values ('point-2', 'shop', 'two', 0, 'daily', 'open', 'execution-2', 'digest', 4, null);
  `)
  const insert = older.prepare('insert into parts values (?, ?, ?)')
  insert.run('point-1', 'data_a1b2c3', JSON.stringify(part))
  // Scripts returned what they liked.
  for (const [index, result] of [
    'null',
    '"text"',
    '[1]',
    '{"bytes": "many", "providerId": 7, "digest": null}',
  ].entries())
    insert.run('point-1', `script_${index}`, result)
  older.close()
}

it('backups of older stores are known', async () => {
  await using folder = await temporaryFolder()
  const home = join(folder.path, 'home')
  await mkdir(home, { mode: 0o700 })
  writeOlderStore(join(home, 'fermata.db'))
  await using fermata = await openFermata({ home, world: realWorld() })
  const [one, two] = await fermata.backups.list({ deploymentId: 'shop' })
  expect(one).to.include({ id: 'point-1', status: 'good', parts: 5, bytes: 12, consistency: null, isVerified: false })
  expect(two).to.include({ id: 'point-2', status: 'open', kind: 'full', parts: 0, bytes: null })
  const { partList, frozen, missing } = await fermata.backups.get('one')
  expect(partList[0]).to.include({
    nodeId: 'data',
    providerId: '/backups/one',
    bytes: 12,
    digest: 'sha256:00',
    operation: '',
  })
  for (const script of partList.slice(1))
    expect(script).to.include({ nodeId: '', providerId: null, bytes: null, digest: null })
  expect([frozen, missing]).to.deep.equal([[], {}])
  expect(
    (await fermata.backups.explain('shop', { last: 1 })).map(({ name, action }) => `${action} ${name}`),
  ).to.deep.equal(['keep two', 'keep one'])
  expect((await fermata.backups.hold('one', 'the oldest')).held).to.equal('the oldest')
})
