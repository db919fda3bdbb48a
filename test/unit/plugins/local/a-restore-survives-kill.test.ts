// Claim: a restore that is killed at any point leaves the old directory or the new one, and running it again completes it.
import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { directoryUnderTest, empty, pictureOf, type DirectoryUnderTest } from './directories.ts'

/** In the order in which a restore comes by them. */
const points = [
  'Every content is as it was saved',
  'The new tree has its contents',
  'The new tree is complete',
  'The old tree is moved aside',
  'The new tree is in place',
]

describe('local directory: restore under kill -9', () => {
  let unit: DirectoryUnderTest
  let saved: string[]
  let changed: string[]

  beforeEach(async () => {
    unit = directoryUnderTest()
    mkdirSync(join(unit.data, 'folder'), { recursive: true })
    for (let number = 0; number < 20; number += 1) writeFileSync(join(unit.data, `folder/${number}`), `saved ${number}`)
    await unit.backup('first')
    saved = pictureOf(unit.data)
    empty(unit.data)
    writeFileSync(join(unit.data, 'later'), 'written after the backup')
    changed = pictureOf(unit.data)
  })
  afterEach(() => unit.cleanUp())

  const restore = (killAt: string | null, inDoubt: boolean) => {
    const program = new URL('./snapshot-under-kill.ts', import.meta.url).pathname
    const order = JSON.stringify({ stateDirectory: unit.ctx.stateDirectory, killAt, key: 'restore/first', inDoubt })
    return spawnSync(process.execPath, [program, order], { encoding: 'utf8' })
  }
  const asText = (picture: string[] | undefined): string => picture?.join('\n') ?? 'nothing'
  const present = (): string[] | undefined => (existsSync(unit.data) ? pictureOf(unit.data) : undefined)

  for (const point of points) {
    it(`at '${point}': the next attempt completes it`, () => {
      expect(restore(point, false).signal).to.equal('SIGKILL')
      expect([undefined, saved, changed].map(asText)).to.include(asText(present()))
      const second = restore(null, true)
      expect(second.stderr).to.equal('')
      expectRestored()
    })

    it(`at '${point}': a backup afterwards finds the old directory or the new one, whole`, async () => {
      restore(point, false)
      await unit.backup('second')
      expect([saved, changed].map(asText)).to.include(asText(present()))
    })
  }

  it('at one point after the other: the last attempt completes it', () => {
    for (const point of points) expect(restore(point, true).signal).to.equal('SIGKILL')
    expect(restore(null, true).status).to.equal(0)
    expectRestored()
  })

  it('replaces a directory that somebody made between the two renames', () => {
    restore('The old tree is moved aside', false)
    mkdirSync(unit.data)
    writeFileSync(join(unit.data, 'stray'), 'made in between')
    expect(restore(null, true).status).to.equal(0)
    expectRestored()
  })

  function expectRestored(): void {
    expect(pictureOf(unit.data)).to.deep.equal(saved)
    expect(readdirSync(unit.ctx.stateDirectory).sort()).to.deep.equal(['data', 'snapshots'])
    expect(readdirSync(unit.store).sort()).to.deep.equal(['latest.json', 'objects', 'snapshots'])
  }
})
