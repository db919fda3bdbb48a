// What the shell of a guest makes of our scripts: run by a real shell, with an fsfreeze that only writes down what it was told.
import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { armedPlaceIn, firingIn } from '../../../../src/plugins/guest/answers.ts'
import { freezeScript, thawScript } from '../../../../src/plugins/guest/mounts.ts'
import { wordsOf } from '../../../../src/plugins/guest/shell.ts'
import { temporaryFolder, type TemporaryFolder } from '../../../support/folder.ts'

const run = promisify(execFile)
const usual = { isRootAllowed: false }
/** Mount points that every machine has; nothing of them really stands still here. */
const [first, second] = ['/dev/shm', '/proc']

describe('scripts for guests', function () {
  this.timeout(20_000)
  let folder: TemporaryFolder
  let deadman: string

  beforeEach(async () => {
    folder = await temporaryFolder()
    deadman = join(folder.path, 'deadman')
    await mkdir(deadman)
    await writeFile(join(deadman, 'armed'), '1 2 3\n')
  })
  afterEach(() => folder[Symbol.asyncDispose]())

  /** `answers`: a case for each call, as `"--freeze /proc") echo no >&2; exit 1 ;;`. */
  async function shell(script: string, answers = '') {
    const fsfreeze = join(folder.path, 'fsfreeze')
    const calls = join(folder.path, 'calls')
    await writeFile(calls, '')
    await writeFile(fsfreeze, `#!/bin/sh\necho "$*" >>${calls}\ncase "$*" in\n${answers}\nesac\n`)
    await chmod(fsfreeze, 0o755)
    const env = { PATH: `${folder.path}:${process.env['PATH'] ?? ''}` }
    const result = await run('/bin/sh', ['-c', script], { env }).then(
      () => ({ code: 0, stderr: '' }),
      (thrown: { code: number; stderr: string }) => ({ code: thrown.code, stderr: thrown.stderr }),
    )
    return { ...result, calls: (await readFile(calls, 'utf8')).split('\n').filter((line) => line !== '') }
  }

  it('freeze in order, and thaw in reverse', async () => {
    const mounts = { ...usual, paths: [first, second] }
    const frozen = await shell(freezeScript(mounts, deadman))
    expect(frozen).to.eql({ code: 0, stderr: '', calls: [`--freeze ${first}`, `--freeze ${second}`] })
    const thawed = await shell(thawScript(mounts.paths))
    expect(thawed.calls).to.eql([`--unfreeze ${second}`, `--unfreeze ${first}`])
  })

  it('thaw what stood still already when the next cannot', async () => {
    const mounts = { ...usual, paths: [first, second] }
    const { code, stderr, calls } = await shell(
      freezeScript(mounts, deadman),
      `"--freeze ${second}") echo 'it is broken' >&2; exit 1 ;;`,
    )
    expect([code, stderr.trim()]).to.eql([4, 'it is broken'])
    expect(calls).to.include(`--unfreeze ${first}`)
  })

  it('freeze nothing that no deadman watches, and take back what it has left alone meanwhile', async () => {
    const mounts = { ...usual, paths: [first] }
    expect(await shell(freezeScript(mounts, join(folder.path, 'nobody')))).to.deep.include({ code: 5, calls: [] })
    const { code, calls } = await shell(freezeScript(mounts, deadman), `--freeze*) rm ${deadman}/armed ;;`)
    expect(code).to.equal(5)
    expect(calls.at(-1)).to.equal(`--unfreeze ${first}`)
  })

  it('refuse the root, what is needed, what is no mount point, and a name that is a program', async () => {
    const trap = `/x'; touch ${folder.path}/trapped; '`
    for (const [path, needed, words] of [
      ['/', [], "holds the host's own programs"],
      [first, ['/dev/shm'], 'holds what the guest itself needs'],
      ['/proc/self', [], 'is no mount point'],
      [trap, [], 'is not there'],
    ] as const) {
      const { code, stderr, calls } = await shell(freezeScript({ ...usual, paths: [path], needed }, deadman))
      expect([code, calls], stderr).to.eql([3, []])
      expect(stderr).to.include(words)
    }
    expect(await readFile(`${folder.path}/trapped`).catch(() => 'none')).to.equal('none')
  })

  it('refuse what lies on the device of the root, whatever number it has: both would stand still', async () => {
    await writeFile(join(folder.path, 'df'), '#!/bin/sh\necho Filesystem\necho /dev/sda2 100 50 50 50% somewhere\n')
    await chmod(join(folder.path, 'df'), 0o755)
    for (const paths of [[first], []]) {
      const { code, calls } = await shell(freezeScript({ ...usual, paths, needed: ['/usr'] }, deadman))
      expect([code, calls]).to.eql([3, []])
    }
  })

  it('find all that hold nothing of the guest itself, where nothing is named', async () => {
    const { code, calls } = await shell(freezeScript({ ...usual, paths: [] }, deadman))
    // What this machine has beside its root is its own affair; its root is never among them.
    expect(calls).not.to.include('--freeze /')
    if (code === 3) expect(calls).to.eql([])
    else expect(calls.every((call) => call.startsWith('--freeze /'))).to.equal(true)
    const all = await shell(thawScript([]), `--unfreeze*) echo 'Invalid argument' >&2; exit 1 ;;`)
    expect(all.code).to.equal(0)
    expect(all.calls.length).to.be.greaterThan(0)
  })

  it('say when a thaw failed, and not when there was none to make', async () => {
    const answer = `*${second}) echo 'unfreeze failed: Invalid argument' >&2; exit 1 ;; *) echo 'it is broken' >&2; exit 1 ;;`
    expect(await shell(thawScript([second]), answer)).to.include({ code: 0, stderr: '' })
    const failed = await shell(thawScript([first]), answer)
    expect([failed.code, failed.stderr.trim()]).to.eql([1, 'it is broken'])
  })

  it('are understood by what they print', () => {
    const place = armedPlaceIn('/dev/shm/fermata-0/ab/cd 12 34 100.50\n', 1_000_000)
    expect(place).to.eql({ folder: '/dev/shm/fermata-0/ab/cd', pid: 12, startTime: 34, clockOffset: 899_500 })
    const told = (stdout: string, code = 0) => firingIn({ code, stdout, stderr: '' })
    expect(told('none\n')).to.equal(null)
    expect(told('fired 10150 10160 1\nit is broken\n')).to.eql({ at: 10150, code: '1', said: 'it is broken' })
    expect([told('none', 3), told('sh: not found'), told('')]).to.eql([undefined, undefined, undefined])
    expect(wordsOf({ code: 3, stdout: '', stderr: '' })).to.include('exit code 3')
  })
})
