import { expect } from 'chai'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../../../../support/folder.ts'
import { connected, pooled, signal, usual } from './connected.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { sshServer } from '../../../../support/ssh-server.ts'

/** A number that no other process has as its argument. */
const odd = (): string => `${100_000 + process.pid}.${Math.floor(performance.now() * 1000)}`

async function running(argument: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter((line) => line.startsWith('sleep\0') && line.includes(argument))
}

describe('ssh: a command that is given up', () => {
  it('because it takes too long is ended on the host with all it began', async () => {
    await using site = await connected()
    const length = odd()
    const line = `sleep ${length} & env -i sleep ${length} & (sleep ${length} & sleep ${length})`
    const fault = await faultOf(site.connection.exec(line, { signal, timeout: 500 }))
    expect([fault.code, fault.effect]).to.deep.equal(['ssh.timeout', 'unknown'])
    expect(await running(length)).to.deep.equal([])
  })

  it('because it is cancelled is ended though it does not want to', async () => {
    await using site = await connected()
    const length = odd()
    const stop = new AbortController()
    const begun = (): void => stop.abort(new Error('no longer wanted'))
    const line = `trap '' TERM HUP; echo begun; sleep ${length}; sleep ${length}`
    const thrown: unknown = await site.connection
      .exec(line, { signal: stop.signal, onOutput: begun })
      .catch((problem: unknown) => problem)
    expect((thrown as Error).message).to.equal('no longer wanted')
    expect(await running(length)).to.deep.equal([])
  })

  it('leaves the others alone', async () => {
    await using site = await connected()
    const other = site.connection.exec('cat; echo well', { signal, stdin: Buffer.alloc(100) })
    const given = site.connection.exec('sleep 1000', { signal, timeout: 200 }).catch(() => {})
    await Promise.all([other, given])
    expect((await other).stdout.toString()).to.include('well')
  })

  it('is not begun when it is cancelled before', async () => {
    await using site = await connected()
    const thrown: unknown = await site.connection
      .exec('true', { signal: AbortSignal.abort(new Error('before')) })
      .catch((problem: unknown) => problem)
    expect((thrown as Error).message).to.equal('before')
    expect(site.server.commands).to.deep.equal([])
  })

  it('does not wait for a host that answers nothing', async () => {
    const never = new Promise<void>(() => {})
    await using site = await connected({ exec: () => void never })
    const fault = await faultOf(site.connection.exec('true', { signal, timeout: 200 }))
    expect(fault.code).to.equal('ssh.timeout')
  })

  it('as an upload leaves no half of a file', async () => {
    await using folder = await temporaryFolder()
    await using site = await connected()
    const stop = new AbortController()
    const path = join(folder.path, 'file')
    const work = site.connection.upload(Buffer.alloc(300_000_000), path, 0o600, { signal: stop.signal }).catch(() => {})
    while ((await readdir(folder.path)).length === 0) await new Promise((resolve) => setImmediate(resolve))
    stop.abort()
    await work
    expect(await readdir(folder.path)).to.deep.equal([])
  })
})

describe('ssh: an upload', () => {
  it('is there as a whole, with its rights, under any name', async () => {
    await using folder = await temporaryFolder()
    await using site = await connected()
    const content = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 256))
    const name = "a 'b' $(c)\n-d"
    await site.connection.upload(content, join(folder.path, name), 0o751, { signal })
    expect(await readdir(folder.path)).to.deep.equal([name])
    expect((await readFile(join(folder.path, name))).equals(content)).to.equal(true)
    const mode = await site.connection.exec(['stat', '-c', '%a', join(folder.path, name)], { signal })
    expect(mode.stdout.toString().trim()).to.equal('751')
  })

  it('does not slip into a directory of that name, and says why it failed', async () => {
    await using folder = await temporaryFolder()
    await using site = await connected()
    const fault = await faultOf(site.connection.upload('text', folder.path, 0o600, { signal }))
    expect(fault.code).to.equal('ssh.upload_failed')
    expect(fault.message).to.include('directory')
    const nowhere = await faultOf(site.connection.upload('text', join(folder.path, 'no/file'), 0o600, { signal }))
    expect(nowhere.message).to.match(/nonexistent|No such file/)
    expect(await readdir(folder.path)).to.deep.equal([])
  })
})

describe('ssh: a connection that dies without a word', () => {
  it('is noticed by keepalive, and what ran over it is in doubt', async () => {
    await using site = await connected({ exec: () => {} }, { keepalive: 50 })
    for (const client of site.server.connections) {
      // Takes nothing any more and answers nothing, as a host that was cut off.
      const { _sock: socket } = client as unknown as {
        _sock: { pause(): void; removeAllListeners(event: string): void }
      }
      socket.removeAllListeners('data')
      socket.pause()
    }
    const fault = await faultOf(site.connection.exec('true', { signal }))
    expect([fault.code, fault.effect]).to.deep.equal(['ssh.connection_lost', 'unknown'])
  })

  it('is made anew for the next one', async () => {
    await using server = await sshServer()
    await using pool = pooled()
    const first = await pool.connect(server.target(), usual)
    server.drop()
    await faultOf(first.exec('sleep 10', { signal }))
    const second = await pool.connect(server.target(), usual)
    expect((await second.exec('echo again', { signal })).stdout.toString()).to.equal('again\n')
    expect(server.count.connections).to.equal(2)
  })
})
