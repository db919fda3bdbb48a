// The secrets of a home: sealed in the store, opened only where one is used.
import { fault } from '../kernel/fault.ts'
import type { Secret } from '../kernel/secret.ts'
import { suggestion } from '../lifecycle/selection.ts'
import { write, type Store } from '../store/store.ts'
import type { SecretRow } from '../store/tables.ts'
import type { World } from '../world/world.ts'
import type { Fermata, SecretRecord } from './api.ts'
import type { Home } from './home.ts'
import { seal, unseal } from './secret-box.ts'

export type Secrets = Fermata['secrets'] & {
  reveal(name: string): Promise<Secret>
  names(): Promise<readonly string[]>
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._~/@ -]{0,255}$/

export function secretsOf(store: Store, home: Home, world: World): Secrets {
  const rowOf = async (name: string): Promise<SecretRow | undefined> =>
    (await store.read<SecretRow>('select * from secrets where name = ?', [name]))[0]
  const names = async (): Promise<readonly string[]> =>
    (await store.read<{ name: string }>('select name from secrets order by created_at')).map((row) => row.name)

  const existing = async (name: string): Promise<SecretRow> => {
    const row = await rowOf(name)
    if (row) return row
    throw fault('secret.missing', { details: { name, near: suggestion(name, await names()) } })
  }
  const reveal = async (name: string): Promise<Secret> => unseal(home.secretKey, name, (await existing(name)).sealed)

  return {
    async create(name, value, options = {}) {
      if (!namePattern.test(name)) throw fault('usage.bad_id', { details: { kind: 'secret', id: name } })
      const earlier = await rowOf(name)
      if (earlier && !options.replace) throw fault('usage.exists', { details: { kind: 'secret', id: name } })
      const now = world.clock.now()
      const row = {
        name,
        sealed: await seal(home.secretKey, name, value),
        created_at: earlier?.created_at ?? now,
        updated_at: now,
      }
      const change = { sealed: row.sealed, updated_at: row.updated_at }
      await store.commit([
        write(
          store.query
            .insertInto('secrets')
            .values(row)
            .onConflict((on) => on.column('name').doUpdateSet(change)),
        ),
      ])
      return recordOf(row)
    },
    async get(name) {
      return { ...recordOf(await existing(name)), value: (await reveal(name)).reveal() }
    },
    async list() {
      return (await store.query.selectFrom('secrets').selectAll().orderBy('created_at').execute()).map(recordOf)
    },
    async delete(name) {
      await existing(name)
      await store.commit([write(store.query.deleteFrom('secrets').where('name', '=', name))])
    },
    reveal,
    names,
  }
}

function recordOf(row: SecretRow): SecretRecord {
  return { name: row.name, createdAt: row.created_at, updatedAt: row.updated_at }
}
