import { expect } from 'chai'
import { setImmediate as turn } from 'node:timers/promises'
import { sshServer } from '../../../../support/ssh-server.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { pooled, signal, usual } from './connected.ts'

describe('ssh: a host that is called ahead', () => {
  it('is connected once, whether it is asked for during the handshake or after it', async () => {
    await using gateway = await sshServer()
    await using server = await sshServer()
    await using pool = pooled()
    const target = server.target({ jumps: [gateway.target()] })
    pool.prepare(target, usual)
    const first = await pool.connect(target, usual)
    pool.prepare(target, usual)
    const second = await pool.connect(target, usual)
    for (const connection of [first, second]) {
      expect((await connection.exec('echo here', { signal })).stdout.toString()).to.equal('here\n')
      connection.release()
    }
    expect([gateway.count.connections, server.count.connections]).to.deep.equal([1, 1])
  })

  it('and lets nobody in is tried once, and tells the first who asks; the next one tries anew', async () => {
    await using server = await sshServer({ login: () => false })
    await using pool = pooled()
    const target = server.target()
    pool.prepare(target, usual)
    while (server.count.connections === 0 || server.connections.size > 0) await turn()
    const first = await faultOf(pool.connect(target, usual))
    expect([first.code, server.count.connections]).to.deep.equal(['ssh.refused', 1])
    const second = await faultOf(pool.connect(target, usual))
    expect([second.code, server.count.connections]).to.deep.equal(['ssh.refused', 2])
  })

  it('and is lost before anybody asks is connected anew', async () => {
    await using server = await sshServer()
    await using pool = pooled()
    const target = server.target()
    pool.prepare(target, usual)
    while (server.attempts.length === 0) await turn()
    const connection = await pool.connect(target, usual)
    connection.release()
    pool.prepare(target, usual)
    server.drop()
    while (server.connections.size > 0) await turn()
    // Its end has to reach us, too.
    for (;;) {
      const again = await pool.connect(target, usual)
      const said = await again.exec('echo again', { signal }).catch(() => undefined)
      again.release()
      if (said) break
    }
    expect(server.count.connections).to.equal(2)
  })

  it('and nobody asks for is left when the pool is closed, and called no more after that', async () => {
    await using server = await sshServer()
    const pool = pooled()
    pool.prepare(server.target(), usual)
    await pool.close()
    const { count } = server
    const before = count.connections
    pool.prepare(server.target(), usual)
    pool.prepare(server.target(), { ...usual, signal: AbortSignal.abort() })
    while (server.connections.size > 0) await turn()
    expect(count.connections).to.equal(before)
  })
})
