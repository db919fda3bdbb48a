import { expect } from 'chai'
import { execFileSync, spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../../../src/kernel/fault.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import type { Target } from '../../../src/plugins/ssh/client/connection.ts'
import { targetOf } from '../../../src/plugins/ssh/client/target.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { ownGateway } from './gateway.ts'
import { connections, countHosts, figure, host, jumpTarget, labTarget, signal, state, usual } from './lab.ts'

const planted = 'planted-secret-3481'
const labPassword = new Secret('lab-password')

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const thrown = await work.then(
    (value) => new Error(`it went well: ${JSON.stringify(value)}`),
    (problem: unknown) => problem,
  )
  if (thrown instanceof Fault) return thrown
  throw thrown
}

async function login(changes: Partial<Target>): Promise<string> {
  await using pool = connections()
  const connection = await pool.connect(labTarget(1, changes), usual)
  return (await connection.exec('echo $(id -un)@$(hostname)', { signal })).stdout.toString().trim()
}

/** Command lines of all processes: the hosts of the lab share the machine's. */
async function commandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
}

describe('lab: connections', function () {
  this.timeout(120_000)

  it('reach every host behind the gateway, and each answers for itself', async () => {
    await using pool = connections()
    const numbers = Array.from({ length: countHosts() }, (_, index) => index + 1)
    const begun = performance.now()
    const names = await Promise.all(
      numbers.map(async (number) => {
        const connection = await pool.connect(labTarget(number), usual)
        const { stdout } = await connection.exec('hostname', { signal })
        connection.release()
        return stdout.toString().trim()
      }),
    )
    const seconds = (performance.now() - begun) / 1000
    expect(names).to.deep.equal(numbers.map((number) => `h${number}`))
    figure(
      `${names.length} hosts through one gateway in ${seconds.toFixed(2)} s: ${(names.length / seconds).toFixed(1)} hosts/s`,
    )
  })

  it('reach them all through gateways with the usual limits, several connections to it included', async () => {
    using gateway = await ownGateway(2223, ['MaxStartups=10:30:100', 'MaxSessions=10'])
    await using pool = connections({ channels: 4 })
    const numbers = Array.from({ length: countHosts() }, (_, index) => index + 1)
    const open = await Promise.all(
      numbers.map((number) => pool.connect(labTarget(number, { jumps: [gateway.target] }), usual)),
    )
    const results = await Promise.all(open.map((connection) => connection.exec('hostname', { signal })))
    expect(results.map(({ stdout }) => stdout.toString().trim())).to.deep.equal(numbers.map((number) => `h${number}`))
  })

  it('log in by keys of all sorts, by an agent, by a password', async () => {
    const key = (name: string): string => join(state, 'keys', name)
    expect(await login({ auth: { keys: [{ key: key('host_rsa') }] } })).to.equal('root@h1')
    const locked = { key: key('host_locked'), passphrase: new Secret('lab-passphrase') }
    expect(await login({ auth: { keys: [{ key: key('wrong') }, locked] } })).to.equal('root@h1')
    expect(await login({ user: 'lab', auth: { keys: [], password: labPassword } })).to.equal('lab@h1')
    await using folder = await temporaryFolder()
    const agent = join(folder.path, 'agent')
    const process = spawn('ssh-agent', ['-D', '-a', agent], { stdio: 'ignore' })
    try {
      while (!(await readdir(folder.path)).includes('agent')) await new Promise((resolve) => setTimeout(resolve, 20))
      execFileSync('ssh-add', [key('host')], { env: { SSH_AUTH_SOCK: agent }, stdio: 'ignore' })
      expect(await login({ auth: { keys: [], agent } })).to.equal('root@h1')
    } finally {
      process.kill()
    }
    const refused = await faultOf(login({ auth: { keys: [{ key: key('wrong') }], password: new Secret(planted) } }))
    expect(refused.code).to.equal('ssh.refused')
    expect(JSON.stringify(refused)).not.to.include(planted)
  })

  it('find their way by ssh_config alone', async () => {
    const account = { user: 'root', home: '/nowhere', agent: undefined, configs: [join(state, 'ssh_config')] }
    await using pool = connections()
    const connection = await pool.connect(await targetOf({ host: 'h2' }, account), usual)
    expect((await connection.exec('hostname', { signal })).stdout.toString()).to.equal('h2\n')
  })

  it('refuse a host whose key has changed', async () => {
    await using pool = connections()
    const hostKeys = { knownHosts: [join(state, 'known_hosts_wrong')], pinned: [], trust: 'first-use' } as const
    const fault = await faultOf(pool.connect(labTarget(1, { hostKeys }), usual))
    expect(fault.code).to.equal('ssh.host_key_changed')
  })

  it('become root by sudo with a password, without one, and say what is wrong with it', async () => {
    await using pool = connections()
    const lab = await pool.connect(
      labTarget(1, { user: 'lab', auth: { keys: [{ key: join(state, 'keys/host') }] } }),
      usual,
    )
    const free = await pool.connect(labTarget(1, { user: 'free' }), usual)
    const sudo = { password: labPassword }
    const result = await lab.exec('id -un; printf %s "$SECRET"; pwd; cat; echo told >&2', {
      signal,
      sudo,
      env: { SECRET: planted },
      cwd: '/usr',
      stdin: 'input',
    })
    expect(result.stdout.toString()).to.equal(`root\n${planted}/usr\ninput`)
    expect(result.stderr.toString()).to.equal('told\n')
    expect((await free.exec(['id', '-un'], { signal, sudo: {} })).stdout.toString()).to.equal('root\n')
    expect((await free.exec(['id', '-un'], { signal, sudo: { user: 'lab' } })).stdout.toString()).to.equal('lab\n')
    const none = await faultOf(lab.exec('id', { signal, sudo: {} }))
    expect(none.message).to.match(/sudo did not begin.*password is required/)
    const wrong = await faultOf(lab.exec('id', { signal, sudo: { password: new Secret(planted) } }))
    expect([wrong.code, wrong.effect]).to.deep.equal(['ssh.no_sudo', 'none'])
    expect(JSON.stringify(wrong)).not.to.include(planted)
  })

  it('show no secret in the list of processes, here or there', async () => {
    await using pool = connections()
    const target = labTarget(1, { user: 'lab', auth: { keys: [], password: labPassword } })
    const connection = await pool.connect(target, usual)
    const seen = Promise.withResolvers<void>()
    const over = new AbortController()
    const options = { sudo: { password: labPassword }, env: { SECRET: planted }, stdin: planted }
    const work = connection
      .exec('echo begun; sleep 1000', { signal: over.signal, ...options, onOutput: () => seen.resolve() })
      .catch(() => {})
    await seen.promise
    const lines = await commandLines()
    over.abort()
    await work
    expect(lines.some((line) => line.includes('begun'))).to.equal(true)
    const telling = lines.filter((line) => line.includes(planted) || line.includes('lab-password'))
    expect(telling).to.deep.equal([])
    figure('secrets in the command lines of all processes during a command: 0')
  })

  it('leave nothing running of a command that never ends, root by sudo included', async () => {
    await using pool = connections()
    const connection = await pool.connect(labTarget(2, { user: 'free' }), usual)
    const length = `777${process.pid}`
    const line = `trap '' TERM; sleep ${length} & env -i setsid sleep ${length} & (env -i sleep ${length}; sleep ${length})`
    const fault = await faultOf(connection.exec(`${line.replace('setsid ', '')}`, { signal, sudo: {}, timeout: 1000 }))
    expect(fault.code).to.equal('ssh.timeout')
    expect((await commandLines()).filter((text) => text.startsWith('sleep\0') && text.includes(length))).to.deep.equal(
      [],
    )
    figure('processes left of a command that was ended at its limit: 0')
  })

  it('take 1 GB of output and keep what they were told to', async () => {
    await using pool = connections()
    const connection = await pool.connect(labTarget(2), usual)
    const before = process.memoryUsage.rss()
    let most = before
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20)
    const begun = performance.now()
    const result = await connection.exec('head -c 1000000000 /dev/zero', { signal, outputLimit: 65_536 })
    clearInterval(watch)
    const seconds = (performance.now() - begun) / 1000
    expect([result.code, result.stdoutBytes, result.stdout.length]).to.deep.equal([0, 1_000_000_000, 65_536])
    const grown = (most - before) / 1e6
    figure(`1 GB of output in ${seconds.toFixed(1)} s, memory grown by ${grown.toFixed(0)} MB`)
    expect(grown).to.be.lessThan(200)
  })

  it('write files whole or not at all, on a disk that is full, under hostile names', async () => {
    await using pool = connections()
    const connection = await pool.connect(labTarget(4), usual)
    const full = await faultOf(connection.upload(Buffer.alloc(2_000_000), '/mnt/big', 0o600, { signal }))
    expect(full.code).to.equal('ssh.upload_failed')
    expect(full.message).to.include('No space left')
    const name = `/mnt/a'b"$(touch c)\n\`d\` ;e`
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256))
    await connection.upload(bytes, name, 0o640, { signal })
    const read = await connection.exec(['cat', '--', name], { signal })
    expect(read.stdout.equals(bytes)).to.equal(true)
    const list = await connection.exec('ls -A /mnt | wc -l; rm -f /mnt/*', { signal })
    // One file, whose name has two lines.
    expect(list.stdout.toString().trim()).to.equal('2')
  })

  it('carry sockets both ways, and a shell', async () => {
    await using pool = connections()
    const connection = await pool.connect(labTarget(2), usual)
    const path = `/tmp/fermata-lab-${process.pid}.sock`
    const stop = await connection.listen(path, (socket) => socket.pipe(socket))
    const socket = await connection.openSocket(path, { signal })
    const echoed = new Promise<string>((resolve) => socket.once('data', (chunk: Buffer) => resolve(chunk.toString())))
    socket.write('there and back')
    expect(await echoed).to.equal('there and back')
    socket.destroy()
    await stop()
    await connection.exec(['rm', '-f', path], { signal })
    const refused = await faultOf(connection.openSocket(path, { signal }))
    expect(refused.code).to.equal('ssh.channel_refused')
    const shell = await connection.openShell({ signal })
    let text = ''
    shell.on('data', (chunk: Buffer) => (text += chunk.toString()))
    shell.write('tty; echo $((40 + 2)); exit\n')
    await new Promise((resolve) => shell.once('close', resolve))
    expect(text).to.match(/\/dev\/pts\/\d+\s+42\s/)
  })
})

describe('lab: trouble', function () {
  this.timeout(120_000)

  it('with a host that is down is told at once, and over when it is back', async () => {
    await host('h3', 'stop')
    await using pool = connections()
    const fault = await faultOf(pool.connect(labTarget(3), usual))
    expect([fault.code, fault.effect]).to.deep.equal(['ssh.unreachable', 'none'])
    expect(fault.message).to.include('Connection refused')
    await host('h3', 'start')
    await pool.connect(labTarget(3), usual)
  })

  it('with a host that was stopped under a command leaves it in doubt', async () => {
    await using pool = connections()
    const connection = await pool.connect(labTarget(3), usual)
    const begun = Promise.withResolvers<void>()
    const work = faultOf(connection.exec('echo begun; sleep 1000', { signal, onOutput: () => begun.resolve() }))
    await begun.promise
    await host('h3', 'stop')
    const fault = await work
    await host('h3', 'start')
    expect([fault.code, fault.effect]).to.deep.equal(['ssh.connection_lost', 'unknown'])
  })

  it('with a cable that is pulled is noticed in time, before a connection and under a command', async () => {
    await using pool = connections()
    const connection = await pool.connect(labTarget(5, { keepalive: 500 }), usual)
    const begun = Promise.withResolvers<void>()
    const work = faultOf(connection.exec('echo begun; sleep 1000', { signal, onOutput: () => begun.resolve() }))
    await begun.promise
    await host('h5', 'cut')
    const pulled = performance.now()
    try {
      const lost = await work
      expect([lost.code, lost.effect]).to.deep.equal(['ssh.connection_lost', 'unknown'])
      figure(`a pulled cable is noticed after ${((performance.now() - pulled) / 1000).toFixed(1)} s (keepalive 0.5 s)`)
      const silent = await faultOf(pool.connect(labTarget(5, { connectTimeout: 1000 }), usual))
      expect(silent.message).to.include('no answer within 1 s')
    } finally {
      await host('h5', 'join')
    }
    await pool.connect(labTarget(5), usual)
  })

  it('with the gateway ends every command over it, and a new one carries on', async () => {
    using first = await ownGateway(2222)
    await using pool = connections()
    const targets = [1, 2, 3, 4, 5, 6].map((number) => labTarget(number, { jumps: [first.target] }))
    const open = await Promise.all(targets.map((target) => pool.connect(target, usual)))
    const begun = open.map(() => Promise.withResolvers<void>())
    const work = open.map((connection, index) =>
      faultOf(connection.exec('echo begun; sleep 1000', { signal, onOutput: () => begun[index]?.resolve() })),
    )
    await Promise.all(begun.map(({ promise }) => promise))
    first.kill()
    for (const fault of await Promise.all(work)) {
      expect([fault.code, fault.effect]).to.deep.equal(['ssh.connection_lost', 'unknown'])
      expect(fault.message).to.include('the gateway root@10.254.0.2:2222 is gone')
    }
    const away = await faultOf(pool.connect(targets[0] as Target, usual))
    expect(away.message).to.include('cannot reach root@10.254.0.2:2222')
    using _second = await ownGateway(2222)
    const again = await pool.connect(targets[0] as Target, usual)
    expect((await again.exec('hostname', { signal })).stdout.toString()).to.equal('h1\n')
  })

  it("with a wrong key of the gateway is told as the gateway's", async () => {
    await using pool = connections()
    const jump = jumpTarget({ auth: { keys: [{ key: join(state, 'keys/wrong') }] } })
    const fault = await faultOf(pool.connect(labTarget(1, { jumps: [jump] }), usual))
    expect(fault.message).to.include('root@10.254.0.2 refused to let us in')
  })
})
