// Claim: a full disk is a clear fault, loses nothing that was acknowledged, and is over as soon as there is room again.
// Runs on a small file system of its own, made in a name space where that is allowed.
import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { temporaryFolder } from '../support/folder.ts'

const child = new URL('../support/full-disk-child.ts', import.meta.url).pathname

describe('a store on a full disk', () => {
  it('says so, keeps what it had, and goes on once there is room', async function () {
    this.timeout(60_000)
    await using folder = await temporaryFolder()
    const mount = 'mount -t tmpfs -o size=3m fermata "$1" && exec "$2" "$3" "$1"'
    const args = ['-rm', 'sh', '-c', mount, 'sh', folder.path, process.execPath, child]
    const { stdout, stderr, status } = spawnSync('unshare', args, { encoding: 'utf8' })
    if (status !== 0 && stdout === '') {
      console.log(`      skipped: no file system of its own is allowed here (${stderr.trim().split('\n')[0] ?? ''})`)
      this.skip()
    }
    const said = stdout.trim().split('\n')
    expect(said, stderr).to.deep.equal([
      'full: store.full',
      'still there: true',
      'again: ok',
      'in the background: store.full',
      'opening: store.full',
      'integrity: ok',
    ])
  })
})
