import { expect } from 'chai'
import { figuresIn } from '../../src/workflows/statistics.ts'
import { engineSite, head, type EngineSite } from '../support/engine-site.ts'

const only = (site: EngineSite, ...whats: readonly string[]): string[] =>
  site.log.filter((line) => whats.includes(line.split(' ')[0] ?? ''))
const done = async (site: EngineSite, ...args: Parameters<EngineSite['start']>) => {
  const execution = await site.start(...args)
  expect(execution.status, execution.error?.message).to.equal('terminated')
  return execution
}

/** Node events of one instance, as a reader of the log sees them. */
async function nodeEvents(site: EngineSite, execution: { readonly id: string }, node: string): Promise<string[]> {
  const events = await site.events(execution)
  return events
    .filter(({ kind, instanceId }) => kind === 'workflow_node_event' && instanceId === site.ids[node])
    .map(({ message }) => message)
}

const oldAndNew = `${head}
  test.Old: {derived_from: cloudify.nodes.Root, interfaces: {cloudify.interfaces.lifecycle: {suspend: test.old_suspend, resume: test.old_resume}}}
  test.Both:
    derived_from: test.Part
    interfaces: {cloudify.interfaces.lifecycle: {suspend: test.old_suspend, resume: test.old_resume}}
`
const deprecated = `${oldAndNew.replace(/\nrelationships:[\s\S]*?\n {2}test\.Old/, '\n  test.Old')}
relationships:
  cloudify.relationships.depends_on: {properties: {connection_type: {default: all_to_all}}}
node_templates:
  old: {type: test.Old}
  both: {type: test.Both, relationships: [{type: cloudify.relationships.depends_on, target: old}]}
`

describe('suspend and resume', () => {
  it('go through the nodes in mirrored order', async () => {
    await using site = await engineSite()
    await done(site, 'suspend')
    await done(site, 'resume')
    expect(site.log).to.deep.equal(['suspend web', 'suspend db', 'suspend vm', 'resume vm', 'resume db', 'resume web'])
  })

  it('use the interface of old blueprints only where there is no other, and never both', async () => {
    await using site = await engineSite({ blueprint: deprecated })
    const execution = await done(site, 'suspend')
    await done(site, 'resume')
    expect(site.log).to.deep.equal(['suspend both', 'old_suspend old', 'old_resume old', 'resume both'])
    expect(await nodeEvents(site, execution, 'old')).to.deep.equal(['Starting to suspend', 'Done suspend'])
    expect(await nodeEvents(site, execution, 'both')).to.deep.equal([
      'Starting to cloudify.interfaces.freeze.suspend',
      'Done cloudify.interfaces.freeze.suspend',
    ])
  })

  it('leave out what is not chosen, and refuse what is not there', async () => {
    await using site = await engineSite()
    await done(site, 'suspend', { include_instances: [site.ids['vm'] ?? '', site.ids['web'] ?? ''] })
    expect(site.log).to.deep.equal(['suspend web', 'suspend vm'])
    const failed = await site.start('suspend', { include_instances: ['vm_nobody'] })
    expect(failed.error?.code).to.equal('plan.unknown_instance')
  })
})

describe('restore and remove_backup', () => {
  it('put back what the catalog holds, frozen all the while, dependencies first', async () => {
    await using site = await engineSite()
    await done(site, 'backup', { snapshot_name: 'one' })
    site.log.length = 0
    const seen: unknown[] = []
    for (const node of ['vm', 'db', 'web'])
      site.hooks[`apply ${node}`] = (ctx) => void seen.push([site.frozen.size, (ctx.part as { bytes: number }).bytes])
    await done(site, 'restore', { snapshot_name: 'one' })
    expect(only(site, 'apply')).to.deep.equal(['apply vm', 'apply db', 'apply web'])
    expect(seen).to.deep.equal([
      [3, 1],
      [3, 1],
      [3, 1],
    ])
    expect([...site.frozen]).to.deep.equal([])
  })

  it('touch nothing without a name, with a wrong one, or with one of the other kind', async () => {
    await using site = await engineSite()
    await done(site, 'backup', { snapshot_name: 'one' })
    site.log.length = 0
    for (const workflow of ['restore', 'remove_backup']) {
      expect((await site.start(workflow)).error?.code).to.equal('plan.missing_parameter')
      const wrong = await site.start(workflow, { snapshot_name: 'onee' })
      expect([wrong.error?.code, wrong.error?.['hint']]).to.deep.equal([
        'catalog.no_such_backup',
        "did you mean 'one'?",
      ])
      expect(
        (await site.start(workflow, { snapshot_name: 'one', snapshot_incremental: false })).error?.['hint'],
      ).to.contain('snapshot_incremental=true')
    }
    expect(site.log).to.deep.equal([])
  })

  it('refuse to restore what a backup does not hold', async () => {
    await using site = await engineSite()
    await done(site, 'backup', { snapshot_name: 'part', include_instances: [site.ids['db'] ?? ''] })
    site.log.length = 0
    const refused = await site.start('restore', { snapshot_name: 'part' })
    expect(refused.error?.code).to.equal('catalog.not_restorable')
    expect(refused.error?.message).to.contain(site.ids['web'])
    expect(site.log).to.deep.equal([])
    await done(site, 'restore', { snapshot_name: 'part', include_instances: [site.ids['db'] ?? ''] })
    expect(only(site, 'apply')).to.deep.equal(['apply db'])
  })

  it('remove parts one by one, and the backup with the last of them', async () => {
    await using site = await engineSite()
    await done(site, 'backup', { snapshot_name: 'one' })
    await done(site, 'remove_backup', { snapshot_name: 'one', include_instances: [site.ids['web'] ?? ''] })
    expect((await site.start('restore', { snapshot_name: 'one' })).error?.code).to.equal('catalog.not_restorable')
    site.log.length = 0
    await done(site, 'remove_backup', { snapshot_name: 'one' })
    expect(site.log).to.deep.equal(['undo db', 'undo vm'])
    expect((await site.start('remove_backup', { snapshot_name: 'one' })).error?.code).to.equal('catalog.no_such_backup')
  })
})

describe('statistics', () => {
  it('keeps every figure of every node as a series', async () => {
    let count = 0
    await using site = await engineSite({
      hooks: { 'measure db': () => ({ cpu: { value: ++count, unit: '%' }, disks: [{ free: 7 }], name: 'sda' }) },
    })
    await done(site, 'statistics')
    await done(site, 'statistics')
    const series = await site.fermata.nodeInstances.statistics(site.ids['db'] ?? '')
    expect(series.map(({ name, unit, points }) => [name, unit, points.map(({ value }) => value)])).to.deep.equal([
      ['cpu', '%', [1, 2]],
      ['disks.0.free', null, [7, 7]],
    ])
  })

  it('finds figures wherever they are, and nothing that is none', () => {
    expect(figuresIn(5)).to.deep.equal([{ name: 'value', unit: null, value: 5 }])
    expect(figuresIn({ a: { b: 1 }, c: [2, { d: 3 }] }).map(({ name, value }) => [name, value])).to.deep.equal([
      ['a.b', 1],
      ['c.0', 2],
      ['c.1.d', 3],
    ])
    expect(figuresIn({ value: 3, unit: 'MiB' })).to.deep.equal([{ name: 'value', unit: 'MiB', value: 3 }])
    expect(figuresIn({ load: { value: 1, unit: 5 } })).to.deep.equal([{ name: 'load', unit: null, value: 1 }])
    for (const none of [null, 'text', true, [], {}, '7']) expect(figuresIn(none)).to.deep.equal([])
    expect(figuresIn(Number.NaN)).to.deep.equal([])
    expect(figuresIn({ value: Number.POSITIVE_INFINITY })).to.deep.equal([])
  })
})

describe('install and uninstall', () => {
  it('bring every node up after what it depends on, and down before', async () => {
    await using site = await engineSite()
    const execution = await done(site, 'install')
    const stages = ['create', 'configure', 'start']
    const up = ['vm', 'db', 'web'].flatMap((node) => stages.map((stage) => `${stage} ${node}`))
    expect(site.log).to.deep.equal([...up, 'link web', 'link db'])
    expect(await nodeEvents(site, execution, 'web')).to.deep.equal([
      'Creating node instance',
      'Node instance created',
      'Configuring node instance',
      'Node instance configured',
      'Starting node instance',
      'Establishing relationships',
      'Relationships established',
      'Node instance started',
    ])
    site.log.length = 0
    await done(site, 'uninstall')
    expect(site.log).to.deep.equal([
      'stop web',
      'unlink web',
      'unlink db',
      'delete web',
      'stop db',
      'delete db',
      'stop vm',
      'delete vm',
    ])
    expect((await site.fermata.nodeInstances.list('shop')).map(({ state }) => state)).to.deep.equal([
      'deleted',
      'deleted',
      'deleted',
    ])
  })

  it('do again only what failed', async () => {
    await using site = await engineSite({
      hooks: {
        'configure db': () => {
          throw new Error('no')
        },
      },
    })
    expect((await site.start('install')).status).to.equal('failed')
    delete site.hooks['configure db']
    site.log.length = 0
    await done(site, 'install')
    expect(site.log).to.deep.equal([
      'configure db',
      'start db',
      'create web',
      'configure web',
      'start web',
      'link web',
      'link db',
    ])
    site.log.length = 0
    await done(site, 'install')
    expect(site.log).to.deep.equal([])
  })

  it('touch only what is chosen, by whichever of the names that Cloudify has for it', async () => {
    await using site = await engineSite()
    await done(site, 'install', { node_ids: ['vm'] })
    expect(site.log).to.deep.equal(['create vm', 'configure vm', 'start vm'])
    await done(site, 'install')
    for (const [chosen, node] of [
      [{ node_instance_ids: [site.ids['web'] ?? ''] }, 'web'],
      [{ node_ids: 'db' }, 'db'],
      [{ type_names: ['cloudify.nodes.Compute'] }, 'vm'],
    ] as const) {
      site.log.length = 0
      await done(site, 'uninstall', chosen)
      expect(only(site, 'delete')).to.deep.equal([`delete ${node}`])
    }
    expect((await site.start('uninstall', { node_ids: ['dbb'] })).error?.code).to.equal('usage.not_found')
  })

  it('stop at a failing stop, or go on behind it when told to', async () => {
    await using site = await engineSite({
      hooks: {
        'stop web': () => {
          throw new Error('does not stop')
        },
      },
    })
    await done(site, 'install')
    expect((await site.start('uninstall')).status).to.equal('failed')
    expect(only(site, 'delete')).to.deep.equal([])
    const execution = await done(site, 'uninstall', { ignore_failure: 'true' })
    expect(only(site, 'delete')).to.deep.equal(['delete web', 'delete db', 'delete vm'])
    expect((await nodeEvents(site, execution, 'web')).join())
      .to.contain('Ignoring failure')
      .and.to.contain('does not stop')
  })
})

describe('execute_operation', () => {
  const operation = 'cloudify.interfaces.lifecycle.start'

  it('runs one operation where it is wanted, with inputs that win', async () => {
    await using site = await engineSite()
    await done(site, 'execute_operation', {
      operation,
      operation_kwargs: { colour: 'red' },
      run_by_dependency_order: true,
    })
    expect(site.log).to.deep.equal(['start vm', 'start db', 'start web'])
    expect(site.inputs['start db']).to.deep.equal({ colour: 'red' })
    for (const [filter, expected] of [
      [{ node_ids: ['db'] }, ['start db']],
      [{ node_instance_ids: [site.ids['web'] ?? ''] }, ['start web']],
      [{ type_names: ['cloudify.nodes.Compute'] }, ['start vm']],
      [{ node_ids: ['db'], type_names: ['cloudify.nodes.Compute'] }, []],
    ] as const) {
      site.log.length = 0
      await done(site, 'execute_operation', { operation, ...filter })
      expect(site.log).to.deep.equal(expected)
    }
  })

  it('refuses what it cannot find, and any freeze', async () => {
    await using site = await engineSite()
    const codes = [
      [{ operation: 'cloudify.interfaces.lifecycle.strat' }, 'plan.unknown_operation'],
      [{ operation, node_ids: ['dbb'] }, 'usage.not_found'],
      [{ operation: 'cloudify.interfaces.freeze.fs_prepare', node_ids: ['db'] }, 'plan.unsupported'],
    ] as const
    for (const [parameters, code] of codes)
      expect((await site.start('execute_operation', parameters)).error?.code).to.equal(code)
    expect(site.log).to.deep.equal([])
  })
})

describe('skip_actions', () => {
  it('leaves out, on its node alone, the operations it lists', async () => {
    const skipping = `${head}node_templates:
  vm: {type: test.Host}
  db:
    type: test.Skipping
    properties: {skip_actions: [cloudify.interfaces.snapshot.create, cloudify.interfaces.freeze.fs_prepare, cloudify.interfaces.freeze.fs_finalize]}
`.replace(
      'relationships:\n',
      '  test.Skipping: {derived_from: test.Part, properties: {skip_actions: {default: []}}}\nrelationships:\n',
    )
    await using site = await engineSite({ blueprint: skipping })
    await done(site, 'backup')
    expect(site.log.filter((line) => line.endsWith(' db'))).to.deep.equal([])
    expect(only(site, 'freeze', 'cut', 'settle', 'thaw')).to.deep.equal(['freeze vm', 'cut vm', 'thaw vm', 'settle vm'])
  })
})
