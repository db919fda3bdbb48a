import { expect } from 'chai'
import { connect } from '../../../../../src/plugins/libvirt/client/connection.ts'
import { programs } from '../../../../../src/plugins/libvirt/client/procedures.ts'
import { simulatedWorld } from '../../../../../src/world/simulated-world.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { scriptedDaemon, signal, someDomain as dom, world, type ScriptedDaemon } from './scripted-daemon.ts'

const ping = { program: programs.keepalive, procedure: 1, type: 2, serial: 0 }
const pong = { ...ping, procedure: 2 }

async function heard({ messages }: ScriptedDaemon, count: number): Promise<readonly number[]> {
  while (messages.length < count) await new Promise((resolve) => setImmediate(resolve))
  return messages.map(({ procedure }) => procedure)
}

describe('libvirt client: a peer', () => {
  it('that asks whether we are there is answered, on every kind of connection', async () => {
    await using daemon = await scriptedDaemon()
    for (const [index, uri] of [daemon.uri, daemon.tcpUri].entries()) {
      const connection = await connect({ uri, signal, world })
      daemon.peers[index]?.send(ping)
      expect(await heard(daemon, index + 1)).to.deep.equal(Array(index + 1).fill(2))
      connection.close()
    }
  })

  it('on another machine that falls silent is asked, then given up: what was under way may have happened', async () => {
    const time = simulatedWorld(1)
    await using daemon = await scriptedDaemon()
    const connection = await connect({ uri: daemon.tcpUri, signal, world: time })
    const change = faultOf(connection.call('DOMAIN_SUSPEND', { dom }, { signal }))
    await daemon.call(1)
    // What opening brought still counts as life.
    await time.advance(5000)
    expect(daemon.messages.length).to.equal(0)
    for (const [index] of [1, 2, 3].entries()) {
      await time.advance(5000)
      expect(await heard(daemon, index + 1)).to.deep.equal(Array(index + 1).fill(1))
    }
    await time.advance(5000)
    const problem = await change
    expect(problem).to.include({ code: 'libvirt.connection_lost', effect: 'unknown' })
    expect(problem.message).to.contain('silent for 20 s')
  })

  it('that answers, or says anything at all, is kept', async () => {
    const time = simulatedWorld(1)
    await using daemon = await scriptedDaemon()
    const connection = await connect({ uri: daemon.tcpUri, signal, world: time })
    const [peer] = daemon.peers
    for (let round = 1; round <= 10; round++) {
      await time.advance(10_000)
      await heard(daemon, round)
      const before = connection.call('DOMAIN_GET_STATE', { dom }, { signal })
      peer?.send(pong)
      ;(await daemon.call(round)).answer({ state: 1, reason: 1 })
      await before
    }
    expect(connection.lost.aborted).to.equal(false)
    connection.close()
  })

  it('on this machine is not asked, nor told to ask: its end is told by the system', async () => {
    const time = simulatedWorld(1)
    const names: string[] = []
    await using daemon = await scriptedDaemon(({ name }) => void names.push(name))
    const connection = await connect({ uri: daemon.uri, signal, world: time })
    await time.advance(60_000)
    expect(names).to.deep.equal(['AUTH_LIST', 'CONNECT_OPEN'])
    expect(daemon.messages.length).to.equal(0)
    connection.close()
  })

  it('that never answers at the beginning is given up, too', async () => {
    const time = simulatedWorld(1)
    const asked = Promise.withResolvers<void>()
    await using daemon = await scriptedDaemon(() => {
      asked.resolve()
      return false
    })
    const failure = faultOf(connect({ uri: daemon.uri, signal, world: time }))
    await asked.promise
    await time.advance(30_000)
    expect(await failure).to.include({ code: 'libvirt.unreachable', effect: 'none' })
    expect((await failure).message).to.contain('no answer within 30 s')
  })
})
