import { expect } from 'chai'
import { connect } from '../../../../../src/plugins/libvirt/client/connection.ts'
import { eventKinds } from '../../../../../src/plugins/libvirt/client/events.ts'
import { openHypervisor } from '../../../../../src/plugins/libvirt/client/hypervisor.ts'
import type { XdrWriter } from '../../../../../src/plugins/libvirt/client/xdr.ts'
import { fakeLibvirtd } from '../../../../support/libvirt/fake-libvirtd.ts'
import { scriptedDaemon, signal, someDomain as dom, world, type Peer } from './scripted-daemon.ts'

const suspended = { dom, event: 3, detail: 0 }

function tell(peer: Peer, event: typeof suspended = suspended): void {
  const { message, body } = eventKinds.lifecycle
  peer.send({ type: 2, procedure: message }, (to: XdrWriter) => {
    to.i32(9)
    body.write(to, event)
  })
}

describe('libvirt client: events', () => {
  it('that come before the answer to whoever asked for them are told, and late ones too', async () => {
    await using daemon = await scriptedDaemon()
    const connection = await connect({ uri: daemon.uri, signal, world })
    const seen: number[] = []
    const listening = connection.events.listen('lifecycle', { onEvent: ({ event }) => seen.push(event), signal })
    const call = await daemon.call(1)
    expect([call.name, call.args]).to.deep.equal([
      'CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY',
      { eventID: 0, dom: null },
    ])
    tell(call.peer)
    call.answer({ callbackID: 9 })
    tell(call.peer, { dom, event: 4, detail: 0 })
    const end = await listening
    const state = connection.call('DOMAIN_GET_STATE', { dom }, { signal })
    ;(await daemon.call(2)).answer({ state: 1, reason: 1 })
    await state
    expect(seen).to.deep.equal([3, 4])
    await end()
    tell(call.peer)
    const again = connection.call('DOMAIN_GET_STATE', { dom }, { signal })
    ;(await daemon.call(3)).answer({ state: 1, reason: 1 })
    await again
    expect(seen).to.deep.equal([3, 4])
    connection.close()
  })

  it('of one kind are registered once, and go to those who listen to that domain', async () => {
    await using libvirtd = await fakeLibvirtd({ domains: ['one', 'two'] })
    const hypervisor = openHypervisor({ uri: libvirtd.uri, world })
    const { dom: one } = await hypervisor.call('DOMAIN_LOOKUP_BY_NAME', { name: 'one' }, { signal })
    const { dom: two } = await hypervisor.call('DOMAIN_LOOKUP_BY_NAME', { name: 'two' }, { signal })
    const [mine, all]: [string[], string[]] = [[], []]
    await Promise.all([
      hypervisor.events.listen('lifecycle', { uuid: one.uuid, onEvent: (told) => mine.push(told.dom.name), signal }),
      hypervisor.events.listen('lifecycle', { onEvent: (told) => all.push(told.dom.name), signal }),
    ])
    for (const dom of [one, two]) await hypervisor.call('DOMAIN_SUSPEND', { dom }, { signal })
    await hypervisor.call('CONNECT_GET_HOSTNAME', {}, { signal })
    expect([mine, all]).to.deep.equal([['one'], ['one', 'two']])
    const registered = libvirtd.calls.filter((name) => name.includes('REGISTER'))
    expect(registered).to.deep.equal(['CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY'])
    await hypervisor.close()
  })

  it('go on after a restart of the daemon, and who listens is told of the gap', async () => {
    await using libvirtd = await fakeLibvirtd({ domains: ['vm'] })
    const hypervisor = openHypervisor({ uri: libvirtd.uri, world })
    const vm = await hypervisor.call('DOMAIN_LOOKUP_BY_NAME', { name: 'vm' }, { signal })
    const seen: number[] = []
    const gap = Promise.withResolvers<string>()
    await hypervisor.events.listen('lifecycle', {
      onEvent: ({ event }) => seen.push(event),
      onGap: gap.resolve,
      signal,
    })
    await libvirtd.restart()
    expect(await gap.promise).to.equal('it closed the connection')
    await hypervisor.call('CONNECT_GET_HOSTNAME', {}, { signal })
    await hypervisor.call('DOMAIN_SUSPEND', vm, { signal })
    await hypervisor.call('CONNECT_GET_HOSTNAME', {}, { signal })
    expect(seen).to.deep.equal([3])
    await hypervisor.close()
  })

  it('are no longer told to who gave up, and what throws at one disturbs nobody else', async () => {
    await using daemon = await scriptedDaemon()
    const connection = await connect({ uri: daemon.uri, signal, world })
    const over = new AbortController()
    const seen: string[] = []
    const listen = (name: string, given: AbortSignal, throws = false) =>
      connection.events.listen('lifecycle', {
        onEvent: () => {
          seen.push(name)
          if (throws) throw new Error('of no interest')
        },
        onGap: (reason) => seen.push(`${name}: ${reason}`),
        signal: given,
      })
    const listening = [listen('gone', over.signal), listen('throws', signal, true), listen('stays', signal)]
    const call = await daemon.call(1)
    call.answer({ callbackID: 9 })
    await Promise.all(listening)
    over.abort()
    tell(call.peer)
    const state = connection.call('DOMAIN_GET_STATE', { dom }, { signal })
    ;(await daemon.call(2)).answer({ state: 1, reason: 1 })
    await state
    expect(seen).to.deep.equal(['throws', 'throws: of no interest', 'stays'])
    connection.close()
  })

  it('that cannot be understood end the connection: nobody knows what was missed', async () => {
    await using daemon = await scriptedDaemon()
    const connection = await connect({ uri: daemon.uri, signal, world })
    daemon.peers[0]?.send({ type: 2, procedure: eventKinds.lifecycle.message })
    if (!connection.lost.aborted) await new Promise((resolve) => connection.lost.addEventListener('abort', resolve))
    expect(String(connection.lost.reason)).to.contain('4 bytes are expected, 0 are left')
  })
})
