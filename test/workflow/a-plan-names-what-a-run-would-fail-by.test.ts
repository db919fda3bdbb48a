// Claim: what a run would be refused or fail by for certain stands in its plan as an error, under the same code.
import { expect } from 'chai'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JsonObject } from '../../src/kernel/json.ts'
import { engineSite, head } from '../support/engine-site.ts'

interface Case {
  readonly name: string
  readonly code: string
  readonly workflow?: string
  readonly parameters?: JsonObject
  /** Behind `node_templates:`. */
  readonly nodes?: string
}

const backup = { snapshot_name: 'monday' }

const cases: readonly Case[] = [
  {
    name: 'an operation that its plugin does not have',
    code: 'plan.no_plugin',
    nodes: 'db: {type: test.Part, interfaces: {cloudify.interfaces.snapshot: {create: test.nothing}}}',
  },
  {
    name: 'a freeze that nothing thaws',
    code: 'plan.unsupported',
    nodes: "db: {type: test.Part, properties: {skip_actions: ['cloudify.interfaces.freeze.fs_finalize']}}",
  },
  {
    name: 'a thaw where a snapshot must be',
    code: 'plan.unsupported',
    nodes: 'db: {type: test.Part, interfaces: {cloudify.interfaces.snapshot: {create: test.thaw}}}',
  },
  {
    name: 'a freeze outside of a bracket',
    code: 'plan.unsupported',
    workflow: 'execute_operation',
    parameters: { operation: 'cloudify.interfaces.freeze.fs_prepare' },
  },
  {
    name: 'a secret that is not there',
    code: 'secret.missing',
    nodes:
      'db: {type: test.Part, interfaces: {cloudify.interfaces.snapshot: {create: {implementation: test.cut, inputs: {password: {get_secret: door}}}}}}',
  },
  {
    name: 'an input of the wrong type',
    code: 'plan.bad_operation_input',
    workflow: 'execute_operation',
    parameters: { operation: 'cloudify.interfaces.lifecycle.start', operation_kwargs: { count: 'many' } },
    nodes: 'db: {type: test.Counted}',
  },
  { name: 'an instance that is not there', code: 'plan.unknown_instance', parameters: { include_instances: ['db_x'] } },
  { name: 'a type that is not there', code: 'plan.unknown_node_type', parameters: { include_node_types: ['x.Y'] } },
  { name: 'a node that is not there', code: 'plan.unknown_node', parameters: { freeze_policies: { dbx: 'skip' } } },
  {
    name: 'nothing to save',
    code: 'plan.nothing_to_do',
    parameters: { exclude_node_types: ['test.Part'] },
  },
  {
    name: 'a property that makes no sense',
    code: 'plan.bad_property',
    nodes: 'db: {type: test.Part, properties: {freeze_policy: never}}',
  },
  { name: 'a backup that is not there', code: 'catalog.no_such_backup', workflow: 'restore' },
  { name: 'a deletion of what is not there', code: 'catalog.no_such_backup', workflow: 'remove_backup' },
]

const counted = `  test.Counted:
    derived_from: test.Part
    interfaces:
      cloudify.interfaces.lifecycle: {start: {implementation: test.start, inputs: {count: {type: integer, default: 1}}}}
`
const properties = 'properties: {skip_actions: {default: []}, freeze_policy: {default: null}}'

describe('a plan names what a run would fail by', () => {
  for (const { name, code, workflow = 'backup', parameters = {}, nodes } of cases) {
    it(`${name}: ${code}`, async () => {
      const blueprint = head
        .replace('Root\n    interfaces', `Root\n    ${properties}\n    interfaces`)
        .replace('relationships:\n', `${counted}relationships:\n`)
      const own = nodes ?? 'db: {type: test.Part}'
      const text = `${blueprint}node_templates:\n  ${own}\n`
      await using site = await engineSite({ blueprint: text, secrets: { door: 'open sesame' } })
      await site.fermata.secrets.delete('door')
      const given = workflow === 'execute_operation' ? parameters : { ...backup, ...parameters }
      const plan = await site.fermata.executions.plan({ workflow, deploymentId: 'shop', parameters: given })
      const errors = plan.problems.filter(({ severity }) => severity === 'error')
      expect(errors.map((problem) => problem.code)).to.include(code)
      site.log.length = 0
      const execution = await site.start(workflow, given)
      expect([execution.status, execution.error?.code]).to.deep.equal(['failed', code])
      expect(errors.map(({ message }) => message)).to.include(execution.error?.message)
      expect(site.log.some((call) => call.startsWith('freeze'))).to.equal(false)
    })
  }

  it('a name that is taken: catalog.name_taken', async () => {
    await using site = await engineSite()
    await site.start('backup', backup)
    const plan = await site.fermata.executions.plan({ workflow: 'backup', deploymentId: 'shop', parameters: backup })
    expect(plan.problems.map(({ severity, code }) => [severity, code])).to.deep.equal([['error', 'catalog.name_taken']])
    expect((await site.start('backup', backup)).error?.code).to.equal('catalog.name_taken')
  })

  it('a part that is damaged: catalog.not_restorable', async () => {
    const blueprint = `tosca_definitions_version: cloudify_dsl_1_3
imports: [cloudify/types/types.yaml, 'plugin:cloudify-utilities-plugin', 'plugin:fermata-local']
node_templates: {data: {type: fermata.nodes.local.Directory, properties: {path: data, snapshots_path: snapshots}}}
`
    await using site = await engineSite({ blueprint })
    await site.start('install')
    const state = join(site.home, 'deployments', 'shop', 'local')
    await writeFile(join(state, 'data', 'ledger.txt'), 'all that matters')
    await site.start('backup', backup)
    const question = { workflow: 'restore', deploymentId: 'shop', parameters: backup }
    expect((await site.fermata.executions.plan(question)).problems).to.deep.equal([])
    await rm(join(state, 'snapshots', 'data', 'objects'), { recursive: true })
    const { problems } = await site.fermata.executions.plan(question)
    const { error } = await site.start('restore', backup)
    expect(error?.code).to.equal('catalog.not_restorable')
    expect(problems.map(({ code, message }) => [code, message])).to.deep.equal([[error?.code, error?.message]])
  })

  it('and all of it at once, not only the first', async () => {
    const nodes = `db: {type: test.Part, interfaces: {cloudify.interfaces.snapshot: {create: test.nothing}}}
  web: {type: test.Part, interfaces: {cloudify.interfaces.freeze: {fs_finalize: test.cut}}}
`
    await using site = await engineSite({ blueprint: `${head}node_templates:\n  ${nodes}` })
    const { problems } = await site.fermata.executions.plan({
      workflow: 'backup',
      deploymentId: 'shop',
      parameters: backup,
    })
    const errors = problems.filter(({ severity }) => severity === 'error')
    const at = Object.fromEntries(errors.map(({ instance, code }) => [instance?.split('_')[0], code]))
    expect(at).to.deep.equal({ db: 'plan.no_plugin', web: 'plan.unsupported' })
  })
})
