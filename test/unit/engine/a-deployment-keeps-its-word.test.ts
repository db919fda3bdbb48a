import { expect } from 'chai'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { engineSite, head } from '../../support/engine-site.ts'
import { faultOf } from '../../support/freezing-provider.ts'

const secret = 'hunter22-very-secret'

const blueprint = `${head}node_templates:
  db:
    type: test.Part
    interfaces:
      cloudify.interfaces.lifecycle:
        create: {implementation: test.create, inputs: {password: {get_secret: password}}}
outputs:
  address: {value: {get_attribute: [db, address]}}
  password: {value: {get_secret: password}}
  missing: {value: {get_attribute: [db, nothing]}}
`

describe('a secret in a deployment', () => {
  it('reaches the operation that asks for it, and the outputs that are asked for, and no event, error or step', async () => {
    await using site = await engineSite({ blueprint, secrets: { password: secret } })
    site.hooks['create db'] = (ctx, inputs) => {
      expect(inputs['password']).to.equal(secret)
      ctx.instance.runtimeProperties['address'] = '10.0.0.1'
      ctx.instance.runtimeProperties['connection'] = `db://user:${secret}@10.0.0.1`
      ctx.log.info(`logging in with ${secret}`)
      ctx.event(secret)
      return { used: secret }
    }
    site.hooks['configure db'] = () => {
      throw new Error(`could not use ${secret}`)
    }
    const failed = await site.start('install')
    expect(failed.status).to.equal('failed')
    expect(failed.error?.message).to.contain('could not use ********')
    const events = await site.events(failed)
    expect(events.map(({ message }) => message)).to.include('logging in with ********')
    const instances = await site.fermata.nodeInstances.list('shop')
    for (const shown of [failed, events, instances]) expect(JSON.stringify(shown)).not.to.contain('hunter22')
    for (const name of readdirSync(site.home)) {
      if (name.startsWith('fermata.db'))
        expect(readFileSync(join(site.home, name)).includes('hunter22'), name).to.equal(false)
    }
    const { outputs } = await site.fermata.deployments.outputs('shop')
    expect([outputs['address'], outputs['password']]).to.deep.equal(['10.0.0.1', secret])
  })

  it('that is gone makes the operation fail by its name', async () => {
    await using site = await engineSite({ blueprint, secrets: { password: secret } })
    await site.fermata.secrets.delete('password')
    const failed = await site.start('install')
    expect(failed.error?.code).to.equal('secret.missing')
    expect(failed.error?.message).to.contain("'password'")
  })
})

describe('deleting a deployment', () => {
  it('is refused while nodes live, backups exist or an execution runs', async () => {
    await using site = await engineSite()
    const refusal = async (): Promise<string | undefined> =>
      (await faultOf(site.fermata.deployments.delete('shop')))?.message
    await site.start('install')
    expect(await refusal()).to.contain('uninstall')
    await site.start('backup', { snapshot_name: 'one' })
    await site.start('uninstall')
    expect(await refusal()).to.contain('backup one')
    await site.start('remove_backup', { snapshot_name: 'one' })
    const begun = Promise.withResolvers<void>()
    const end = Promise.withResolvers<void>()
    site.hooks['measure db'] = () => {
      begun.resolve()
      return end.promise
    }
    const running = site.start('statistics')
    await begun.promise
    expect(await refusal()).to.contain('statistics')
    end.resolve()
    await running
    expect((await faultOf(site.fermata.blueprints.delete('shop')))?.code).to.equal('usage.in_use')
    await site.fermata.deployments.delete('shop')
    expect([await site.fermata.deployments.list(), await site.fermata.executions.list()]).to.deep.equal([[], []])
    await site.fermata.blueprints.delete('shop')
  })

  it('is refused while an execution waits to be carried on', async () => {
    await using site = await engineSite()
    const begun = Promise.withResolvers<void>()
    const end = Promise.withResolvers<void>()
    site.hooks['cut db'] = () => {
      begun.resolve()
      return end.promise
    }
    const running = site.start('backup')
    await begun.promise
    const other = await site.reopen()
    const { openDatabase } = await import('../../../src/store/sqlite/database.ts')
    const database = openDatabase(join(site.home, 'fermata.db'))
    // Its engine is gone as far as everybody else can see.
    const engines = database.prepare('select id, process, started_at from engines').all()
    database.exec('delete from engines')
    expect((await faultOf(other.deployments.delete('shop')))?.code).to.equal('usage.in_use')
    for (const row of engines)
      database
        .prepare('insert into engines values (?, ?, ?)')
        .run(row['id'] as string, row['process'] as string, row['started_at'] as number)
    database.close()
    end.resolve()
    expect((await running).status).to.equal('terminated')
  })
})

describe('what fermata gives', () => {
  it('follows an execution to its end, with every event once and in order', async () => {
    await using site = await engineSite()
    const begun = Promise.withResolvers<string>()
    const end = Promise.withResolvers<void>()
    site.hooks['measure db'] = () => end.promise
    const running = site.start('statistics', {}, { onStarted: ({ id }) => begun.resolve(id) })
    const executionId = await begun.promise
    const seen: number[] = []
    const kinds: string[] = []
    for await (const event of site.fermata.events.follow({ executionId })) {
      seen.push(event.sequence)
      kinds.push(event.kind)
      if (event.kind === 'workflow_started') end.resolve()
    }
    await running
    expect(seen).to.deep.equal(seen.map((_sequence, index) => index + 1))
    expect(kinds.at(-1)).to.equal('workflow_succeeded')
    const rest: number[] = []
    for await (const event of site.fermata.events.follow({ executionId, after: 3 })) rest.push(event.sequence)
    expect(rest).to.deep.equal(seen.slice(3))
  })

  it('stops following when told', async () => {
    await using site = await engineSite()
    const end = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<string>()
    site.hooks['measure db'] = () => end.promise
    const running = site.start('statistics', {}, { onStarted: ({ id }) => begun.resolve(id) })
    const abort = new AbortController()
    let count = 0
    for await (const _event of site.fermata.events.follow({ executionId: await begun.promise, signal: abort.signal })) {
      count++
      abort.abort()
    }
    expect(count).to.be.above(0)
    end.resolve()
    await running
  })

  it('may be looked at and awaited without pretending to be something else', async () => {
    await using site = await engineSite()
    const { fermata } = site
    expect(await (fermata.blueprints as unknown as Promise<unknown>)).to.equal(fermata.blueprints)
    expect(JSON.stringify(fermata.secrets)).to.equal('{}')
    expect(`${inspect(fermata.deployments)}`).to.equal('{}')
    const nonsense = fermata.blueprints as unknown as { frobnicate(): Promise<unknown> }
    expect(await faultOf(Promise.resolve().then(() => nonsense.frobnicate()))).to.be.instanceOf(TypeError)
  })

  it('knows no workflow by a name that every object has', async () => {
    await using site = await engineSite()
    for (const workflow of ['constructor', 'toString', '__proto__']) {
      expect((await faultOf(site.start(workflow)))?.code, workflow).to.equal('plan.unknown_workflow')
    }
    expect((await faultOf(site.start('bakcup')))?.['hint' as never]).to.equal("did you mean 'backup'?")
  })
})
