// The loopback server behind `ctx`: who gets in, how large a request may be, what the wire looks like.
import { expect } from 'chai'
import { fault } from '../../../../src/kernel/fault.ts'
import type { Json } from '../../../../src/kernel/json.ts'
import { startProxy, type CtxProxy } from '../../../../src/plugins/script/proxy/server.ts'
import { realWorld } from '../../../../src/world/real-world.ts'

describe('the ctx proxy', () => {
  let proxy: CtxProxy
  const raised: Json[] = []
  const asked: Json[] = []

  beforeEach(async () => {
    raised.length = asked.length = 0
    proxy = await startProxy(realWorld(), {
      command: async (words) => {
        asked.push(words)
        if (words[0] === 'abort') throw fault('script.aborted', { details: { message: 'enough' } })
        if (words[0] === 'fail') throw fault('script.bad_input', { details: { message: 'illegal path: x' } })
        if (words[0] === 'crash') throw new TypeError('broken')
        return words
      },
      raised: (exception) => void raised.push(exception),
    })
  })
  afterEach(() => proxy.close())

  async function post(body: string, url = proxy.url): Promise<{ status: number; reply: Json }> {
    const response = await fetch(url, { method: 'POST', body })
    return { status: response.status, reply: (await response.json()) as Json }
  }

  it('has a new secret path each time', async () => {
    expect(proxy.url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}$/)
    const { origin, pathname } = new URL(proxy.url)
    for (const path of ['', '/', pathname.slice(0, -1), `${pathname}0`, `/${'0'.repeat(32)}`]) {
      expect((await post('{"args": ["x"]}', origin + path)).status, path).to.equal(404)
    }
    expect((await fetch(proxy.url)).status).to.equal(405)
    expect(asked).to.deep.equal([])
  })

  it('speaks the protocol of Cloudify', async () => {
    const ok = await post('{"args": ["a", {"b": 1}]}')
    expect(ok).to.deep.equal({ status: 200, reply: { type: 'result', payload: ['a', { b: 1 }] } })
    const stop = await post('{"args": ["abort"]}')
    expect(stop).to.deep.equal({ status: 200, reply: { type: 'stop_operation', payload: { message: 'enough' } } })
    const error = await post('{"args": ["fail"]}')
    const payload = { type: 'script.bad_input', message: 'illegal path: x', traceback: '' }
    expect(error).to.deep.equal({ status: 200, reply: { type: 'error', payload } })
    expect((await post('{"args": ["crash"]}')).reply).to.have.nested.property('payload.message', 'unexpected: broken')
  })

  it('takes the report of an exception', async () => {
    await post('{"raised": {"kind": "abort", "message": "m"}}')
    expect(raised).to.deep.equal([{ kind: 'abort', message: 'm' }])
  })

  it('refuses what is no request', async () => {
    for (const body of ['', '[]', '{', 'null', '{"args": "x"}']) {
      const { reply } = await post(body)
      expect(reply).to.have.nested.property('payload.message', 'expected a JSON object {"args": [...]}')
    }
    const { status } = await post(JSON.stringify({ args: ['x'.repeat(9 * 1024 * 1024)] }))
    expect(status).to.equal(413)
    expect(asked).to.deep.equal([])
  })

  it('is gone when closed, also for connections that were open', async () => {
    await post('{"args": []}')
    await proxy.close()
    const refused = await fetch(proxy.url, { method: 'POST', body: '{}' }).then(
      () => 'answered',
      () => 'refused',
    )
    expect(refused).to.equal('refused')
    proxy = await startProxy(realWorld(), { command: async () => null, raised: () => undefined })
  })
})
