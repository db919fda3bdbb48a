import { expect } from 'chai'
import { connect, type LibvirtConnection } from '../../../../../src/plugins/libvirt/client/connection.ts'
import { hasCode } from '../../../../../src/plugins/libvirt/client/errors.ts'
import { simulatedWorld } from '../../../../../src/world/simulated-world.ts'
import type { World } from '../../../../../src/world/world.ts'
import { faultOf } from '../../../../support/fault-of.ts'
import { scriptedDaemon, signal, someDomain as dom, world, type ScriptedDaemon } from './scripted-daemon.ts'

interface Both extends AsyncDisposable {
  readonly daemon: ScriptedDaemon
  readonly connection: LibvirtConnection
}

async function both(time: World = world): Promise<Both> {
  const daemon = await scriptedDaemon()
  const connection = await connect({ uri: daemon.uri, signal, world: time })
  return {
    daemon,
    connection,
    async [Symbol.asyncDispose]() {
      connection.close()
      await daemon[Symbol.asyncDispose]()
    },
  }
}

const suspend = (connection: LibvirtConnection, given = signal): Promise<unknown> =>
  connection.call('DOMAIN_SUSPEND', { dom }, { signal: given })

describe('libvirt client: answers', () => {
  it('find their call in whatever order they come, of many that are under way at once', async () => {
    await using ends = await both()
    const { connection, daemon } = ends
    const ids = Array.from({ length: 200 }, (_, id) => id)
    const work = ids.map((id) => connection.call('DOMAIN_LOOKUP_BY_ID', { id }, { signal }))
    await daemon.call(200)
    for (const call of daemon.calls.toReversed()) call.answer({ dom: { ...dom, id: call.args['id'] } })
    const found = await Promise.all(work)
    expect(found.map((one) => one.dom.id)).to.deep.equal(ids)
  })

  it('that come byte by byte, or for nobody, or of kinds that nobody knows, do no harm', async () => {
    await using ends = await both()
    const { connection, daemon } = ends
    const state = connection.call('DOMAIN_GET_STATE', { dom }, { signal })
    const { peer, frame } = await daemon.call(1)
    peer.send({ ...frame, type: 1, serial: 4711 })
    peer.send({ type: 2, procedure: 999 })
    peer.send({ type: 2, program: 0x20008088, procedure: 1 })
    peer.send({ type: 3, serial: 12 })
    peer.send({ type: 0, serial: frame.serial })
    peer.send({ type: 9 })
    const bytes = '0000002420008086' + '00000001000000d4' + '00000001' + frame.serial.toString(16).padStart(8, '0')
    for (const byte of Buffer.from(`${bytes}00000000${'00000003'}${'00000001'}`, 'hex'))
      peer.socket.write(Buffer.of(byte))
    expect(await state).to.deep.equal({ state: 3, reason: 1 })
  })

  it('that cannot be understood fail their call alone', async () => {
    await using ends = await both()
    const { connection, daemon } = ends
    const cut = faultOf(connection.call('DOMAIN_GET_STATE', { dom }, { signal }))
    ;(await daemon.call(1)).peer.send({ ...daemon.calls[0]?.frame, type: 1 })
    expect(await cut).to.include({ code: 'libvirt.bad_message', effect: 'none' })
    const other = faultOf(suspend(connection))
    const { peer, frame } = await daemon.call(2)
    peer.send({ ...frame, type: 1, procedure: 999 })
    expect(await other).to.include({ code: 'libvirt.bad_message', effect: 'unknown' })
    const strange = faultOf(suspend(connection))
    ;(await daemon.call(3)).peer.send({ ...daemon.calls[2]?.frame, type: 1, status: 7 })
    expect((await strange).message).to.contain('status 7')
    const noError = faultOf(suspend(connection))
    ;(await daemon.call(4)).peer.send({ ...daemon.calls[3]?.frame, type: 1, status: 1 }, (to) => to.i32(42))
    expect((await noError).message).to.contain('the error that answers DOMAIN_SUSPEND')
    expect(connection.lost.aborted).to.equal(false)
  })

  it('that are errors say by their code what was wrong, and whether something may have happened', async () => {
    await using ends = await both()
    const { connection, daemon } = ends
    const cases = [
      [42, 'NO_DOMAIN', 'libvirt.not_found', 'none'],
      [55, 'OPERATION_INVALID', 'libvirt.wrong_state', 'none'],
      [68, 'OPERATION_TIMEOUT', 'libvirt.busy', 'none'],
      [86, 'AGENT_UNRESPONSIVE', 'libvirt.agent_unresponsive', 'unknown'],
      [38, 'SYSTEM_ERROR', 'libvirt.call_failed', 'unknown'],
      [78, 'OPERATION_ABORTED', 'libvirt.call_failed', 'unknown'],
    ] as const
    for (const [index, [code, name, fault, effect]] of cases.entries()) {
      const failure = faultOf(suspend(connection))
      ;(await daemon.call(index + 1)).fail(code, 'in libvirt’s words')
      const problem = await failure
      expect(problem).to.include({ code: fault, effect, message: 'DOMAIN_SUSPEND: in libvirt’s words' })
      expect([hasCode(problem, name), hasCode(problem, 'NO_SUPPORT')]).to.deep.equal([true, false])
    }
    const read = faultOf(connection.call('DOMAIN_GET_STATE', { dom }, { signal }))
    ;(await daemon.call(7)).fail(38, 'x')
    expect(await read).to.include({ code: 'libvirt.call_failed', effect: 'none' })
    const xml = faultOf(connection.call('DOMAIN_DEFINE_XML', { xml: '<a' }, { signal }))
    ;(await daemon.call(8)).fail(35, "(domain_definition):2: tag mismatch\n<graphics passwd='swordfish'>\n---^")
    expect((await xml).message).to.equal('DOMAIN_DEFINE_XML: (domain_definition):2: tag mismatch')
    expect(JSON.stringify([await xml, (await xml).cause])).to.not.contain('swordfish')
    const agent = faultOf(connection.call('DOMAIN_FSFREEZE', { dom, mountpoints: [] }, { signal }))
    ;(await daemon.call(9)).fail(1, 'fsfreeze hook has failed with status 1')
    expect(await agent).to.include({ code: 'libvirt.agent_error', effect: 'unknown', blame: 'guest' })
  })
})

describe('libvirt client: any bytes', () => {
  it('end in an answer, a fault or a lost connection: nothing hangs and nothing breaks', async () => {
    const random = simulatedWorld(2026)
    const number = (below: number): number => Number.parseInt(random.randomText(7, '0123456789abcdef'), 16) % below
    const ends = { answered: 0, failed: 0, lost: 0 }
    for (let round = 0; round < 60; round++) {
      await using pair = await both()
      const { connection, daemon } = pair
      await Promise.all([
        answering(daemon, 1, connection.events.listen('lifecycle', { onEvent() {}, signal })),
        answering(daemon, 2, connection.events.listen('jobCompleted', { onEvent() {}, signal })),
      ])
      const work = [
        faultOf(connection.call('CONNECT_LIST_ALL_DOMAINS', {}, { signal })),
        faultOf(connection.call('CONNECT_GET_ALL_DOMAIN_STATS', { doms: [], stats: 0 }, { signal })),
        faultOf(suspend(connection)),
      ].map((one) => one.catch(() => undefined))
      const { peer } = await daemon.call(5)
      for (let index = 0; index < 40; index++) {
        const call = daemon.calls[2 + number(3)]
        const known = { ...call?.frame, type: number(4), status: number(3) }
        const event = { type: 2, procedure: [318, 363, 339, 1][number(4)] ?? 0 }
        const payload = Buffer.from(random.randomText(2 * number(60), '0000000000000001f'), 'hex')
        // At the very end something that is no message at all.
        if (index === 39) peer.socket.end(payload)
        else peer.send(number(3) === 0 ? event : known, (to) => to.raw(payload))
      }
      for (const problem of await Promise.all(work)) {
        if (problem === undefined) ends.answered++
        else if (problem.code === 'libvirt.connection_lost') ends.lost++
        else ends.failed++
      }
    }
    expect(ends.answered + ends.failed + ends.lost).to.equal(180)
    expect(
      [ends.answered, ends.failed, ends.lost].every((count) => count > 0),
      JSON.stringify(ends),
    ).to.equal(true)
  })
})

/** Answers the call of that number, which registers events. */
async function answering(daemon: ScriptedDaemon, count: number, work: Promise<unknown>): Promise<void> {
  ;(await daemon.call(count)).answer({ callbackID: count })
  await work
}

describe('libvirt client: a call that is given up', () => {
  it('may have happened when it was sent, and has not when it was not', async () => {
    await using ends = await both()
    const { connection, daemon } = ends
    const early = new AbortController()
    early.abort(new Error('before'))
    const unsent = await suspend(connection, early.signal).catch((problem: Error) => problem)
    expect(unsent).to.equal(early.signal.reason)
    const change = new AbortController()
    const changed = faultOf(suspend(connection, change.signal))
    await daemon.call(1)
    change.abort(new Error('enough'))
    expect(await changed).to.include({ code: 'libvirt.given_up', effect: 'unknown' })
    const read = new AbortController()
    const asked = connection.call('DOMAIN_GET_STATE', { dom }, { signal: read.signal })
    await daemon.call(2)
    read.abort(new Error('enough'))
    expect(await asked.catch((problem: Error) => problem)).to.equal(read.signal.reason)
    // Late answers find nobody.
    for (const call of daemon.calls) call.answer({ state: 1, reason: 1 })
    const again = connection.call('DOMAIN_GET_STATE', { dom }, { signal })
    ;(await daemon.call(3)).answer({ state: 5, reason: 0 })
    expect(await again).to.deep.equal({ state: 5, reason: 0 })
  })

  it('by its deadline says so; quick ones have one by themselves', async () => {
    const time = simulatedWorld(1)
    await using ends = await both(time)
    const { connection, daemon } = ends
    const own = faultOf(connection.call('DOMAIN_SUSPEND', { dom }, { signal, deadline: 3000 }))
    const usual = faultOf(connection.call('DOMAIN_GET_STATE', { dom }, { signal }))
    const slow = [suspend(connection), suspend(connection), suspend(connection)]
    const waiting = faultOf(connection.call('DOMAIN_SUSPEND', { dom }, { signal, deadline: 3000 }))
    await daemon.call(5)
    await time.advance(3000)
    expect(await waiting).to.include({ code: 'libvirt.no_answer', effect: 'none' })
    expect(await own).to.include({ code: 'libvirt.no_answer', effect: 'unknown' })
    expect((await own).message).to.contain('did not answer DOMAIN_SUSPEND within 3 s')
    await time.advance(57_000)
    expect(await usual).to.include({ code: 'libvirt.no_answer', effect: 'none' })
    await time.advance(10 * 60_000)
    for (const call of daemon.calls) call.answer()
    expect(await Promise.all(slow)).to.deep.equal([{}, {}, {}])
    expect(daemon.calls.length).to.equal(5)
  })
})

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe('libvirt client: slow calls', () => {
  it('are four at once on a connection, so that the daemon goes on reading it', async () => {
    await using ends = await both()
    const { connection, daemon } = ends
    const work = Array.from({ length: 6 }, () => suspend(connection))
    const quick = connection.call('DOMAIN_GET_STATE', { dom }, { signal })
    await daemon.call(5)
    expect(daemon.calls.map(({ name }) => name)).to.deep.equal([
      ...Array.from({ length: 4 }, () => 'DOMAIN_SUSPEND'),
      'DOMAIN_GET_STATE',
    ])
    daemon.calls[4]?.answer({ state: 1, reason: 1 })
    expect(await quick).to.deep.equal({ state: 1, reason: 1 })
    daemon.calls[0]?.answer()
    await daemon.call(6)
    for (const call of daemon.calls.slice(1, 4)) call.answer()
    daemon.calls[5]?.answer()
    ;(await daemon.call(7)).answer()
    await Promise.all(work)
  })

  it('that were given up still count until the daemon is done with them; one that waited is simply not sent', async () => {
    await using ends = await both()
    const { connection, daemon } = ends
    const enough = new AbortController()
    const held = Array.from({ length: 4 }, () => faultOf(suspend(connection, enough.signal)))
    await daemon.call(4)
    const waiting = new AbortController()
    const unsent = suspend(connection, waiting.signal).catch((problem: Error) => problem)
    const last = suspend(connection)
    enough.abort(new Error('enough'))
    waiting.abort(new Error('no longer'))
    expect((await Promise.all(held)).map(({ effect }) => effect)).to.deep.equal(Array(4).fill('unknown'))
    expect(await unsent).to.equal(waiting.signal.reason)
    const quick = connection.call('DOMAIN_GET_STATE', { dom }, { signal })
    ;(await daemon.call(5)).answer({ state: 1, reason: 1 })
    await quick
    expect(daemon.calls.map(({ name }) => name).at(-1)).to.equal('DOMAIN_GET_STATE')
    daemon.calls[0]?.answer()
    ;(await daemon.call(6)).answer()
    await last
    expect(daemon.calls.length).to.equal(6)
  })
})

describe('libvirt client: a connection that is lost', () => {
  it('fails all that is under way, and says of each whether it may have happened', async () => {
    await using ends = await both()
    const { connection, daemon } = ends
    const changes = Array.from({ length: 5 }, () => faultOf(suspend(connection)))
    const read = faultOf(connection.call('DOMAIN_GET_STATE', { dom }, { signal }))
    ;(await daemon.call(5)).peer.socket.destroy()
    const faults = await Promise.all([...changes, read])
    expect(faults.map(({ code }) => code)).to.deep.equal(Array(6).fill('libvirt.connection_lost'))
    // The fifth change still waited for its turn.
    expect(faults.map(({ effect }) => effect)).to.deep.equal([...Array(4).fill('unknown'), 'none', 'none'])
    expect(await faultOf(suspend(connection))).to.include({ code: 'libvirt.connection_lost', effect: 'none' })
    expect(connection.lost.aborted).to.equal(true)
  })

  it('is one whose peer sends what is no message', async () => {
    for (const bytes of ['00000000', 'ffffffff', '0000001b']) {
      await using ends = await both()
      const { connection, daemon } = ends
      const change = faultOf(suspend(connection))
      ;(await daemon.call(1)).peer.socket.write(Buffer.from(bytes, 'hex'))
      expect((await change).message).to.contain('a message that says it has')
    }
  })

  it('that we end is ended without a word, and not before the daemon has answered: it may die of that', async () => {
    await using ends = await both()
    const { connection, daemon } = ends
    const registered = faultOf(connection.register('lifecycle', signal))
    const call = await daemon.call(1)
    const gone = new Promise<string>((resolve) => call.peer.socket.once('end', () => resolve('gone')))
    connection.close()
    expect((await registered).message, 'at once').to.contain('we closed it')
    expect(await Promise.race([gone, turns(20)])).to.equal(undefined)
    call.answer({ callbackID: 1 })
    expect(await gone).to.equal('gone')
    expect(daemon.calls).to.have.length(1)
  })

  it('that we end is ended also when the daemon never answers', async () => {
    await using ends = await both()
    const { connection, daemon } = ends
    const change = faultOf(suspend(connection))
    const { peer } = await daemon.call(1)
    const gone = new Promise((resolve) => peer.socket.once('end', resolve))
    connection.close()
    await Promise.all([change, gone])
  })

  it('is told by its close, which leaves nothing waiting', async () => {
    await using ends = await both()
    const { connection, daemon } = ends
    const change = faultOf(suspend(connection))
    await daemon.call(1)
    connection.close()
    connection.close()
    expect((await change).message).to.contain('we closed it')
  })
})
