// Claim: uninstalling takes away a directory that installing made, and no other; statistics tell what lies in it.
import { expect } from 'chai'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from '../../../../src/kernel/fault.ts'
import type { Json } from '../../../../src/kernel/json.ts'
import { directoryCreate } from '../../../../src/plugins/local/operations/directory-create.ts'
import { directoryDelete } from '../../../../src/plugins/local/operations/directory-delete.ts'
import { directoryStatistics } from '../../../../src/plugins/local/operations/directory-statistics.ts'
import { hostStatistics } from '../../../../src/plugins/local/operations/host-statistics.ts'
import { directoryUnderTest, type DirectoryUnderTest } from './directories.ts'

type Figures = Record<string, { readonly value: number; readonly unit: string }>

describe('local directory: create, delete, statistics', () => {
  let unit: DirectoryUnderTest
  beforeEach(() => {
    unit = directoryUnderTest()
  })
  afterEach(() => unit.cleanUp())

  it('makes it, tells where it is, and deletes it with all that is in it', async () => {
    await directoryCreate.run(unit.ctx, {})
    expect(unit.ctx.instance.runtimeProperties).to.include({ path: unit.data, snapshots: unit.store })
    writeFileSync(join(unit.data, 'file'), 'content')
    await directoryDelete.run(unit.ctx, {})
    await directoryDelete.run(unit.ctx, {})
    expect(existsSync(unit.data)).to.equal(false)
    expect(unit.ctx.instance.runtimeProperties).to.deep.equal({})
  })

  it('remembers that it made it, also when the first attempt ended before it could say so', async () => {
    await directoryCreate.run(unit.ctx, {})
    expect(unit.ctx.saves[0]).to.deep.equal({ created: true })
    await directoryCreate.run(unit.at({ attempt: 2, inDoubt: true }), {})
    await directoryDelete.run(unit.ctx, {})
    expect(existsSync(unit.data)).to.equal(false)
  })

  it('leaves one that was there before', async () => {
    mkdirSync(unit.data)
    await directoryCreate.run(unit.ctx, {})
    await directoryDelete.run(unit.ctx, {})
    expect(existsSync(unit.data)).to.equal(true)
  })

  it('keeps the snapshots of a directory it deletes', async () => {
    await directoryCreate.run(unit.ctx, {})
    writeFileSync(join(unit.data, 'file'), 'content')
    await unit.backup('first')
    await directoryDelete.run(unit.ctx, {})
    await unit.apply('first')
    expect(existsSync(join(unit.data, 'file'))).to.equal(true)
  })

  it('refuses a path at which a file lies', async () => {
    writeFileSync(unit.data, 'a file')
    const thrown = (await directoryCreate.run(unit.ctx, {}).catch((error: unknown) => error)) as Fault
    expect(thrown.code).to.equal('local.bad_property')
    expect(thrown.message).to.include('is there and is no directory')
  })

  it('counts what lies in it, and follows no link out of it', async () => {
    mkdirSync(join(unit.data, 'folder'), { recursive: true })
    writeFileSync(join(unit.data, 'one'), '12345')
    writeFileSync(join(unit.data, 'folder/two'), '1234567')
    symlinkSync('/usr', join(unit.data, 'x'))
    const result = figures(await directoryStatistics.run(unit.ctx, {}))
    expect(result['files']?.value).to.equal(3)
    expect(result['folders']?.value).to.equal(1)
    expect(result['size']).to.deep.equal({ value: 5 + 7 + '/usr'.length, unit: 'bytes' })
  })

  it('measures the machine', async () => {
    const result = figures(await hostStatistics.run(unit.ctx, {}))
    expect(result['memory_total']?.value).to.be.greaterThan(result['memory_available']?.value ?? Infinity)
    expect(result['disk_total']?.value).to.be.greaterThan(result['disk_available']?.value ?? Infinity)
    expect(result['uptime']).to.include({ unit: 's' })
    expect(result['load_1']?.value).to.be.at.least(0)
  })

  const figures = (result: Json | void): Figures => result as Figures
})
