// A vCenter of a few methods in the test's process: it greets, lets in, and does beside that what a test says. It can misbehave
// on the wire, and pages as the simulator of the lab does not.
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { JsonObject } from '../../../../src/kernel/json.ts'
import { vcenterOf } from '../../../../src/plugins/vsphere/client/shared-vcenters.ts'
import type { VCenter } from '../../../../src/plugins/vsphere/client/vcenter.ts'
import { realWorld } from '../../../../src/world/real-world.ts'

export interface SeenCall {
  readonly method: string
  readonly body: string
  readonly cookie: string
}

export interface Reply {
  readonly status?: number
  /** What stands in the answer's element. */
  readonly inner?: string
  /** Instead of an envelope. */
  readonly raw?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** `'hang up'` ends the connection, `'silent'` never answers. */
export type Answer = (call: SeenCall) => Reply | 'hang up' | 'silent'

export interface SmallVCenter extends AsyncDisposable {
  readonly config: JsonObject
  readonly seen: SeenCall[]
  readonly lines: string[]
  /** Sessions that are good now. */
  readonly good: Set<string>
  /** Method -> what it answers. */
  readonly answers: Map<string, Answer>
  /** `CreateSnapshot_Task` -> how often. */
  count(method: string): number
  open(signal?: AbortSignal, more?: JsonObject): Promise<VCenter>
}

export const planted = { password: 'plant3d-<passw0rd>&', cookie: 'plant3d-c00kie' } as const

const managers = ['rootFolder:Folder', 'propertyCollector:PropertyCollector', 'viewManager:ViewManager']
  .concat(['sessionManager:SessionManager', 'searchIndex:SearchIndex', 'perfManager:PerformanceManager'])
  .map((pair) => pair.split(':'))
  .map(([name = '', type = '']) => `<${name} type="${type}">${name}</${name}>`)
  .join('')

export async function smallVCenter(folder: string): Promise<SmallVCenter> {
  const seen: SeenCall[] = []
  const lines: string[] = []
  const good = new Set<string>()
  const sockets = new Set<Duplex>()
  const world = realWorld()
  let logins = 0
  const answers = new Map<string, Answer>([
    ['RetrieveServiceContent', () => ({ inner: `<returnval>${managers}</returnval>` })],
    [
      'Login',
      () => {
        logins += 1
        const cookie = `vmware_soap_session="${planted.cookie}-${logins}"`
        good.add(cookie)
        return { inner: '<returnval><key>k</key></returnval>', headers: { 'set-cookie': `${cookie}; Path=/; Secure` } }
      },
    ],
    ['Logout', () => ({})],
  ])
  const free = ['RetrieveServiceContent', 'Login']
  const tls = { key: readFileSync(join(folder, 'serverkey.pem')), cert: readFileSync(join(folder, 'servercert.pem')) }
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    const method = /Body><(\w+)/.exec(body)?.[1] ?? ''
    const call: SeenCall = { method, body, cookie: request.headers.cookie ?? '' }
    seen.push(call)
    const isLetIn = free.includes(method) || good.has(call.cookie)
    const reply = isLetIn
      ? answers.get(method)?.(call)
      : faultReply('NotAuthenticated', 'The session is not authenticated.')
    if (reply === 'silent') return
    if (reply === 'hang up') return void request.socket.destroy()
    const { status = 200, inner = '', raw, headers = {} } = reply ?? faultReply('NotSupported', `no ${method}`)
    response.writeHead(status, { 'content-type': 'text/xml; charset=utf-8', ...headers })
    response.end(raw ?? envelope(`<${method}Response xmlns="urn:vim25">${inner}</${method}Response>`))
  }
  const server = createServer(tls, (request, response) => void respond(request, response))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const config = {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    username: 'u',
    password: planted.password,
    certificate_path: join(folder, 'cacert.pem'),
  }
  const tell = (line: string): void => void lines.push(line)
  return {
    config,
    seen,
    lines,
    good,
    answers,
    count: (method) => seen.filter((call) => call.method === method).length,
    open: (signal = new AbortController().signal, more = {}) =>
      vcenterOf(
        { world, signal, log: { debug: tell, info: tell, warning: tell, error: tell } },
        { ...config, ...more },
      ),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const envelope = (body: string): string =>
  '<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
  ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`

export function faultReply(type: string, message: string): Reply {
  const detail = `<${type}Fault xmlns="urn:vim25" xsi:type="${type}"></${type}Fault>`
  const body = `<soapenv:Fault><faultcode>S</faultcode><faultstring>${message}</faultstring><detail>${detail}</detail></soapenv:Fault>`
  return { status: 500, raw: envelope(body) }
}
