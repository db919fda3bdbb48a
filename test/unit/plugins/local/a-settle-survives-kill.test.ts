// Claim: a snapshot whose settling was killed is settled by the next attempt, completely, or else it is not there.
import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Receipt } from '../../../../src/plugins/contract/operation.ts'
import { directoryUnderTest, empty, pictureOf, type DirectoryUnderTest } from './directories.ts'

describe('local directory: settling under kill -9', () => {
  let unit: DirectoryUnderTest
  beforeEach(() => {
    unit = directoryUnderTest()
    mkdirSync(join(unit.data, 'folder'), { recursive: true })
    for (let number = 0; number < 10; number += 1)
      writeFileSync(join(unit.data, `folder/${number}`), `saved ${number % 5}`)
  })
  afterEach(() => unit.cleanUp())

  const settle = (receipt: Receipt, killAt: string | null) => {
    const program = new URL('./snapshot-under-kill.ts', import.meta.url).pathname
    const { stateDirectory } = unit.ctx
    const order = JSON.stringify({ stateDirectory, killAt, key: 'backup/first', inDoubt: killAt === null, receipt })
    return spawnSync(process.execPath, [program, order], { encoding: 'utf8' })
  }

  for (const point of ['Every copy is on disk', 'Every content is in its place', 'The manifest is there']) {
    it(`at '${point}'`, async () => {
      const before = pictureOf(unit.data)
      const receipt = await unit.cut('first')
      expect(settle(receipt, point).signal).to.equal('SIGKILL')
      const second = settle(receipt, null)
      expect(second.stderr).to.equal('')
      expect(JSON.parse(second.stdout)).to.include({ kind: 'directory-snapshot', bytes: 70 })
      expect(readdirSync(unit.store).sort()).to.deep.equal(['latest.json', 'objects', 'snapshots'])
      empty(unit.data)
      await unit.apply('first')
      expect(pictureOf(unit.data)).to.deep.equal(before)
    })
  }

  it('and deleted instead of settled, it leaves nothing', async () => {
    settle(await unit.cut('first'), 'Every content is in its place')
    await unit.delete('first')
    expect(readdirSync(unit.ctx.stateDirectory)).to.deep.equal(['data'])
  })
})
