// Claim: a plan is made without a trace: nothing is called, nothing is stored, no file is written.
import { expect } from 'chai'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { engineSite, type EngineSite } from '../support/engine-site.ts'

describe('planning', () => {
  let site: EngineSite

  before(async () => {
    site = await engineSite()
    await site.start('install')
    await site.start('backup', { snapshot_name: 'monday' })
  })
  after(() => site[Symbol.asyncDispose]())

  /** Of those that cannot do without. */
  const needed: Readonly<Record<string, Record<string, string>>> = {
    backup: { snapshot_name: 'tuesday' },
    restore: { snapshot_name: 'monday' },
    remove_backup: { snapshot_name: 'monday' },
    execute_operation: { operation: 'cloudify.interfaces.lifecycle.start' },
  }

  it('of any workflow calls nothing and stores nothing', async () => {
    const { workflows } = await site.fermata.deployments.get('shop')
    expect(workflows).to.have.lengthOf.above(12)
    const [point] = await site.fermata.backups.list({ deploymentId: 'shop' })
    const [rows, files] = [rowsIn(site.home), await filesIn(site.home)]
    site.log.length = 0
    for (const { name: workflow } of workflows) {
      const parameters = workflow === 'verify_backup' ? { recovery_point: point?.id ?? '' } : (needed[workflow] ?? {})
      const plan = await site.fermata.executions.plan({ workflow, deploymentId: 'shop', parameters })
      expect(
        plan.problems.filter(({ severity }) => severity === 'error'),
        workflow,
      ).to.deep.equal([])
      expect(site.log, workflow).to.deep.equal([])
      expect(rowsIn(site.home), workflow).to.deep.equal(rows)
      expect(await filesIn(site.home), workflow).to.deep.equal(files)
    }
  })
})

/** Table -> digest of its rows. */
function rowsIn(home: string): Readonly<Record<string, string>> {
  const database = new DatabaseSync(join(home, 'fermata.db'), { readOnly: true })
  try {
    const tables = database.prepare("select name from sqlite_master where type = 'table' order by name").all()
    return Object.fromEntries(
      tables.map(({ name }) => [
        String(name),
        digestOf(JSON.stringify(database.prepare(`select * from ${String(name)}`).all())),
      ]),
    )
  } finally {
    database.close()
  }
}

/** The store's own files are looked at through its rows. */
async function filesIn(home: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('fermata.db'))
  const digests = files.map(async (entry) => {
    const path = join(entry.parentPath, entry.name)
    return [path, digestOf(await readFile(path))] as const
  })
  return Object.fromEntries(await Promise.all(digests))
}

const digestOf = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex')
