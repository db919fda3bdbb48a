import { expect } from 'chai'
import type { Target } from '../../../../../src/plugins/ssh/client/connection.ts'
import { simulatedWorld } from '../../../../../src/world/simulated-world.ts'
import { sshServer, type SshServer } from '../../../../support/ssh-server.ts'
import { pooled, signal, usual } from './connected.ts'
import { faultOf } from '../../../../support/fault-of.ts'

/** As many hosts as asked for: one server, which knows them by their users. */
const hosts = (server: SshServer, gateway: SshServer, count: number): Target[] =>
  Array.from({ length: count }, (_, index) => server.target({ user: `h${index}`, jumps: [gateway.target()] }))

describe('ssh: hosts behind a gateway', () => {
  it('are reached over one connection to it, more of them at once than there are turns', async () => {
    await using servers = await both()
    const [gateway, server] = servers
    await using pool = pooled({ handshakes: 3 })
    const outputs = await Promise.all(
      hosts(server, gateway, 40).map(async (target) => {
        const connection = await pool.connect(target, usual)
        const { stdout } = await connection.exec(['echo', target.user], { signal })
        connection.release()
        return stdout.toString().trim()
      }),
    )
    expect(outputs).to.deep.equal(outputs.map((_, index) => `h${index}`))
    expect(gateway.count.connections).to.equal(1)
    expect(gateway.count.channels).to.equal(40)
    expect(server.count.connections).to.equal(40)
  })

  it('take a second connection to it when the first is full, and few handshakes are under way with one server', async () => {
    await using servers = await both()
    const [gateway, server] = servers
    await using pool = pooled({ channels: 4, handshakesPerServer: 2 })
    await Promise.all(hosts(server, gateway, 10).map((target) => pool.connect(target, usual)))
    expect(gateway.count.connections).to.equal(3)
    expect(gateway.count.mostUnknown).to.be.at.most(2)
    expect(server.count.mostUnknown).to.be.at.most(2)
  })

  it('are reached through several', async () => {
    await using servers = await both()
    const [outer, inner] = servers
    await using server = await sshServer()
    await using pool = pooled()
    const connection = await pool.connect(server.target({ jumps: [outer.target(), inner.target()] }), usual)
    expect((await connection.exec('echo far', { signal })).stdout.toString()).to.equal('far\n')
    expect([outer.count.channels, inner.count.channels, server.count.channels]).to.deep.equal([1, 1, 0])
  })

  it('are lost with it, all of them at once, and are reached again over a new one', async () => {
    await using servers = await both({ exec: (line, accept) => line.includes('hang') && (accept(), true) })
    const [gateway, server] = servers
    await using pool = pooled()
    const targets = hosts(server, gateway, 5)
    const connections = await Promise.all(targets.map((target) => pool.connect(target, usual)))
    const work = connections.map((connection) => faultOf(connection.exec('hang', { signal })))
    while (server.commands.length < 5) await new Promise((resolve) => setImmediate(resolve))
    gateway.drop()
    for (const fault of await Promise.all(work)) {
      expect([fault.code, fault.effect]).to.deep.equal(['ssh.connection_lost', 'unknown'])
      expect(fault.message).to.include('gateway')
    }
    const again = await pool.connect(targets[0] as Target, usual)
    expect((await again.exec('echo again', { signal })).stdout.toString()).to.equal('again\n')
  })

  it('that answer nothing end at their time while the others go on', async () => {
    let isFirst = true
    await using gateway = await sshServer({
      forward: () => {
        const waits = isFirst
        isFirst = false
        return waits ? new Promise(() => {}) : Promise.resolve()
      },
    })
    await using server = await sshServer()
    await using pool = pooled()
    const [silent, other] = hosts(server, gateway, 2) as [Target, Target]
    const fault = faultOf(pool.connect({ ...silent, connectTimeout: 300 }, usual))
    while (gateway.count.channels === 0) await new Promise((resolve) => setImmediate(resolve))
    await pool.connect(other, usual)
    expect((await fault).message).to.match(/h0@.*no answer within 0\.3 s/)
  })

  it('that refuse are told apart from a gateway that does', async () => {
    await using servers = await both()
    const [gateway, server] = servers
    await using pool = pooled()
    const [host] = hosts(server, gateway, 1) as [Target]
    const refused = await faultOf(pool.connect({ ...host, port: 1 }, usual))
    expect(refused.message).to.match(/cannot reach h0@127\.0\.0\.1:1: someone@127\.0\.0\.1:\d+ says/)
    const away = await faultOf(pool.connect({ ...host, jumps: [gateway.target({ port: 1 })] }, usual))
    expect(away.message).to.match(/cannot reach someone@127\.0\.0\.1:1: .*ECONNREFUSED/)
    const shut = await faultOf(pool.connect({ ...host, jumps: [gateway.target({ auth: { keys: [] } })] }, usual))
    expect(shut.code).to.equal('ssh.refused')
  })
})

describe('ssh: a connection', () => {
  it('is kept for the next one, and ended when nobody came for a while, the gateway after its hosts', async () => {
    await using servers = await both()
    const [gateway, server] = servers
    const world = simulatedWorld(1)
    await using pool = pooled({ idle: 30_000 })
    const [target] = hosts(server, gateway, 1) as [Target]
    for (let turn = 0; turn < 3; turn++) {
      const connection = await pool.connect(target, { signal, world })
      connection.release()
      connection.release()
      await world.advance(29_000)
    }
    expect([server.count.connections, gateway.count.connections]).to.deep.equal([1, 1])
    await world.advance(2000)
    await until(() => server.connections.size === 0 && world.sleeping === 1)
    expect(gateway.connections.size).to.equal(1)
    await world.advance(31_000)
    await until(() => gateway.connections.size === 0)
    expect(world.sleeping).to.equal(0)
  })

  it('is shared by no more than a server gives sessions to', async () => {
    await using server = await sshServer()
    await using pool = pooled({ sessions: 2 })
    await Promise.all(Array.from({ length: 5 }, () => pool.connect(server.target(), usual)))
    expect(server.count.connections).to.equal(3)
  })

  it('is not shared by targets that differ in anything', async () => {
    await using server = await sshServer()
    await using pool = pooled()
    const { hostKeys } = server.target()
    await pool.connect(server.target(), usual)
    await pool.connect(server.target({ user: 'another' }), usual)
    await pool.connect(server.target({ hostKeys: { ...hostKeys, knownHosts: ['x'] } }), usual)
    expect(server.count.connections).to.equal(3)
  })

  it('that somebody else waits for is not given up with the first', async () => {
    await using server = await sshServer()
    await using pool = pooled()
    const stop = new AbortController()
    const first = pool
      .connect(server.target(), { ...usual, signal: stop.signal })
      .catch((problem: Error) => problem.message)
    const second = pool.connect(server.target(), usual)
    stop.abort(new Error('gave up'))
    expect(await first).to.equal('gave up')
    expect((await (await second).exec('echo well', { signal })).stdout.toString()).to.equal('well\n')
    expect(server.count.connections).to.equal(1)
  })

  it('is refused by connections that are closed, and closing ends what is being made', async () => {
    await using server = await sshServer({ login: () => undefined })
    await using pool = pooled()
    const work = faultOf(pool.connect(server.target(), usual))
    await until(() => server.attempts.length > 0)
    await pool.close()
    expect((await work).code).to.equal('ssh.unreachable')
    expect((await faultOf(pool.connect(server.target(), usual))).code).to.equal('ssh.unreachable')
  })
})

async function both(options: Parameters<typeof sshServer>[0] = {}): Promise<[SshServer, SshServer] & AsyncDisposable> {
  const gateway = await sshServer()
  const server = await sshServer(options)
  const dispose = async (): Promise<void> => {
    await server[Symbol.asyncDispose]()
    await gateway[Symbol.asyncDispose]()
  }
  return Object.assign([gateway, server] as [SshServer, SshServer], { [Symbol.asyncDispose]: dispose })
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve))
}
