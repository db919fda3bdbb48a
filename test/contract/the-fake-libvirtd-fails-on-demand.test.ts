// What tests of failures rest on: that the fake daemon fails where it was told to, and has the effect it was told to have.
import { expect } from 'chai'
import { join } from 'node:path'
import { eventKinds } from '../../src/plugins/libvirt/client/events.ts'
import type { Domain } from '../../src/plugins/libvirt/client/structs.ts'
import { fakeLibvirtd, type FakeLibvirtd, type FakeLibvirtdOptions } from '../support/libvirt/fake-libvirtd.ts'
import { paused, running } from '../support/libvirt/model/states.ts'
import { RawClient, Refused } from '../support/libvirt/raw-client.ts'

interface Scene extends AsyncDisposable {
  readonly libvirtd: FakeLibvirtd
  readonly client: RawClient
  readonly dom: Domain
}

async function opened(libvirtd: FakeLibvirtd): Promise<RawClient> {
  const client = await RawClient.open(libvirtd.socket)
  await client.call('CONNECT_OPEN', { name: 'qemu:///system' })
  return client
}

async function scene(options: FakeLibvirtdOptions = {}): Promise<Scene> {
  const libvirtd = await fakeLibvirtd({ domains: ['vm'], second: 20, ...options })
  const client = await opened(libvirtd)
  const { dom } = await client.call('DOMAIN_LOOKUP_BY_NAME', { name: 'vm' })
  return {
    libvirtd,
    client,
    dom,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      await libvirtd.close()
    },
  }
}

const codeOf = (work: Promise<unknown>): Promise<number | string> =>
  work.then(
    () => 'done',
    (thrown: unknown) => (thrown instanceof Refused ? thrown.code : (thrown as Error).message),
  )

const backupInto = (path: string): string =>
  `<domainbackup><disks><disk name='vda' type='file'><target file='${path}'/><driver type='qcow2'/></disk></disks></domainbackup>`

describe('the fake libvirtd fails on demand', () => {
  it('at the call that was named, and at no other', async () => {
    await using given = await scene()
    const { libvirtd, client, dom } = given
    libvirtd.faults.fail('DOMAIN_SUSPEND', { code: 38 }, { nth: 2 })
    const outcomes = []
    for (let round = 0; round < 3; round++) outcomes.push(await codeOf(client.call('DOMAIN_SUSPEND', { dom })))
    expect(outcomes).to.deep.equal(['done', 38, 'done'])
  })

  for (const moment of ['before', 'after'] as const) {
    it(`by losing the connection ${moment} the effect`, async () => {
      await using given = await scene()
      const { libvirtd, client, dom } = given
      libvirtd.faults.drop('DOMAIN_SUSPEND', moment)
      expect(await codeOf(client.call('DOMAIN_SUSPEND', { dom }))).to.equal('the daemon hung up')
      expect(libvirtd.domain('vm').state).to.equal(moment === 'before' ? running : paused)
    })
  }

  it('by holding a call until it is let go, while others are answered', async () => {
    await using given = await scene()
    const { libvirtd, client, dom } = given
    const held = libvirtd.faults.hold('DOMAIN_FSFREEZE', 'after')
    const freeze = client.call('DOMAIN_FSFREEZE', { dom, mountpoints: [] })
    await held.reached
    expect(libvirtd.domain('vm').isFrozen).to.equal(true)
    expect((await client.call('DOMAIN_GET_STATE', { dom })).state).to.equal(running)
    held.letGo()
    expect((await freeze).filesystems).to.equal(1)
  })

  it('by answering no further calls of a connection that has too many under way', async () => {
    await using given = await scene({ maxRequests: 2 })
    const { libvirtd, client, dom } = given
    const held = libvirtd.faults.hold('DOMAIN_GET_XML_DESC', 'before')
    const slow = [1, 2].map(() => client.call('DOMAIN_GET_XML_DESC', { dom }))
    await held.reached
    const order: string[] = []
    const starved = client.call('DOMAIN_GET_STATE', { dom }).then(() => order.push('starved'))
    await using other = await opened(libvirtd)
    await other.call('DOMAIN_GET_STATE', { dom })
    order.push('other connection')
    held.letGo()
    await Promise.all([...slow, starved])
    expect(order).to.deep.equal(['other connection', 'starved'])
  })

  it('by losing events, or telling them twice', async () => {
    await using given = await scene()
    const { libvirtd, client, dom } = given
    const { id: eventID } = eventKinds.lifecycle
    await client.call('CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY', { eventID, dom })
    libvirtd.faults.loseEvents('lifecycle')
    await client.call('DOMAIN_SUSPEND', { dom })
    expect(client.messages).to.have.lengthOf(0)
    libvirtd.faults.duplicateEvents('lifecycle')
    await client.call('DOMAIN_RESUME', { dom })
    expect(client.messages).to.have.lengthOf(2)
  })

  it('by a restart, which domains and their frozen guests live through', async () => {
    await using given = await scene()
    const { libvirtd, client, dom } = given
    await client.call('DOMAIN_FSFREEZE', { dom, mountpoints: [] })
    await libvirtd.restart()
    await using again = await opened(libvirtd)
    expect((await again.call('DOMAIN_GET_STATE', { dom })).state).to.equal(running)
    expect((await again.call('DOMAIN_FSTHAW', { dom, mountpoints: [] })).filesystems).to.equal(1)
  })

  it('by a disk that is full when the backup has begun', async () => {
    await using given = await scene()
    const { libvirtd, client, dom } = given
    const letGo = libvirtd.hold('backup')
    const { id: eventID } = eventKinds.jobCompleted
    await client.call('CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY', { eventID, dom })
    const path = join(libvirtd.folder, 'backup.qcow2')
    await client.call('DOMAIN_BACKUP_BEGIN', { dom, backup_xml: backupInto(path), checkpoint_xml: null })
    libvirtd.host.fullFolders.add(libvirtd.folder)
    letGo()
    while (client.messages.length === 0) expect(await client.nextMessage(5000)).to.equal(true)
    const { type, params } = await client.call('DOMAIN_GET_JOB_STATS', { dom, flags: 1 })
    expect(type).to.equal(4)
    expect(params).to.deep.include({ field: 'errmsg', type: 'str', value: 'No space left on device' })
  })

  it('by a domain that goes behind the back of a call', async () => {
    await using given = await scene({ domains: [{ name: 'vm', state: 'shut off' }] })
    const { libvirtd, client, dom } = given
    const gone = libvirtd.domain('vm')
    libvirtd.faults.when('DOMAIN_CREATE', 'before', () => libvirtd.host.undefine(gone, 0))
    expect(await codeOf(client.call('DOMAIN_CREATE', { dom }))).to.equal(42)
  })

  it('by hanging up on who does not answer its questions', async () => {
    await using given = await scene()
    const { client, dom } = given
    await client.call('CONNECT_SUPPORTS_FEATURE', { feature: 10 })
    while (client.messages.length < 5) expect(await client.nextMessage(5000)).to.equal(true)
    await client.closed
    expect(await codeOf(client.call('DOMAIN_GET_STATE', { dom }))).to.equal('the daemon hung up')
  })
})
