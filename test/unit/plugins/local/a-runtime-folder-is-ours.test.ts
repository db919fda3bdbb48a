// Claim: records of guards are kept only in a folder that is ours alone; anything else is passed over.
import { expect } from 'chai'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  isRuntimeFolder,
  overwriteRecord,
  readRecord,
  replaceRecord,
  runtimeFolder,
} from '../../../../src/plugins/guard/record-file.ts'

describe('guard: folder and record', () => {
  let place: string
  let folder: string
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'fermata-test-'))
    folder = join(place, `fermata-${process.geteuid?.()}`)
  })
  afterEach(() => rmSync(place, { recursive: true }))

  const chosen = (): string | undefined => runtimeFolder({ XDG_RUNTIME_DIR: place })

  it('makes the folder, for us alone', () => {
    expect(chosen()).to.equal(folder)
    expect(chosen()).to.equal(folder)
    expect(isRuntimeFolder(folder)).to.equal(true)
  })

  it('passes over a folder others may enter, a symlink, a file and a relative place', () => {
    mkdirSync(folder)
    chmodSync(folder, 0o755)
    expect(chosen()).to.not.equal(folder)
    rmSync(folder, { recursive: true })
    mkdirSync(join(place, 'elsewhere'), { mode: 0o700 })
    symlinkSync(join(place, 'elsewhere'), folder)
    expect(chosen()).to.not.equal(folder)
    expect(isRuntimeFolder(folder)).to.equal(false)
    rmSync(folder)
    writeFileSync(folder, '')
    expect(chosen()).to.not.equal(folder)
    expect(runtimeFolder({ XDG_RUNTIME_DIR: 'relative' })).to.match(/^\//)
  })

  it('takes for a record only what is one, and never writes through a symlink', () => {
    const guard = { pid: 1, startTime: 2, bootId: 'boot' }
    const record = { token: 'token', guard, firedAt: null, outcome: 'armed' }
    const path = join(place, 'record')
    replaceRecord(path, record)
    expect(readRecord(path)).to.deep.equal(record)
    overwriteRecord(path, { ...record, firedAt: 5, outcome: 'x' })
    expect(readRecord(path)?.firedAt).to.equal(5)
    for (const content of ['', '{', '[]', 'null', '{"token":1}']) {
      writeFileSync(path, content)
      expect(readRecord(path)).to.equal(undefined)
    }
    writeFileSync(join(place, 'victim'), 'untouched')
    rmSync(path)
    symlinkSync(join(place, 'victim'), path)
    expect(() => overwriteRecord(path, record)).to.throw(/ELOOP/)
  })
})
