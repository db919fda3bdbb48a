// Claim: a plan is made without a trace: nothing is called, nothing is stored, no file is written.
import { expect } from 'chai'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { engineSite, type EngineSite } from '../support/engine-site.ts'

describe('planning', () => {
  let site: EngineSite

  /** Of those that cannot do without. */
  const needed: Readonly<Record<string, Record<string, string>>> = {
    run_on_hosts: { commands: 'uname' },
    backup: { snapshot_name: 'tuesday' },
    restore: { snapshot_name: 'monday' },
    remove_backup: { snapshot_name: 'monday' },
    execute_operation: { operation: 'cloudify.interfaces.lifecycle.start' },
  }

  /** Of what was made by scripts and local nodes, too. */
  const mixed = `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-utilities-plugin', 'plugin:fermata-local']
node_templates:
  data: {type: fermata.nodes.local.Directory, properties: {path: data, snapshots_path: snapshots}}
  work: {type: fermata.nodes.local.Process, properties: {command: [sleep, '60']}}
  old:
    type: cloudify.nodes.DBMS
    interfaces:
      cloudify.interfaces.freeze: {fs_prepare: &run {implementation: script.script_runner.tasks.run, executor: central_deployment_agent, inputs: {script_source: 'true'}}, fs_finalize: *run}
      cloudify.interfaces.snapshot: {create: *run, delete: *run}
`

  const planAll = async (): Promise<void> => {
    const { workflows } = await site.fermata.deployments.get('shop')
    expect(workflows).to.have.lengthOf.above(12)
    const [point] = await site.fermata.backups.list({ deploymentId: 'shop' })
    const [rows, files] = [rowsIn(site.home), await filesIn(site.home)]
    site.log.length = 0
    for (const { name: workflow } of workflows) {
      const parameters = ['verify_backup', 'compare_backup'].includes(workflow)
        ? { recovery_point: point?.id ?? '' }
        : (needed[workflow] ?? {})
      const plan = await site.fermata.executions.plan({ workflow, deploymentId: 'shop', parameters })
      // None of the nodes is a host that takes commands.
      const errors = plan.problems.filter(({ severity, code }) => severity === 'error' && code !== 'fleet.no_hosts')
      expect(point ? errors : [], workflow).to.deep.equal([])
      expect(site.log, workflow).to.deep.equal([])
      expect(rowsIn(site.home), workflow).to.deep.equal(rows)
      expect(await filesIn(site.home), workflow).to.deep.equal(files)
    }
  }

  it('of any workflow calls nothing and stores nothing', async () => {
    await using made = await engineSite()
    site = made
    await site.start('install')
    await site.start('backup', { snapshot_name: 'monday' })
    await planAll()
  })

  it('makes no file and no folder, whatever the plugin is', async () => {
    await using made = await engineSite({ blueprint: mixed })
    site = made
    await planAll()
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
  const files = entries.filter((entry) => !entry.name.startsWith('fermata.db'))
  const digests = files.map(async (entry) => {
    const path = join(entry.parentPath, entry.name)
    return [path, entry.isFile() ? digestOf(await readFile(path)) : 'folder'] as const
  })
  return Object.fromEntries(await Promise.all(digests))
}

const digestOf = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex')
